// What staff announce, on every display: a line at the lower edge, one text after the other; an emergency stands out
// above everything, in both languages, until it is ended.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, textOf, setText } = motcua;

  const POLL_MS = 30000;
  const PAGE_MS = 9000;
  const REPEAT_MS = 120000;
  const MAX_AGE_MS = 600000;

  class NoticeTicker {
    // audioPlayer: null on a display that makes no sound. hasTicker: the layout shows ordinary texts itself.
    constructor({ endpoints, audioPlayer, hasTicker, now }) {
      this.endpoints = endpoints;
      this.audioPlayer = audioPlayer;
      this.hasTicker = hasTicker;
      this.now = now;
      this.at = 0;
      /** @type {Json[]} */
      this.urgent = [];
      /** @type {string[]} */
      this.lines = [];
      /** @type {Record<number, number>} */
      this.spokenAt = {};
      setInterval(() => this.nextText(), PAGE_MS);
      setInterval(() => this.speak(), 3000);
      if (hasTicker) this.notices = [];
      else this.poll();
    }

    poll() {
      motcua
        .getJson(this.endpoints.media)
        .then((media) => this.update(media))
        .catch(() => {}) // asked again
        .then(() => setTimeout(() => this.poll(), POLL_MS));
    }

    update(media) {
      this.notices = media.notices;
      const secondary = motcua.language === "vi" ? "en" : "vi";
      this.lines = [];
      if (!this.hasTicker) media.announcements.forEach((text) => [text[motcua.language], text[secondary]].forEach((line) => line && this.lines.push(line)));
      this.nextText();
    }

    // Comes with the state of the hall: at once.
    emergency(urgent) {
      this.urgent = urgent || [];
      byId("emergency").hidden = !this.urgent.length;
      document.body.classList.toggle("has-emergency", this.urgent.length > 0);
      const one = this.urgent[this.at % Math.max(1, this.urgent.length)];
      if (!one) return;
      const secondary = byId("emergency-secondary");
      setText(byId("emergency-words"), textOf(one.text));
      setText(secondary, one.text[secondary.lang] || "");
      byId("emergency").dataset.long = textOf(one.text).length > 110 ? "1" : "0";
    }

    nextText() {
      this.at += 1;
      const line = this.lines[this.at % Math.max(1, this.lines.length)] || "";
      byId("news").hidden = !line;
      document.body.classList.toggle("has-news", Boolean(line));
      setText(byId("news"), line);
      byId("news").dataset.long = line.length > 90 ? "1" : "0";
      if (this.urgent.length > 1) this.emergency(this.urgent);
    }

    // Only on the display that holds the audio lease; an emergency every two minutes.
    speak() {
      if (!this.audioPlayer || !this.audioPlayer.maySpeak()) return;
      const at = performance.now();
      this.urgent.concat((this.notices || []).filter((one) => !one.urgent)).forEach((one) => {
        const before = this.spokenAt[one.id];
        const isDue = before === undefined ? one.urgent || this.now() - Date.parse(one.since) < MAX_AGE_MS : one.urgent && at - before > REPEAT_MS;
        if (!one.spoken || !isDue) return;
        this.spokenAt[one.id] = at;
        this.audioPlayer.chain = this.audioPlayer.chain.then(() => this.audioPlayer.play(this.endpoints.notice(one.id)));
      });
    }
  }

  motcua.NoticeTicker = NoticeTicker;
})();
