// A press is sent until it is answered, always under the same request_id: the server does it once.
(function () {
  "use strict";
  const motcua = window.motcua;

  const ANSWER_WITHIN = 8000;
  const PAUSES = [300, 600, 1000, 1500, 2000];
  // A server on its way down or up, or a proxy without one.
  const COMES_BACK = [502, 503, 504];
  // A press older than this is not what the clerk wants any more.
  const FRESH_FOR = 120000;

  class Presser {
    // url(step) -> the door; onAgain(attempt) when a press is being sent again.
    constructor({ url, csrf, memory, onAgain }) {
      this.url = url;
      this.csrf = csrf;
      this.memory = memory;
      this.onAgain = onAgain;
      this.stop = null;
    }

    // A promise of {status, body}; status 0: given up.
    send(step, body) {
      return this.deliver({ step, body: Object.assign({ request_id: motcua.newRequestId() }, body), at: Date.now() });
    }

    // The press that a reload, or the end of a sign-in, has cut off.
    unfinished() {
      const press = this.memory.load();
      return press && Math.abs(Date.now() - press.at) < FRESH_FOR ? press : null;
    }

    deliver(press) {
      this.memory.save(press);
      let given = false;
      const stopped = new Promise((resolve) => {
        this.stop = () => {
          given = true;
          resolve({ status: 0, body: null });
        };
      });
      const answered = this.attempt(press, 1, () => given);
      return Promise.race([answered, stopped]).then((answer) => {
        this.stop = null;
        if (!Presser.mayBeSentLater(answer)) this.memory.save(null);
        return answer;
      });
    }

    giveUp() {
      if (this.stop) this.stop();
    }

    attempt(press, count, isStopped) {
      return this.ask(press).catch(() => {
        if (isStopped()) return { status: 0, body: null };
        this.onAgain(count + 1);
        const pause = PAUSES[Math.min(count - 1, PAUSES.length - 1)];
        return new Promise((resolve) => setTimeout(resolve, pause)).then(() =>
          isStopped() ? { status: 0, body: null } : this.attempt(press, count + 1, isStopped),
        );
      });
    }

    ask(press) {
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN);
      return fetch(this.url(press.step), {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify(press.body),
        signal: patience.signal,
      })
        .then((answer) => {
          if (COMES_BACK.includes(answer.status)) throw new Error(String(answer.status));
          return answer.text().then((text) => ({ status: answer.status, body: motcua.parsed(text) }));
        })
        .finally(() => clearTimeout(timer));
    }
  }

  // Signed out, or a page from before the last sign-in: nothing was done, and the same press may be sent again.
  Presser.mayBeSentLater = (answer) =>
    answer.status === 401 || (answer.status === 403 && motcua.problemOf(answer) === "csrf");

  motcua.parsed = function (text) {
    try {
      return JSON.parse(text);
    } catch (error) {
      return null;
    }
  };

  // "/problems/wrong-state" -> "wrong-state"
  motcua.problemOf = (answer) => String((answer.body && answer.body.type) || "").split("/").pop();

  Presser.sessionMemory = (key) => ({
    load() {
      try {
        return JSON.parse(sessionStorage.getItem(key));
      } catch (error) {
        return null;
      }
    },
    save(press) {
      try {
        if (press) sessionStorage.setItem(key, JSON.stringify(press));
        else sessionStorage.removeItem(key);
      } catch (error) {
        // A browser that forbids storage only loses what a reload would have kept.
      }
    },
  });

  motcua.Presser = Presser;
})();
