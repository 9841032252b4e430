// The hall at a glance: asked again every few seconds.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, fill, words } = motcua;

  const EVERY = 5000;
  const LONG_WAIT = 30 * 60;
  const SILENT = 60 * 1000;
  // A button or a counter's keypad is heard of only when it is pressed.
  const ALWAYS_HEARD = ["kiosk", "display"];

  function refill(id, rows) {
    const list = byId(id);
    motcua.keepFocus(list, () => {
      motcua.empty(list);
      rows.forEach((row) => list.appendChild(row));
    });
  }

  function cells(...contents) {
    const row = make("tr");
    contents.forEach(([text, className]) => {
      const cell = row.appendChild(make("td", className || "", text instanceof Node ? null : text));
      if (text instanceof Node) cell.appendChild(text);
    });
    return row;
  }

  function department(one) {
    const isLong = one.waiting > 0 && one.longest_wait_seconds >= LONG_WAIT;
    const longest = one.waiting ? fill(words.minutes, { n: Math.floor(one.longest_wait_seconds / 60) }) : "–";
    return cells(
      [one.no_counter ? left(one) : motcua.named(one, "department " + one.code)],
      [one.waiting, "figure"],
      [longest, isLong ? "figure is-long" : "figure"],
      [one.issued, "figure"],
      [one.finished, "figure"],
    );
  }

  function left(one) {
    const told = make("div");
    told.appendChild(motcua.named(one, "department " + one.code));
    told.appendChild(make("span", "is-left", words.no_counter));
    return told;
  }

  function counter(one) {
    const tile = make("li");
    tile.appendChild(make("span", "soft", motcua.optionText(one)));
    tile.appendChild(make("strong", "", one.number || "–"));
    tile.appendChild(make("span", "chip", words.phases[one.state])).dataset.state = one.state;
    return tile;
  }

  function device(one, now) {
    const silent = ALWAYS_HEARD.includes(one.kind) && one.last_seen && now - Date.parse(one.last_seen) > SILENT;
    return cells(
      [words.kinds[one.kind] || one.kind],
      [one.name],
      [one.counter || "–"],
      [one.last_seen ? ago(now - Date.parse(one.last_seen)) : words.never, silent ? "is-long" : ""],
    );
  }

  function byKindAndName(one, other) {
    const rank = (device) => ALWAYS_HEARD.indexOf(device.kind) + 1 || ALWAYS_HEARD.length + 1;
    return rank(one) - rank(other) || one.name.localeCompare(other.name, motcua.language, { numeric: true });
  }

  function ago(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    if (seconds < 120) return fill(words.seconds_ago, { n: seconds });
    if (seconds < 7200) return fill(words.minutes_ago, { n: Math.floor(seconds / 60) });
    return fill(words.hours_ago, { n: Math.floor(seconds / 3600) });
  }

  function show(overview) {
    const now = Date.parse(overview.now);
    refill("departments", overview.departments.map(department));
    refill("counters", overview.counters.map(counter));
    refill("devices", overview.devices.sort(byKindAndName).map((one) => device(one, now)));
    byId("watchers").textContent = fill(words.watchers, { n: overview.watchers });
    motcua.showConfirmations(overview);
    byId("no-code").hidden = !overview.slips_without_code;
    const day = new Intl.DateTimeFormat(motcua.language === "en" ? "en-GB" : "vi-VN", { timeZone: "UTC", dateStyle: "full" });
    byId("day").textContent =
      day.format(new Date(overview.business_day)) + " · " + (overview.open ? words.open : words.centre_closed);
  }

  async function load() {
    try {
      const answer = await fetch("/api/v1/admin/overview", { headers: { Accept: "application/json" } });
      if (answer.status === 401) return motcua.toSignIn();
      if (answer.status === 403) return tell(words.no_right);
      if (!answer.ok) throw new Error(String(answer.status));
      const overview = await answer.json();
      show(overview);
      tell(overview.clock_behind_seconds ? fill(words.clock_behind, { time: moment(overview.now) }) : "");
    } catch (error) {
      tell(words.failed);
    }
    setTimeout(load, EVERY);
    return undefined;
  }

  function moment(iso) {
    const timeZone = document.body.dataset.timezone;
    return new Intl.DateTimeFormat(motcua.language === "en" ? "en-GB" : "vi-VN", { timeZone, dateStyle: "short", timeStyle: "short" }).format(new Date(iso));
  }

  function tell(text) {
    const told = byId("told");
    if (told.textContent !== text) told.textContent = text; // it is read aloud when it changes
    told.hidden = !text;
  }

  load();
})();
