// Staff's page of the announcements: write one, change it, take it off.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, fill, words, write, textOf, fetchDoor } = motcua;

  const EVERY = 10000;
  const DOOR = "/api/v1/admin/announcements";
  const timeZone = document.body.dataset.timezone;
  const texts = Array.from(document.querySelectorAll("textarea[data-language]"));
  let editing = null;

  // --- Times: the fields show the centre's clock, wherever this browser stands.
  const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  function toField(date) {
    const parts = {};
    new Intl.DateTimeFormat("en-GB", Object.assign({ timeZone }, PARTS)).formatToParts(date).forEach((part) => (parts[part.type] = part.value));
    return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
  }

  function told(moment) {
    const [day, time] = toField(new Date(moment)).split("T");
    return time + " " + day.split("-").reverse().join("/");
  }

  function fromField(value) {
    const asUtc = Date.parse(value + ":00Z");
    const offset = Date.parse(toField(new Date(asUtc)) + ":00Z") - asUtc;
    return new Date(asUtc - offset).toISOString();
  }

  function chosen() {
    const text = {};
    texts.forEach((field) => field.value.trim() && (text[field.dataset.language] = field.value.trim()));
    const spoken = byId("spoken").checked;
    if (byId("urgent").checked) return { text, spoken, urgent: true, starts_at: new Date().toISOString(), ends_at: null };
    const [starts, ends] = ["starts", "ends"].map((id) => motcua.momentOf(byId(id).value));
    return starts && ends && { text, spoken, urgent: false, starts_at: fromField(starts), ends_at: fromField(ends) };
  }

  function edit(one) {
    editing = one ? one.id : null;
    const now = Date.now();
    texts.forEach(function (field) {
      motcua.freshNote(field.id);
      field.value = (one && one.text[field.dataset.language]) || "";
    });
    byId("starts").value = motcua.momentText(toField(one ? new Date(one.starts_at) : new Date(now)));
    byId("ends").value = motcua.momentText(toField(one && one.ends_at ? new Date(one.ends_at) : new Date(now + 24 * 3600 * 1000)));
    byId("urgent").checked = Boolean(one && one.urgent);
    byId("spoken").checked = Boolean(one && one.spoken);
    follow();
    byId("cancel").hidden = !one;
    write(byId("submit"), one ? words.keep : words.add);
    write(byId("form-told"), "");
  }

  // An emergency has no times, and a text in every language.
  function follow() {
    const isUrgent = byId("urgent").checked;
    byId("times").hidden = isUrgent;
    ["starts", "ends"].forEach((id) => (byId(id).required = !isUrgent));
    texts.forEach((field, at) => (field.required = isUrgent || at === 0));
  }

  // --- The list.
  function button(text, act) {
    const made = make("button", "button", text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  function card(one) {
    const item = make("li");
    item.appendChild(make("h2", "", textOf(one.text)));
    const times = { start: told(one.starts_at), end: one.ends_at && told(one.ends_at) };
    const lasts = one.urgent ? words.urgent + ", " + words.until_ended : null;
    const when = lasts || (one.is_shown ? words.shown + ", " + fill(words.until, times) : fill(words.from, times));
    item.appendChild(make("p", "screen-told", [when, one.spoken && words.spoken, one.written_by].filter(Boolean).join(" · ")));
    item.classList.toggle("has-trouble", one.urgent);
    const row = make("p", "field-row");
    row.appendChild(button(words.change, () => edit(one)));
    row.appendChild(button(words.end, () => end(one)));
    item.appendChild(row);
    return item;
  }

  let listed = [];
  let drawn = "";

  function show(answer) {
    const text = JSON.stringify(answer.announcements);
    if (text === drawn) return; // a button that is being pressed stays where it is
    drawn = text;
    const list = byId("announcements");
    motcua.empty(list);
    answer.announcements.forEach((one) => list.appendChild(card(one)));
    byId("none").hidden = answer.announcements.length > 0;
    listed = answer.announcements;
    motcua.draftReady();
  }

  // --- The door. Resolves to whether it was done.
  async function act(path, body, toldIn) {
    const answer = await fetchDoor(DOOR + path, body).catch(() => null);
    const isDone = Boolean(answer && answer.ok);
    if (isDone) show(await answer.json());
    write(byId("told"), isDone ? words.said : "");
    if (!isDone) write(toldIn, answer && answer.status === 422 ? words.order : words.failed);
    return isDone;
  }

  async function submit(event) {
    event.preventDefault();
    const body = chosen();
    if (!body) return write(byId("form-told"), words.moment);
    if (!texts.every((field) => motcua.mayBeSent(field.id))) return undefined;
    if (body.urgent && !window.confirm(words.sure)) return undefined;
    if (await act(editing === null ? "" : "/" + editing, body, byId("form-told"))) edit(null);
    return undefined;
  }

  // What somebody is writing meanwhile stays.
  async function end(one) {
    if (await act("/" + one.id + "/end", {}, byId("told")) && editing === one.id) edit(null);
  }

  function resume(id) {
    const one = listed.find((each) => each.id === id);
    if (one) edit(one);
    return Boolean(one);
  }

  async function keepLoading() {
    try {
      const answer = await fetchDoor(DOOR);
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      if (byId("told").textContent === words.failed) write(byId("told"), "");
    } catch (error) {
      write(byId("told"), words.failed);
    }
    setTimeout(keepLoading, EVERY);
  }

  byId("form").addEventListener("submit", submit);
  byId("urgent").addEventListener("change", follow);
  byId("cancel").addEventListener("click", () => edit(null));
  motcua.draftsOf(() => editing, resume);
  edit(null);
  keepLoading();
})();
