// A new screen waits until staff have confirmed its code; a code that has had its time is replaced.
(function () {
  "use strict";
  const { byId } = window.motcua;

  const ASK_EVERY = 2000;
  const ends = performance.now() + Number(document.body.dataset.lives) * 1000;

  function ask() {
    fetch("/hall/pair/state", { cache: "no-store", headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then((answer) => {
        byId("lost").hidden = true;
        if (answer.state === "paired") return location.assign(answer.page);
        if (answer.state === "unknown" || performance.now() > ends) return location.reload();
        return setTimeout(ask, ASK_EVERY);
      })
      .catch(() => {
        byId("lost").hidden = false;
        setTimeout(ask, ASK_EVERY);
      });
  }

  setTimeout(ask, ASK_EVERY);
})();
