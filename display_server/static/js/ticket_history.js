// "Why was this number next?": a number's way through the house, from the journal.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, words } = motcua;

  const time = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: document.body.dataset.timezone,
  });

  function step(entry) {
    const row = make("li");
    row.appendChild(make("time", "", time.format(new Date(entry.at))));
    row.appendChild(make("strong", "", words.actions[entry.action] || entry.action));
    const where = entry.counter ? words.kinds.counter + " " + entry.counter : "";
    const reason = entry.details ? words.reasons[entry.details.reason] : "";
    const role = entry.details ? words.roles[entry.details.role] : "";
    row.appendChild(make("span", "soft", [where, who(entry.actor), role, reason].filter(Boolean).join(" · ")));
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
    return motcua.fill(words.why[reason] || "", {
      number: (called && called.number) || ticket.number,
      counter: called && called.counter,
      time: called && time.format(new Date(called.at)),
      minutes: called && Math.floor((Date.parse(called.at) - Date.parse(began.at)) / 60000),
    });
  }

  function show({ ticket, history }) {
    byId("history-title").textContent = ticket.number + " – " + (words.states[ticket.state] || ticket.state);
    byId("history-title").hidden = false;
    byId("history-why").textContent = why(ticket, history);
    byId("history").replaceChildren(...history.map(step));
    motcua.offerChanges(ticket, ({ history: longer, ...changed }) => show({ ticket: changed, history: longer })).catch(() => tell(0));
  }

  function tell(status) {
    return say({ 404: words.not_found, 422: words.invalid, 403: words.no_right }[status] || words.failed);
  }

  function say(text) {
    byId("history-told").textContent = text;
    byId("history-told").hidden = false;
  }

  // With a second number the server answers why the first was called before it.
  async function compare(asked) {
    const other = byId("history-other").value.trim().toUpperCase();
    if (!other) return;
    const both = new URLSearchParams({ first: asked.get("number"), then: other });
    if (asked.has("day")) both.set("day", asked.get("day"));
    const answer = await fetch("/api/v1/admin/why?" + both, { headers: { Accept: "application/json" } });
    if (answer.ok) byId("history-why").textContent = motcua.textOf((await answer.json()).text);
    else tell(answer.status);
  }

  async function lookUp(event) {
    event.preventDefault();
    byId("history-told").hidden = true;
    byId("history-title").hidden = byId("change").hidden = true;
    byId("history-why").textContent = "";
    motcua.empty(byId("history"));
    const asked = new URLSearchParams({ number: byId("history-number").value.trim().toUpperCase() });
    const day = byId("history-day").value.trim();
    if (day && !motcua.dayOf(day)) return say(words.wrong_day);
    if (day) asked.set("day", motcua.dayOf(day));
    try {
      const answer = await fetch("/api/v1/admin/history?" + asked, { headers: { Accept: "application/json" } });
      if (!answer.ok) return tell(answer.status);
      show(await answer.json());
      await compare(asked);
    } catch (error) {
      tell(0);
    }
  }

  byId("history-form").addEventListener("submit", lookUp);
})();
