// What visitors said of their visits, by counter: asked again every minute.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, textOf } = motcua;

  const EVERY = 60000;

  function often(one, texts) {
    return Object.keys(one.reasons)
      .sort((a, b) => one.reasons[b] - one.reasons[a])
      .slice(0, 2)
      .map((code) => (textOf(texts[code]) || code) + " (" + one.reasons[code] + ")")
      .join(", ");
  }

  function show(report) {
    const body = byId("ratings");
    motcua.keepFocus(body, () => draw(body, report));
    byId("ratings-none").hidden = report.counters.length > 0;
  }

  function draw(body, report) {
    motcua.empty(body);
    report.counters.forEach((one) => {
      const row = body.appendChild(make("tr"));
      row.appendChild(make("td")).appendChild(motcua.named(one, "ratings " + one.counter));
      row.appendChild(make("td", "figure", one.count));
      row.appendChild(make("td", "figure", one.mean.toLocaleString(motcua.language, { minimumFractionDigits: 1 })));
      row.appendChild(make("td", "figure", one.scores[0] + one.scores[1]));
      row.appendChild(make("td", "", often(one, report.reasons)));
    });
  }

  function load() {
    fetch("/api/v1/admin/ratings", { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json().then(show) : null))
      .catch(() => {}) // the page says above that the connection is lost
      .then(() => setTimeout(load, EVERY));
  }

  load();
})();
