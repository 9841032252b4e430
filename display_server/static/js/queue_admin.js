// What hall staff change for somebody who waits: priority, cancellation, and, for supervisors, a transfer.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, words } = motcua;

  const CHANGEABLE_STATES = ["waiting", "parked", "no_show"];
  let choices = null;

  async function read(path) {
    const response = await motcua.apiFetch(path);
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  async function fillChoices() {
    if (choices) return;
    const [centre, counters] = await Promise.all([read("/api/v1/centre"), read("/api/v1/counters")]);
    choices = true;
    const option = (value, text) => {
      const one = createElement("option", "", text);
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
    const response = await motcua.apiFetch(path, { request_id: motcua.newRequestId(), ...body });
    if (response.ok) return done(await response.json());
    const message = { 403: words.no_right, 409: words.gone_on, 404: words.gone_on }[response.status] || words.failed;
    byId("history-status").textContent = message;
    byId("history-status").hidden = false;
  }

  // Under a number that waits: what may be changed. `done(ticket with history)` after a change.
  motcua.renderQueueActions = async function (ticket, done) {
    const form = byId("change");
    form.hidden = true;
    if (!CHANGEABLE_STATES.includes(ticket.state)) return;
    await fillChoices();
    byId("change-reason").value = ticket.priority || "";
    byId("change-priority").onclick = () => change(ticket, "priority", { reason: byId("change-reason").value || null }, done);
    motcua.resetNote("change-note");
    byId("change-cancel").onclick = () => {
      if (!motcua.confirmNote("change-note")) return;
      const note = byId("change-note").value.trim() || null;
      if (window.confirm(motcua.format(words.sure_cancel, ticket))) change(ticket, "cancel", { note }, done);
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
