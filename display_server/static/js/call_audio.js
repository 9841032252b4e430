// Plays the spoken calls one after the other, on the display that holds the server's lease. A browser that blocks sound
// reports it, and another display plays them.
(function () {
  "use strict";
  const motcua = window.motcua;

  const POLL_MS = 2000;
  // LEASE_SECONDS of the server.
  const LEASE_MS = 6000;
  const GESTURES = ["pointerdown", "click", "keydown"];
  // A sound that does not go on for so long has failed: the calls must.
  const STUCK_MS = 5000;
  // More unspoken calls than this, left by a display that failed, are played in their short form.
  const BURST_LENGTH = 3;

  class CallAudioPlayer {
    // mode: "on" (always plays), "auto" (one display of its group plays), "off".
    // onMuted(true|false): whether the browser blocks a sound that ought to be played here.
    // isOver(call): its visit has ended. onSpoken(call): it has been played to the end.
    constructor({ endpoints, mode, group, freshSeconds, memoryKey, onMuted, isOver, onSpoken }) {
      this.endpoints = endpoints;
      this.mode = mode;
      this.group = group;
      this.freshMs = freshSeconds * 1000;
      this.onMuted = onMuted;
      this.isOver = isOver;
      this.onSpoken = onSpoken;
      this.screen = CallAudioPlayer.displayId(memoryKey);
      this.leaseUntil = 0;
      this.quiet = false;
      this.spoken = 0;
      this.unspoken = [];
      this.chain = Promise.resolve();
      this.audio = new Audio();
      this.isPlaybackBlocked = false;
      if (mode === "off") return;
      this.chime = new motcua.Chime(() => this.refreshNow());
      GESTURES.forEach((kind) => document.addEventListener(kind, () => this.unlock()));
      setInterval(() => this.poll(), POLL_MS);
    }

    // Kept by the tab, so that a page that was reloaded keeps its lease.
    static displayId(key) {
      const memory = motcua.sessionMemory(key);
      const made = Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(36)).join("");
      const id = memory.load() || made;
      memory.save(id);
      return id;
    }

    // The lease ends by itself before the server gives it to another display.
    maySpeak() {
      return !this.quiet && performance.now() < this.leaseUntil;
    }

    // A promise that ends with the sound; at once on a display that plays nothing.
    announce(call, form) {
      if (this.maySpeak()) return this.enqueue(call, form);
      if (!this.quiet) this.unspoken.push({ call, at: performance.now() });
      return this.chain;
    }

    enqueue(call, form) {
      this.chain = this.chain.then(() => (this.isOver(call) ? undefined : this.playCall(call, form)));
      return this.chain;
    }

    playCall(call, form) {
      return this.play(this.endpoints.voice(call.seq, form)).then((played) => {
        if (played) this.spoken = Math.max(this.spoken, call.seq);
        if (played) this.onSpoken(call);
        else this.unspoken.push({ call, at: performance.now() });
        this.refreshNow();
      });
    }

    // -> whether it sounded. Where the server has no voice, the browser's own chime sounds.
    play(address) {
      return new Promise((resolve) => {
        const audio = this.audio;
        let lastProgressAt = performance.now();
        const watchdog = setInterval(() => {
          if (performance.now() - lastProgressAt > STUCK_MS) fail();
        }, 500);
        const end = (played) => {
          clearInterval(watchdog);
          audio.onended = audio.onerror = audio.ontimeupdate = null;
          resolve(played);
        };
        const fail = () => {
          audio.pause();
          const { chime } = this;
        end(chime ? chime.play().then(() => !chime.isMuted()) : false);
        };
        audio.ontimeupdate = () => (lastProgressAt = performance.now());
        audio.onended = () => end(true);
        audio.onerror = fail;
        audio.src = address;
        const started = audio.play();
        if (!started) return;
        started.then(
          () => this.setBlocked(false),
          (error) => {
            if (error.name !== "NotAllowedError") return;
            this.setBlocked(true);
            end(false);
          },
        );
      });
    }

    setBlocked(isBlocked) {
      if (this.isPlaybackBlocked === isBlocked) return;
      this.isPlaybackBlocked = isBlocked;
      this.refreshNow();
    }

    isMuted() {
      if (this.mode === "off") return false;
      return this.isPlaybackBlocked || Boolean(this.chime && this.chime.context && this.chime.isMuted());
    }

    // Browsers let sound begin only within a touch; the chime says that it is on.
    unlock() {
      if (this.unlocking || !this.isMuted()) return;
      this.unlocking = true;
      const attempt = this.play(this.endpoints.chime).then(() => {
        this.unlocking = false;
      });
      this.chain = Promise.all([this.chain, attempt]).then(() => {});
    }

    refreshNow() {
      clearTimeout(this.pollTimer);
      this.pollTimer = setTimeout(() => this.poll(), 50);
    }

    poll() {
      const { screen, mode, group, spoken } = this;
      const able = !this.isMuted();
      const until = performance.now() + LEASE_MS;
      const options = {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ screen, wish: mode, group, spoken, able }),
      };
      motcua
        .getJson(this.endpoints.speaker, options)
        .then((response) => this.update(response, until))
        .catch(() => {}); // polled again soon; the last response holds until then
    }

    update({ speak, quiet, nobody, spoken }, until) {
      this.leaseUntil = speak ? until : 0;
      this.quiet = quiet;
      this.onMuted(this.isMuted() && !quiet && (nobody || this.mode === "on"));
      const now = performance.now();
      const isLeft = ({ call, at }) => call.seq > spoken && now - at <= this.freshMs && !this.isOver(call);
      const left = quiet ? [] : this.unspoken.filter(isLeft);
      this.unspoken = speak ? [] : left;
      // The display that played before has failed: what it did not play is played here.
      if (speak) left.forEach(({ call }) => this.enqueue(call, left.length > BURST_LENGTH ? "short" : "full"));
    }
  }

  motcua.CallAudioPlayer = CallAudioPlayer;
})();
