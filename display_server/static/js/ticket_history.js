// "Why was this number next?": a ticket's history from the audit log.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, words } = motcua;

  const time = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: document.body.dataset.timezone,
  });

  function step(entry) {
    const row = createElement("li");
    row.appendChild(createElement("time", "", time.format(new Date(entry.at))));
    row.appendChild(createElement("strong", "", words.actions[entry.action] || entry.action));
    const where = entry.counter ? words.kinds.counter + " " + entry.counter : "";
    const reason = entry.details ? words.reasons[entry.details.reason] : "";
    const role = entry.details ? words.roles[entry.details.role] : "";
    row.appendChild(createElement("span", "muted", [where, who(entry.actor), role, reason].filter(Boolean).join(" · ")));
    return row;
  }

  // "kiosk Main door" -> "Kiosk: Main door"; a person's name stands alone.
  function who(actor) {
    const [kind, ...name] = actor.split(" ");
    if (kind === "system") return words.kinds.system;
    return [words.kinds[kind], name.join(" ")].filter(Boolean).join(": ");
  }

  // The last call that was not a mere repetition is the one that people ask about.
  function why(ticket, history) {
    const called = history.filter((entry) => entry.action === "called").pop();
    const reason = called ? (called.details || {}).reason : "";
    const began = history[0];
    return motcua.format(words.why[reason] || "", {
      number: (called && called.number) || ticket.number,
      counter: called && called.counter,
      time: called && time.format(new Date(called.at)),
      minutes: called && Math.floor((Date.parse(called.at) - Date.parse(began.at)) / 60000),
    });
  }

  function render({ ticket, history }) {
    byId("history-title").textContent = ticket.number + " – " + (words.states[ticket.state] || ticket.state);
    byId("history-title").hidden = false;
    byId("history-why").textContent = why(ticket, history);
    byId("history").replaceChildren(...history.map(step));
    motcua.renderQueueActions(ticket, ({ history: longer, ...changed }) => render({ ticket: changed, history: longer })).catch(() => showError(0));
  }

  function showError(status) {
    return showStatus({ 404: words.not_found, 422: words.invalid, 403: words.no_right }[status] || words.failed);
  }

  function showStatus(text) {
    byId("history-status").textContent = text;
    byId("history-status").hidden = false;
  }

  // With a second number the server answers why the first was called before it.
  async function compare(query) {
    const other = byId("history-other").value.trim().toUpperCase();
    if (!other) return;
    const both = new URLSearchParams({ first: query.get("number"), then: other });
    if (query.has("day")) both.set("day", query.get("day"));
    const response = await fetch("/api/v1/admin/why?" + both, { headers: { Accept: "application/json" } });
    if (response.ok) byId("history-why").textContent = motcua.textOf((await response.json()).text);
    else showError(response.status);
  }

  async function search(event) {
    event.preventDefault();
    byId("history-status").hidden = true;
    byId("history-title").hidden = byId("change").hidden = true;
    byId("history-why").textContent = "";
    motcua.clear(byId("history"));
    const query = new URLSearchParams({ number: byId("history-number").value.trim().toUpperCase() });
    const typedDay = byId("history-day").value.trim();
    const day = motcua.dayOf(typedDay);
    if (typedDay && !day) return showStatus(words.wrong_day);
    if (day) query.set("day", day);
    try {
      const response = await fetch("/api/v1/admin/history?" + query, { headers: { Accept: "application/json" } });
      if (!response.ok) return showError(response.status);
      render(await response.json());
      await compare(query);
    } catch (error) {
      showError(0);
    }
  }

  byId("history-form").addEventListener("submit", search);
})();
