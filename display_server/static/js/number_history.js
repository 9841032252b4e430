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
    row.appendChild(make("span", "soft", [where, entry.actor, reason].filter(Boolean).join(" · ")));
    return row;
  }

  function show({ ticket, history }) {
    byId("history-title").textContent = ticket.number + " – " + (words.states[ticket.state] || ticket.state);
    byId("history-title").hidden = false;
    history.forEach((entry) => byId("history").appendChild(step(entry)));
  }

  function tell(status) {
    const text = { 404: words.not_found, 422: words.invalid, 403: words.no_right }[status] || words.failed;
    byId("history-told").textContent = text;
    byId("history-told").hidden = false;
  }

  async function lookUp(event) {
    event.preventDefault();
    byId("history-told").hidden = true;
    byId("history-title").hidden = true;
    motcua.empty(byId("history"));
    const asked = new URLSearchParams({ number: byId("history-number").value.trim().toUpperCase() });
    if (byId("history-day").value) asked.set("day", byId("history-day").value);
    try {
      const answer = await fetch("/api/v1/admin/history?" + asked, { headers: { Accept: "application/json" } });
      if (answer.ok) show(await answer.json());
      else tell(answer.status);
    } catch (error) {
      tell(0);
    }
  }

  byId("history-form").addEventListener("submit", lookUp);
})();
