// The dashboard of one centre, polled every few seconds.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, format, words, renderList } = motcua;

  const POLL_MS = 5000;
  const LONG_WAIT_SECONDS = 30 * 60;
  const OFFLINE_MS = 60 * 1000;
  // A button or a counter's keypad sends something only when it is pressed.
  const HEARTBEAT_KINDS = ["kiosk", "display"];

  function cells(...contents) {
    const row = createElement("tr");
    contents.forEach(([text, className]) => {
      const cell = row.appendChild(createElement("td", className || "", text instanceof Node ? null : text));
      if (text instanceof Node) cell.appendChild(text);
    });
    return row;
  }

  function department(one) {
    const isLong = one.waiting > 0 && one.longest_wait_seconds >= LONG_WAIT_SECONDS;
    const longest = one.waiting ? format(words.minutes, { n: Math.floor(one.longest_wait_seconds / 60) }) : "–";
    return cells(
      [one.no_counter ? unservedDepartment(one) : motcua.named(one, "department " + one.code)],
      [one.waiting, "figure"],
      [longest, isLong ? "figure is-long" : "figure"],
      [one.issued, "figure"],
      [one.finished, "figure"],
    );
  }

  function unservedDepartment(one) {
    const box = createElement("div");
    box.appendChild(motcua.named(one, "department " + one.code));
    box.appendChild(createElement("span", "is-unserved", words.no_counter));
    return box;
  }

  function counter(one) {
    const tile = createElement("li");
    tile.appendChild(createElement("span", "muted", motcua.optionText(one)));
    tile.appendChild(createElement("strong", "", one.number || "–"));
    tile.appendChild(createElement("span", "chip", words.phases[one.state])).dataset.state = one.state;
    return tile;
  }

  function device(one, now) {
    const isOffline = HEARTBEAT_KINDS.includes(one.kind) && one.last_seen && now - Date.parse(one.last_seen) > OFFLINE_MS;
    return cells(
      [words.kinds[one.kind] || one.kind],
      [one.name],
      [one.counter || "–"],
      [one.last_seen ? ago(now - Date.parse(one.last_seen)) : words.never, isOffline ? "is-long" : ""],
    );
  }

  function byKindAndName(one, other) {
    const rank = ({ kind }) => HEARTBEAT_KINDS.indexOf(kind) + 1 || HEARTBEAT_KINDS.length + 1;
    return rank(one) - rank(other) || one.name.localeCompare(other.name, motcua.language, { numeric: true });
  }

  function ago(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    if (seconds < 120) return format(words.seconds_ago, { n: seconds });
    if (seconds < 7200) return format(words.minutes_ago, { n: Math.floor(seconds / 60) });
    return format(words.hours_ago, { n: Math.floor(seconds / 3600) });
  }

  function render(overview) {
    const now = Date.parse(overview.now);
    renderList("departments", overview.departments.map(department));
    renderList("counters", overview.counters.map(counter));
    renderList("devices", overview.devices.sort(byKindAndName).map((one) => device(one, now)));
    byId("watchers").textContent = format(words.watchers, { n: overview.watchers });
    motcua.showConfirmations(overview);
    motcua.showStatus(overview.clock_behind_seconds ? format(words.clock_behind, { time: moment(overview.now) }) : "", true);
    byId("no-code").hidden = !overview.slips_without_code;
    const day = new Intl.DateTimeFormat(motcua.language === "en" ? "en-GB" : "vi-VN", { timeZone: "UTC", dateStyle: "full" });
    byId("day").textContent =
      day.format(new Date(overview.business_day)) + " · " + (overview.open ? words.open : words.centre_closed);
  }

  function moment(iso) {
    const timeZone = document.body.dataset.timezone;
    return new Intl.DateTimeFormat(motcua.language === "en" ? "en-GB" : "vi-VN", { timeZone, dateStyle: "short", timeStyle: "short" }).format(new Date(iso));
  }

  motcua.pollList({ url: "/api/v1/admin/overview", render, interval: POLL_MS, messages: { 403: words.no_right } });
})();
