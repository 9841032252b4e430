// Over a counter, after the visit: five faces and, if the visitor wants, reasons. The next call ends it.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, words, setText } = motcua;

  const API_URL = "/api/v1/hall/rating";
  const AUTO_SEND_MS = 8000;
  const THANKS_MS = 2500;
  const JSON_HEADERS = { "Content-Type": "application/json", Accept: "application/json" };

  class Rating {
    constructor() {
      this.callId = null;
      this.score = 0;
      this.lastCall = 0;
      this.title = byId("rating-title").innerHTML;
      this.faces = Array.from(byId("faces").querySelectorAll("button"));
      this.reasons = Array.from(byId("reasons").children);
      this.faces.forEach((face) => face.addEventListener("click", () => this.choose(Number(face.dataset.score))));
      this.reasons.forEach((item) => item.firstElementChild.addEventListener("click", (event) => this.mark(event.currentTarget)));
      byId("rating-send").addEventListener("click", () => this.send());
    }

    // A visit has ended, or the page has just been loaded: the server knows whether there is one to ask about.
    // A visit so short that no message showed it is known by its call.
    follow(before, state, hasVisitor, lastCall) {
      const wasThere = before !== state && (before === null || before === "called" || before === "serving");
      const wasShort = lastCall > this.lastCall;
      this.lastCall = Math.max(this.lastCall, lastCall);
      if (hasVisitor) this.end();
      else if (wasThere || wasShort) this.load();
    }

    load() {
      fetch(API_URL, { cache: "no-store", headers: { Accept: "application/json" } })
        .then((response) => (response.ok ? response.json() : { call_id: null }))
        .then((visit) => {
          if (visit.call_id !== null && this.callId === null) this.open(visit.call_id);
        })
        .catch(() => {}); // nobody is asked then
    }

    open(callId) {
      this.callId = callId;
      this.choose(0);
      byId("rating-title").innerHTML = this.title;
      byId("faces").hidden = false;
      byId("rating").hidden = false;
      this.closeTimer = setTimeout(() => this.end(), Number(byId("rating").dataset.seconds) * 1000);
    }

    choose(score) {
      this.score = score;
      this.faces.forEach((face) => face.setAttribute("aria-pressed", String(Number(face.dataset.score) === score)));
      this.reasons.forEach((item) => {
        item.hidden = !item.dataset.scores.split(",").includes(String(score));
        item.firstElementChild.setAttribute("aria-pressed", "false");
      });
      byId("rating-send").hidden = !score;
      this.sendSoon();
    }

    mark(button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      this.sendSoon();
    }

    sendSoon() {
      clearTimeout(this.sendTimer);
      if (this.score) this.sendTimer = setTimeout(() => this.send(), AUTO_SEND_MS);
    }

    send() {
      this.submit();
      setText(byId("rating-title"), words.thanks + " " + words.thanks_secondary);
      byId("faces").hidden = true;
      this.choose(0);
      clearTimeout(this.closeTimer);
      this.closeTimer = setTimeout(() => this.end(), THANKS_MS);
    }

    // What was chosen counts, also when the next call comes before "Send" was touched.
    submit() {
      if (!this.score) return;
      const chosen = this.reasons.map((item) => item.firstElementChild);
      const reasons = chosen.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.reason);
      const body = JSON.stringify({ call_id: this.callId, score: this.score, reasons });
      fetch(API_URL, { method: "POST", headers: JSON_HEADERS, body }).catch(() => {});
      this.score = 0;
    }

    end() {
      if (this.callId === null) return;
      clearTimeout(this.closeTimer);
      clearTimeout(this.sendTimer);
      this.submit();
      this.callId = null;
      byId("rating").hidden = true;
    }
  }

  motcua.Rating = Rating;
})();
