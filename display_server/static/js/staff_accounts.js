// The people of the centre: who may sign in, as what, at which counters.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, format, words, setText, apiRequest, showStatus } = motcua;

  const API_URL = "/api/v1/admin/staff";
  const MESSAGES = { 404: words.not_found, 409: words.taken, 422: words.invalid, 429: words.too_many };
  let people = [];

  function fill(member) {
    byId("name").value = member ? member.name : "";
    byId("name").disabled = Boolean(member);
    byId("role").value = member ? member.role : "clerk";
    byId("counters").value = member ? member.counters.join(", ") : "";
    byId("active").checked = !member || member.active;
    byId("active-row").hidden = !member;
    if (member) byId("role").focus();
  }

  function render(response) {
    byId("once").hidden = !response.password;
    setText(byId("password"), response.password || "");
    const rows = response.staff.map((member) => {
      const notes = [member.active ? (member.must_change ? words.first : "") : words.out, member.has_second_factor ? words.factor : ""];
      const note = notes.filter(Boolean).join(", ");
      const texts = [
        note ? member.name + " (" + note + ")" : member.name,
        words.roles[member.role] || words.role_province,
        member.counters.join(", ") || words.all_counters,
        motcua.formatWhen(member.signed_in_at),
      ];
      const row = motcua.tableRow(texts, member.role in words.roles ? buttons(member) : [], byId("people").closest("table"));
      row.classList.toggle("is-out", !member.active);
      return row;
    });
    byId("people").replaceChildren(...rows);
    people = response.staff;
    motcua.restoreDraft();
  }

  function buttons(member) {
    /** @type {[string, () => void][]} */
    const all = [
      [words.edit, () => form.edit(member)],
      [words.reset, () => reset(member)],
      [words.sessions, () => motcua.showSessions(member)],
      [words.sign_out, () => send(API_URL + "/" + member.id + "/sign-out", {}, format(words.signed_out, member))],
    ];
    if (member.has_second_factor) all.push([words.factor_reset, () => resetFactor(member)]);
    return all;
  }

  function resetFactor(member) {
    if (window.confirm(format(words.sure_factor, member))) {
      send(API_URL + "/" + member.id + "/reset-second-factor", {}, format(words.factor_gone, member));
    }
  }

  function reset(member) {
    if (window.confirm(format(words.sure, member))) send(API_URL + "/" + member.id + "/reset-password", {}, "");
  }

  function send(path, body, message) {
    return apiRequest(path, body, MESSAGES).then((response) => {
      render(response);
      showStatus(message);
    }, (error) => showStatus(error.message, true));
  }

  async function save(member) {
    const name = byId("name").value.trim();
    const body = { role: byId("role").value, counters: motcua.splitCodes(byId("counters").value) };
    render(await (member
      ? apiRequest(API_URL + "/" + member.id, { ...body, active: byId("active").checked }, MESSAGES)
      : apiRequest(API_URL, { ...body, name }, MESSAGES)));
    return format(member ? words.saved : words.added, { name });
  }

  const form = new motcua.EntryForm({
    fill, save, find: (id) => people.find((one) => one.id === id), labels: { add: words.add, change: words.save },
  });
  apiRequest(API_URL).then(render, (error) => showStatus(error.message, true));
})();
