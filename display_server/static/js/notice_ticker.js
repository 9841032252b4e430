// What staff announce, on every display: a line at the lower edge, one text after the other; an emergency stands out
// above everything, in both languages, until it is ended.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, textOf, write } = motcua;

  const ASK_EVERY = 30000;
  const TURN_EVERY = 9000;
  const SAY_AGAIN = 120000;
  const FRESH = 600000;

  class Notices {
    // voice: null on a display that makes no sound. hasTicker: the layout shows ordinary texts itself.
    constructor({ doors, voice, hasTicker, now }) {
      Object.assign(this, { doors, voice, hasTicker, now, at: 0, urgent: [], lines: [], said: {} });
      setInterval(() => this.turn(), TURN_EVERY);
      setInterval(() => this.say(), 3000);
      if (hasTicker) this.notices = [];
      else this.ask();
    }

    ask() {
      fetch(this.doors.media, { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
        .then((media) => this.take(media))
        .catch(() => {}) // asked again
        .then(() => setTimeout(() => this.ask(), ASK_EVERY));
    }

    take(media) {
      this.notices = media.notices;
      const other = motcua.language === "vi" ? "en" : "vi";
      this.lines = [];
      if (!this.hasTicker) media.announcements.forEach((text) => [text[motcua.language], text[other]].forEach((line) => line && this.lines.push(line)));
      this.turn();
    }

    // Comes with the state of the hall: at once.
    emergency(urgent) {
      this.urgent = urgent || [];
      byId("emergency").hidden = !this.urgent.length;
      document.body.classList.toggle("has-emergency", this.urgent.length > 0);
      const one = this.urgent[this.at % Math.max(1, this.urgent.length)];
      if (!one) return;
      const other = byId("emergency-other");
      write(byId("emergency-words"), textOf(one.text));
      write(other, one.text[other.lang] || "");
      byId("emergency").dataset.long = textOf(one.text).length > 110 ? "1" : "0";
    }

    turn() {
      this.at += 1;
      const line = this.lines[this.at % Math.max(1, this.lines.length)] || "";
      byId("news").hidden = !line;
      document.body.classList.toggle("has-news", Boolean(line));
      write(byId("news"), line);
      byId("news").dataset.long = line.length > 90 ? "1" : "0";
      if (this.urgent.length > 1) this.emergency(this.urgent);
    }

    // Only by the display that speaks; an emergency every two minutes.
    say() {
      if (!this.voice || !this.voice.speaks()) return;
      const at = performance.now();
      this.urgent.concat((this.notices || []).filter((one) => !one.urgent)).forEach((one) => {
        const before = this.said[one.id];
        const isDue = before === undefined ? one.urgent || this.now() - Date.parse(one.since) < FRESH : one.urgent && at - before > SAY_AGAIN;
        if (!one.spoken || !isDue) return;
        this.said[one.id] = at;
        this.voice.turn = this.voice.turn.then(() => this.voice.play(this.doors.notice(one.id)));
      });
    }
  }

  motcua.Notices = Notices;
})();
