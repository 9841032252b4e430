// An action is sent until the server has responded, always under the same request_id: the server does it once.
(function () {
  "use strict";
  const motcua = window.motcua;

  const TIMEOUT_MS = 8000;
  const BACKOFF_MS = [300, 600, 1000, 1500, 2000];
  // A server on its way down or up, or a proxy without one.
  const RETRYABLE_STATUSES = [502, 503, 504];
  // An older action is not sent again: the clerk has gone on meanwhile.
  const MAX_AGE_MS = 120000;

  class ActionSender {
    // url(step) -> the endpoint; onRetry(attempt): an action is being sent again.
    constructor({ url, csrf, memory, onRetry }) {
      this.url = url;
      this.csrf = csrf;
      this.memory = memory;
      this.onRetry = onRetry;
      this.abandon = null;
    }

    // A promise of {status, body}; status 0: given up.
    send(step, body) {
      return this.sendAction({ step, body: Object.assign({ request_id: motcua.newRequestId() }, body), at: Date.now() });
    }

    // The action that was under way when the page was reloaded or the session ended; null: none.
    interruptedAction() {
      const action = this.memory.load();
      return action && Math.abs(Date.now() - action.at) < MAX_AGE_MS ? action : null;
    }

    sendAction(action) {
      this.memory.save(action);
      let isAbandoned = false;
      const abandoned = new Promise((resolve) => {
        this.abandon = () => {
          isAbandoned = true;
          resolve({ status: 0, body: null });
        };
      });
      const finished = this.attempt(action, 1, () => isAbandoned);
      return Promise.race([finished, abandoned]).then((response) => {
        this.abandon = null;
        if (!ActionSender.mayBeSentLater(response)) this.memory.save(null);
        return response;
      });
    }

    cancel() {
      if (this.abandon) this.abandon();
    }

    attempt(action, count, isCancelled) {
      return this.post(action).catch(() => {
        if (isCancelled()) return { status: 0, body: null };
        this.onRetry(count + 1);
        const pause = BACKOFF_MS[Math.min(count - 1, BACKOFF_MS.length - 1)];
        return new Promise((resolve) => void setTimeout(resolve, pause)).then(() =>
          isCancelled() ? { status: 0, body: null } : this.attempt(action, count + 1, isCancelled),
        );
      });
    }

    post(action) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
      return fetch(this.url(action.step), {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify(action.body),
        signal: controller.signal,
      })
        .then((response) => {
          if (RETRYABLE_STATUSES.includes(response.status)) throw new Error(String(response.status));
          return response.text().then((text) => ({ status: response.status, body: motcua.parseJson(text) }));
        })
        .finally(() => clearTimeout(timer));
    }
  }

  // Signed out, or a page from before the last sign-in: nothing was done, and the same action may be sent again.
  ActionSender.mayBeSentLater = (response) =>
    response.status === 401 || (response.status === 403 && motcua.problemType(response) === "csrf");

  // "/problems/wrong-state" -> "wrong-state"
  motcua.problemType = (response) => String((response.body && response.body.type) || "").split("/").slice(-1)[0];

  motcua.ActionSender = ActionSender;
})();
