// Two soft strokes of a bell, made by the browser itself. A browser that may not sound yet is noticed and said.
(function () {
  "use strict";
  const motcua = window.motcua;

  const STROKES = [
    { at: 0, pitch: 659.25 },
    { at: 0.42, pitch: 523.25 },
  ];
  const PARTIALS = [
    { times: 1, loud: 0.5 },
    { times: 2, loud: 0.16 },
    { times: 3.01, loud: 0.05 },
  ];
  const RINGS = 1.3;
  const LASTS = 1700;

  class Chime {
    // onMuted(true|false): whether the browser withholds the sound until somebody touches the screen.
    constructor(onMuted) {
      const Context = window.AudioContext || window.webkitAudioContext;
      this.context = Context ? new Context() : null;
      this.onMuted = onMuted;
      if (!this.context) return;
      this.context.onstatechange = () => this.tell();
      ["pointerdown", "keydown"].forEach((kind) => document.addEventListener(kind, () => this.unlock()));
      this.unlock();
      this.tell();
    }

    isMuted() {
      return !this.context || this.context.state !== "running";
    }

    tell() {
      this.onMuted(this.isMuted());
    }

    unlock() {
      if (!this.context || this.context.state === "running") return;
      const resumed = this.context.resume();
      if (resumed) resumed.then(() => this.tell(), () => this.tell());
    }

    // A promise that ends with the sound; at once when there is none.
    play() {
      if (this.isMuted()) return Promise.resolve();
      STROKES.forEach((stroke) => this.strike(stroke));
      return new Promise((resolve) => setTimeout(resolve, LASTS));
    }

    strike({ at, pitch }) {
      const start = this.context.currentTime + at;
      PARTIALS.forEach(({ times, loud }) => {
        const tone = this.context.createOscillator();
        const volume = this.context.createGain();
        tone.frequency.value = pitch * times;
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(loud, start + 0.01);
        volume.gain.exponentialRampToValueAtTime(0.0001, start + RINGS);
        tone.connect(volume).connect(this.context.destination);
        tone.start(start);
        tone.stop(start + RINGS);
      });
    }
  }

  motcua.Chime = Chime;
})();
