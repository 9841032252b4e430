// All centres of the province, asked again every few seconds.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, fill, words, write } = motcua;

  const EVERY = 10000;
  const LONG_WAIT = 30 * 60;

  function trouble(told) {
    const [kiosk, name] = [told.slice(0, told.lastIndexOf(": ")), told.slice(told.lastIndexOf(": ") + 2)];
    return kiosk + ": " + (words.trouble[name] || name);
  }

  function row(centre) {
    const line = make("tr");
    const isLong = centre.longest_wait_seconds >= LONG_WAIT;
    const longest = centre.waiting ? fill(words.minutes, { n: Math.floor(centre.longest_wait_seconds / 60) }) : "–";
    const well = centre.kiosks ? words.well : words.no_kiosk;
    [
      [motcua.named(centre, "centre " + centre.code), ""],
      [centre.open ? words.open : words.closed, ""],
      [centre.waiting, "figure"],
      [longest, isLong ? "figure is-long" : "figure"],
      [centre.issued, "figure"],
      [centre.finished, "figure"],
      [centre.troubles.map(trouble).join(" · ") || well, centre.troubles.length ? "is-long" : "soft"],
    ].forEach(([text, className]) => {
      const cell = line.appendChild(make("td", className, text instanceof Node ? null : text));
      if (text instanceof Node) cell.appendChild(text);
    });
    return line;
  }

  function show(province) {
    const list = byId("centres");
    motcua.keepFocus(list, () => {
      motcua.empty(list);
      province.centres.forEach((centre) => list.appendChild(row(centre)));
    });
    const sum = (field) => province.centres.reduce((total, centre) => total + centre[field], 0);
    write(byId("sum"), fill(words.sum, { centres: province.centres.length, waiting: sum("waiting"), issued: sum("issued") }));
  }

  async function load() {
    try {
      const answer = await motcua.fetchDoor("/api/v1/admin/province");
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      byId("told").hidden = true;
    } catch (error) {
      byId("told").hidden = false;
    }
    setTimeout(load, EVERY);
  }

  load();
})();
