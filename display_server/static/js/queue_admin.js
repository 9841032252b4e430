// What hall staff change for somebody who waits: priority, out of the line, and, for supervisors, another place.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, words } = motcua;

  const CAN_BE_CHANGED = ["waiting", "parked", "no_show"];
  let choices = null;

  async function read(path) {
    const answer = await motcua.fetchDoor(path);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  async function fillChoices() {
    if (choices) return;
    const [centre, counters] = await Promise.all([read("/api/v1/centre"), read("/api/v1/counters")]);
    choices = true;
    const option = (value, text) => {
      const one = make("option", "", text);
      one.value = value;
      return one;
    };
    byId("change-reason").append(
      option("", words.no_priority),
      ...centre.priority_reasons.map((reason) => option(reason.code, motcua.textOf(reason.name))),
    );
    const where = byId("change-where");
    if (!where) return; // hall staff send nobody elsewhere
    where.append(
      ...centre.departments.map((department) => option("department:" + department.code, motcua.optionText(department))),
      ...counters.counters.map((counter) => option("counter:" + counter.code, words.kinds.counter + " " + counter.code)),
    );
  }

  async function change(ticket, what, body, done) {
    const path = "/api/v1/admin/tickets/" + ticket.id + "/" + what;
    const answer = await motcua.fetchDoor(path, { request_id: motcua.newRequestId(), ...body });
    if (answer.ok) return done(await answer.json());
    const said = { 403: words.no_right, 409: words.gone_on, 404: words.gone_on }[answer.status] || words.failed;
    byId("history-told").textContent = said;
    byId("history-told").hidden = false;
  }

  // Under a number that waits: what may be changed. `done(ticket with history)` after a change.
  motcua.offerChanges = async function (ticket, done) {
    const form = byId("change");
    form.hidden = true;
    if (!CAN_BE_CHANGED.includes(ticket.state)) return;
    await fillChoices();
    byId("change-reason").value = ticket.priority || "";
    byId("change-priority").onclick = () => change(ticket, "priority", { reason: byId("change-reason").value || null }, done);
    motcua.freshNote("change-note");
    byId("change-cancel").onclick = () => {
      if (!motcua.mayBeSent("change-note")) return;
      const note = byId("change-note").value.trim() || null;
      if (window.confirm(motcua.fill(words.sure_cancel, ticket))) change(ticket, "cancel", { note }, done);
    };
    if (byId("change-move")) {
      byId("change-move").onclick = () => {
        const [kind, code] = byId("change-where").value.split(":");
        change(ticket, "move", { [kind]: code }, done);
      };
    }
    form.hidden = false;
  };
})();
