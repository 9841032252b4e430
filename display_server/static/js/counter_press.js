// One press, done once: every press carries its own request_id and is repeated with it until the server has answered.
(function () {
  "use strict";
  const motcua = window.motcua;

  const KEY = "motcua.press";
  const PAUSES = [300, 700, 1500, 3000, 3000, 5000, 5000, 5000, 5000];
  const ANSWER_WITHIN = 8000;
  const KEPT_FOR = 10 * 60 * 1000;
  const PASSING = [502, 503, 504];

  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  // crypto.randomUUID exists in secure contexts only; a hall's server is often plain http.
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function post(url, body) {
    const control = new AbortController();
    const alarm = setTimeout(() => control.abort(), ANSWER_WITHIN);
    try {
      return await fetch(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
        },
        body: JSON.stringify(body),
        signal: control.signal,
      });
    } finally {
      clearTimeout(alarm);
    }
  }

  class Presses {
    // onTrying(): the network failed and the press is being repeated.
    constructor(counter, onTrying) {
      this.url = "/api/v1/counters/" + encodeURIComponent(counter) + "/";
      this.counter = counter;
      this.onTrying = onTrying;
    }

    // -> {step, status, body}; status 0: the server could not be reached in all that time.
    async press(step, values) {
      const press = { counter: this.counter, step, body: { ...values, request_id: newId() }, at: Date.now() };
      motcua.note(KEY, JSON.stringify(press), sessionStorage);
      return this.send(press);
    }

    // The press that a sign-out or a reload interrupted, if any: done now, under its old request_id.
    async pressLeftOver() {
      const press = JSON.parse(motcua.recall(KEY, sessionStorage) || "null");
      if (!press || press.counter !== this.counter) return null;
      if (Math.abs(Date.now() - press.at) < KEPT_FOR) return this.send(press);
      motcua.note(KEY, null, sessionStorage);
      return null;
    }

    async send(press) {
      const answer = await this.sendUntilAnswered(press);
      const status = answer ? answer.status : 0;
      if (status !== 401) motcua.note(KEY, null, sessionStorage);
      return { step: press.step, status, body: answer ? await this.read(answer) : null };
    }

    async sendUntilAnswered(press) {
      for (const pause of PAUSES.concat(null)) {
        try {
          const answer = await post(this.url + press.step, press.body);
          if (!PASSING.includes(answer.status)) return answer;
        } catch (error) {
          console.warn("press not answered yet", error);
        }
        if (pause === null) break;
        this.onTrying();
        await wait(pause);
      }
      return null;
    }

    async read(answer) {
      try {
        return await answer.json();
      } catch (error) {
        return null;
      }
    }
  }

  motcua.Presses = Presses;
})();
