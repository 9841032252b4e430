// Two soft strokes of a bell, made by the browser itself. A browser that blocks sound is noticed and reported.
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
  const RING_SECONDS = 1.3;
  const CHIME_MS = 1700;

  class Chime {
    // onMuted(true|false): whether the browser withholds the sound until somebody touches the screen.
    constructor(onMuted) {
      const Context = window.AudioContext || window.webkitAudioContext;
      this.context = Context ? new Context() : null;
      this.onMuted = onMuted;
      if (!this.context) return;
      this.context.onstatechange = () => this.notifyMuted();
      ["pointerdown", "keydown"].forEach((kind) => document.addEventListener(kind, () => this.unlock()));
      this.unlock();
      this.notifyMuted();
    }

    isMuted() {
      return !this.context || this.context.state !== "running";
    }

    notifyMuted() {
      this.onMuted(this.isMuted());
    }

    unlock() {
      if (!this.context || this.context.state === "running") return;
      const resumed = this.context.resume();
      if (resumed) resumed.then(() => this.notifyMuted(), () => this.notifyMuted());
    }

    // A promise that ends with the sound; at once when there is none.
    play() {
      if (this.isMuted()) return Promise.resolve();
      const { context } = this;
      if (context) STROKES.forEach((stroke) => this.strike(context, stroke));
      return new Promise((resolve) => void setTimeout(resolve, CHIME_MS));
    }

    strike(context, { at, pitch }) {
      const start = context.currentTime + at;
      PARTIALS.forEach(({ times, loud }) => {
        const tone = context.createOscillator();
        const volume = context.createGain();
        tone.frequency.value = pitch * times;
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(loud, start + 0.01);
        volume.gain.exponentialRampToValueAtTime(0.0001, start + RING_SECONDS);
        tone.connect(volume).connect(context.destination);
        tone.start(start);
        tone.stop(start + RING_SECONDS);
      });
    }
  }

  motcua.Chime = Chime;
})();
