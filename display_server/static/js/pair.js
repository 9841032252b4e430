// A new screen waits until staff have confirmed its code; a code that has had its time is replaced.
(function () {
  "use strict";
  const { byId, getJson } = window.motcua;

  const POLL_MS = 2000;
  const ends = performance.now() + Number(document.body.dataset.lives) * 1000;

  function poll() {
    getJson("/hall/pair/state", { cache: "no-store" })
      .then((response) => {
        byId("lost").hidden = true;
        if (response.state === "paired") return location.assign(response.page);
        if (response.state === "unknown" || performance.now() > ends) return location.reload();
        return setTimeout(poll, POLL_MS);
      })
      .catch(() => {
        byId("lost").hidden = false;
        setTimeout(poll, POLL_MS);
      });
  }

  setTimeout(poll, POLL_MS);
})();
