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
    return { text, starts_at: fromField(byId("starts").value), ends_at: fromField(byId("ends").value) };
  }

  function edit(one) {
    editing = one ? one.id : null;
    const now = Date.now();
    texts.forEach((field) => (field.value = (one && one.text[field.dataset.language]) || ""));
    byId("starts").value = toField(one ? new Date(one.starts_at) : new Date(now));
    byId("ends").value = toField(one ? new Date(one.ends_at) : new Date(now + 24 * 3600 * 1000));
    byId("cancel").hidden = !one;
    write(byId("submit"), one ? words.keep : words.add);
    write(byId("form-told"), "");
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
    const times = { start: told(one.starts_at), end: told(one.ends_at) };
    const when = one.is_shown ? words.shown + ", " + fill(words.until, times) : fill(words.from, times);
    item.appendChild(make("p", "screen-told", when + " · " + one.written_by));
    const row = make("p", "field-row");
    row.appendChild(button(words.change, () => edit(one)));
    row.appendChild(button(words.end, () => end(one)));
    item.appendChild(row);
    return item;
  }

  let drawn = "";

  function show(answer) {
    const text = JSON.stringify(answer.announcements);
    if (text === drawn) return; // a button that is being pressed stays where it is
    drawn = text;
    const list = byId("announcements");
    motcua.empty(list);
    answer.announcements.forEach((one) => list.appendChild(card(one)));
    byId("none").hidden = answer.announcements.length > 0;
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
    if (await act(editing === null ? "" : "/" + editing, chosen(), byId("form-told"))) edit(null);
  }

  // What somebody is writing meanwhile stays.
  async function end(one) {
    if (await act("/" + one.id + "/end", {}, byId("told")) && editing === one.id) edit(null);
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
  byId("cancel").addEventListener("click", () => edit(null));
  edit(null);
  keepLoading();
})();
