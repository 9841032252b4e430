// The people of the centre: who may sign in, as what, at which counters.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, fill, words, write, askDoor, tell } = motcua;

  const DOOR = "/api/v1/admin/staff";
  let editing = null;
  let people = [];

  function edit(member) {
    editing = member;
    write(byId("form-title"), member ? member.name : byId("form-title").dataset.new);
    write(byId("submit"), member ? words.save : words.add);
    byId("name").value = member ? member.name : "";
    byId("name").disabled = Boolean(member);
    byId("role").value = member ? member.role : "clerk";
    byId("counters").value = member ? member.counters.join(", ") : "";
    byId("active").checked = !member || member.active;
    byId("active-row").hidden = byId("cancel").hidden = !member;
    write(byId("form-told"), "");
    if (member) byId("role").focus();
  }

  function show(answer) {
    byId("once").hidden = !answer.password;
    write(byId("password"), answer.password || "");
    const rows = answer.staff.map((member) => {
      const notes = [member.active ? (member.must_change ? words.first : "") : words.out, member.has_second_factor ? words.factor : ""];
      const note = notes.filter(Boolean).join(", ");
      const texts = [
        note ? member.name + " (" + note + ")" : member.name,
        words.roles[member.role] || words.role_province,
        member.counters.join(", ") || words.all_counters,
        motcua.when(member.signed_in_at),
      ];
      const row = motcua.row(texts, member.role in words.roles ? buttons(member) : [], byId("people").closest("table"));
      row.classList.toggle("is-out", !member.active);
      return row;
    });
    byId("people").replaceChildren(...rows);
    people = answer.staff;
    motcua.draftReady();
  }

  function buttons(member) {
    return [
      [words.edit, () => edit(member)],
      [words.reset, () => reset(member)],
      [words.sessions, () => motcua.showSessions(member)],
      [words.sign_out, () => send(DOOR + "/" + member.id + "/sign-out", {}, fill(words.signed_out, member))],
    ].concat(member.has_second_factor ? [[words.factor_reset, () => resetFactor(member)]] : []);
  }

  function resetFactor(member) {
    if (window.confirm(fill(words.sure_factor, member))) {
      send(DOOR + "/" + member.id + "/reset-second-factor", {}, fill(words.factor_gone, member));
    }
  }

  function reset(member) {
    if (window.confirm(fill(words.sure, member))) send(DOOR + "/" + member.id + "/reset-password", {}, "");
  }

  function send(path, body, told) {
    return askDoor(path, body).then((answer) => {
      show(answer);
      tell(told);
    }, (error) => tell(error.message, true));
  }

  async function submit(event) {
    event.preventDefault();
    const name = byId("name").value.trim();
    const body = { role: byId("role").value, counters: motcua.codes(byId("counters").value) };
    const told = fill(editing ? words.saved : words.added, { name });
    const sent = editing
      ? askDoor(DOOR + "/" + editing.id, Object.assign(body, { active: byId("active").checked }))
      : askDoor(DOOR, Object.assign(body, { name }));
    try {
      show(await sent);
      tell(told);
      edit(null);
    } catch (error) {
      write(byId("form-told"), error.message);
    }
  }

  byId("form-title").dataset.new = byId("form-title").textContent;
  byId("form").addEventListener("submit", submit);
  byId("cancel").addEventListener("click", () => edit(null));
  motcua.draftsOf(() => editing && editing.id, (id) => {
    const member = people.find((one) => one.id === id);
    if (member) edit(member);
    return Boolean(member);
  });
  askDoor(DOOR).then(show, (error) => tell(error.message, true));
})();
