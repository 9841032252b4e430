// The ratings by counter, polled every minute.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, textOf } = motcua;

  const POLL_MS = 60000;

  function topReasons(one, texts) {
    return Object.keys(one.reasons)
      .sort((a, b) => one.reasons[b] - one.reasons[a])
      .slice(0, 2)
      .map((code) => (textOf(texts[code]) || code) + " (" + one.reasons[code] + ")")
      .join(", ");
  }

  function render(report) {
    const body = byId("ratings");
    motcua.keepFocus(body, () => draw(body, report));
    byId("ratings-none").hidden = report.counters.length > 0;
  }

  function draw(body, report) {
    motcua.clear(body);
    report.counters.forEach((one) => {
      const row = body.appendChild(createElement("tr"));
      row.appendChild(createElement("td")).appendChild(motcua.named(one, "ratings " + one.counter));
      row.appendChild(createElement("td", "figure", one.count));
      row.appendChild(createElement("td", "figure", one.mean.toLocaleString(motcua.language, { minimumFractionDigits: 1 })));
      row.appendChild(createElement("td", "figure", one.scores[0] + one.scores[1]));
      row.appendChild(createElement("td", "", topReasons(one, report.reasons)));
    });
  }

  function refresh() {
    motcua
      .getJson("/api/v1/admin/ratings")
      .then(render)
      .catch(() => {}) // the status above says that the connection is lost
      .then(() => setTimeout(refresh, POLL_MS));
  }

  refresh();
})();
