// Says the calls: one after the other, on the screen that the server lets speak. A browser that may not sound is
// noticed; it then lets another screen speak.
(function () {
  "use strict";
  const motcua = window.motcua;

  const ASK_EVERY = 2000;
  // LEASE_SECONDS of the server.
  const LEASE = 6000;
  const GESTURES = ["pointerdown", "click", "keydown"];
  // A sound that does not go on for so long has failed: the calls must.
  const STUCK_AFTER = 5000;
  // What a dead screen left unsaid is said in short when it is more than this.
  const MANY_UNSAID = 3;

  class Voice {
    // wish: "on" (always speaks), "auto" (one screen of its group speaks), "off".
    // onMuted(true|false): whether the browser withholds a sound that ought to be heard from here.
    // isOver(call): its visit has ended. onSpoken(call): it has been said to the end.
    constructor({ doors, wish, group, freshSeconds, memoryKey, onMuted, isOver, onSpoken }) {
      this.doors = doors;
      this.wish = wish;
      this.group = group;
      this.freshMs = freshSeconds * 1000;
      this.onMuted = onMuted;
      this.isOver = isOver;
      this.onSpoken = onSpoken;
      this.screen = Voice.screenId(memoryKey);
      this.maySpeakUntil = 0;
      this.quiet = false;
      this.spoken = 0;
      this.unspoken = [];
      this.turn = Promise.resolve();
      this.audio = new Audio();
      this.mayNotPlay = false;
      if (wish === "off") return;
      this.chime = new motcua.Chime(() => this.askNow());
      GESTURES.forEach((kind) => document.addEventListener(kind, () => this.unlock()));
      setInterval(() => this.ask(), ASK_EVERY);
    }

    // Kept by the tab, so that a page that was reloaded is still the screen that speaks.
    static screenId(key) {
      const memory = motcua.Announcer.sessionMemory(key);
      const made = Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(36)).join("");
      const id = memory.load() || made;
      memory.save(id);
      return id;
    }

    // The right to speak ends by itself, before the server gives it to another screen.
    speaks() {
      return !this.quiet && performance.now() < this.maySpeakUntil;
    }

    // A promise that ends with the sound; at once on a screen that does not speak.
    announce(call, form) {
      if (this.speaks()) return this.say(call, form);
      if (!this.quiet) this.unspoken.push({ call, at: performance.now() });
      return this.turn;
    }

    say(call, form) {
      this.turn = this.turn.then(() => (this.isOver(call) ? null : this.sayNow(call, form)));
      return this.turn;
    }

    sayNow(call, form) {
      return this.play(this.doors.voice(call.seq, form)).then((played) => {
        if (played) this.spoken = Math.max(this.spoken, call.seq);
        if (played) this.onSpoken(call);
        else this.unspoken.push({ call, at: performance.now() });
        this.askNow();
      });
    }

    // -> whether it sounded. Where the server has no voice, the browser's own chime sounds.
    play(address) {
      return new Promise((resolve) => {
        const audio = this.audio;
        let lastSign = performance.now();
        const stuck = setInterval(() => {
          if (performance.now() - lastSign > STUCK_AFTER) fail();
        }, 500);
        const end = (played) => {
          clearInterval(stuck);
          audio.onended = audio.onerror = audio.ontimeupdate = null;
          resolve(played);
        };
        const fail = () => {
          audio.pause();
          end(this.chime.play().then(() => !this.chime.isMuted()));
        };
        audio.ontimeupdate = () => (lastSign = performance.now());
        audio.onended = () => end(true);
        audio.onerror = fail;
        audio.src = address;
        const started = audio.play();
        if (!started) return;
        started.then(
          () => this.forbid(false),
          (error) => {
            if (error.name !== "NotAllowedError") return;
            this.forbid(true);
            end(false);
          },
        );
      });
    }

    forbid(forbidden) {
      if (this.mayNotPlay === forbidden) return;
      this.mayNotPlay = forbidden;
      this.askNow();
    }

    isMuted() {
      if (this.wish === "off") return false;
      return this.mayNotPlay || Boolean(this.chime && this.chime.context && this.chime.isMuted());
    }

    // Browsers let sound begin only within a touch; the chime says that it is on.
    unlock() {
      if (this.unlocking || !this.isMuted()) return;
      this.unlocking = true;
      const tried = this.play(this.doors.chime).then(() => {
        this.unlocking = false;
      });
      this.turn = Promise.all([this.turn, tried]);
    }

    askNow() {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.ask(), 50);
    }

    ask() {
      const { screen, wish, group, spoken } = this;
      const able = !this.isMuted();
      const until = performance.now() + LEASE;
      fetch(this.doors.speaker, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ screen, wish, group, spoken, able }),
      })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
        .then((answer) => this.take(answer, until))
        .catch(() => {}); // asked again soon; until then what was answered last holds
    }

    take({ speak, quiet, nobody, spoken }, until) {
      this.maySpeakUntil = speak ? until : 0;
      this.quiet = quiet;
      this.onMuted(this.isMuted() && !quiet && (nobody || this.wish === "on"));
      const now = performance.now();
      const isLeft = ({ call, at }) => call.seq > spoken && now - at <= this.freshMs && !this.isOver(call);
      const left = quiet ? [] : this.unspoken.filter(isLeft);
      this.unspoken = speak ? [] : left;
      // The screen that spoke has died: what it did not say is said here.
      if (speak) left.forEach(({ call }) => this.say(call, left.length > MANY_UNSAID ? "short" : "full"));
    }
  }

  motcua.Voice = Voice;
})();
