// All centres of the province, polled every few seconds.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, format, words, setText } = motcua;

  const POLL_MS = 10000;
  const LONG_WAIT_SECONDS = 30 * 60;

  function problemText(text) {
    const [kiosk, name] = [text.slice(0, text.lastIndexOf(": ")), text.slice(text.lastIndexOf(": ") + 2)];
    return kiosk + ": " + (words.trouble[name] || name);
  }

  function row(centre) {
    const line = createElement("tr");
    const isLong = centre.longest_wait_seconds >= LONG_WAIT_SECONDS;
    const longest = centre.waiting ? format(words.minutes, { n: Math.floor(centre.longest_wait_seconds / 60) }) : "–";
    const okText = centre.kiosks ? words.well : words.no_kiosk;
    [
      [motcua.named(centre, "centre " + centre.code), ""],
      [centre.open ? words.open : words.closed, ""],
      [centre.waiting, "figure"],
      [longest, isLong ? "figure is-long" : "figure"],
      [centre.issued, "figure"],
      [centre.finished, "figure"],
      [centre.troubles.map(problemText).join(" · ") || okText, centre.troubles.length ? "is-long" : "muted"],
    ].forEach(([text, className]) => {
      const cell = line.appendChild(createElement("td", className, text instanceof Node ? null : text));
      if (text instanceof Node) cell.appendChild(text);
    });
    return line;
  }

  function render(province) {
    motcua.renderList("centres", province.centres.map(row));
    const sum = (field) => province.centres.reduce((total, centre) => total + centre[field], 0);
    setText(byId("sum"), format(words.sum, { centres: province.centres.length, waiting: sum("waiting"), issued: sum("issued") }));
  }

  motcua.pollList({ url: "/api/v1/admin/province", render, interval: POLL_MS });
})();
