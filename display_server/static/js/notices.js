// Staff's page of the notices: write one, change it, end it.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, format, words, textOf, apiRequest, showStatus } = motcua;

  const POLL_MS = 10000;
  const API_URL = "/api/v1/admin/announcements";
  const timeZone = document.body.dataset.timezone;
  const texts = /** @type {Json[]} */ (Array.from(document.querySelectorAll("textarea[data-language]")));
  const MESSAGES = { 422: words.order };

  // --- Times: the fields show the centre's clock, wherever this browser stands.
  /** @type {Intl.DateTimeFormatOptions} */
  const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  function toField(date) {
    const parts = {};
    new Intl.DateTimeFormat("en-GB", Object.assign({ timeZone }, PARTS)).formatToParts(date).forEach((part) => (parts[part.type] = part.value));
    return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
  }

  function formatMoment(moment) {
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

  function fill(one) {
    const now = Date.now();
    texts.forEach(function (field) {
      motcua.resetNote(field.id);
      field.value = (one && one.text[field.dataset.language]) || "";
    });
    byId("starts").value = motcua.momentText(toField(one ? new Date(one.starts_at) : new Date(now)));
    byId("ends").value = motcua.momentText(toField(one && one.ends_at ? new Date(one.ends_at) : new Date(now + 24 * 3600 * 1000)));
    byId("urgent").checked = Boolean(one && one.urgent);
    byId("spoken").checked = Boolean(one && one.spoken);
    updateForm();
  }

  // An emergency has no times, and a text in every language.
  function updateForm() {
    const isUrgent = byId("urgent").checked;
    byId("times").hidden = isUrgent;
    ["starts", "ends"].forEach((id) => (byId(id).required = !isUrgent));
    texts.forEach((field, at) => (field.required = isUrgent || at === 0));
  }

  // --- The list.
  function button(text, onClick) {
    const made = /** @type {HTMLButtonElement} */ (createElement("button", "button", text));
    made.type = "button";
    made.addEventListener("click", onClick);
    return made;
  }

  function card(one) {
    const item = createElement("li");
    item.appendChild(createElement("h2", "", textOf(one.text)));
    const times = { start: formatMoment(one.starts_at), end: one.ends_at && formatMoment(one.ends_at) };
    const emergency = one.urgent ? words.urgent + ", " + words.until_ended : null;
    const when = emergency || (one.is_shown ? words.shown + ", " + format(words.until, times) : format(words.from, times));
    item.appendChild(createElement("p", "display-status", [when, one.spoken && words.spoken, one.written_by].filter(Boolean).join(" · ")));
    item.classList.toggle("has-problem", one.urgent);
    const row = createElement("p", "field-row");
    row.appendChild(button(words.change, () => form.edit(one)));
    row.appendChild(button(words.end, () => end(one)));
    item.appendChild(row);
    return item;
  }

  let listed = [];
  let drawn = "";

  function render(response) {
    const text = JSON.stringify(response.announcements);
    if (text === drawn) return; // a button that is being pressed stays where it is
    drawn = text;
    motcua.renderList("notices", response.announcements.map(card));
    byId("none").hidden = response.announcements.length > 0;
    listed = response.announcements;
    motcua.restoreDraft();
  }

  // --- The API.
  async function save(one) {
    const body = chosen();
    if (!body) throw new Error(words.moment);
    if (!texts.every((field) => motcua.confirmNote(field.id))) return null;
    if (body.urgent && !window.confirm(words.sure)) return null;
    render(await apiRequest(one ? API_URL + "/" + one.id : API_URL, body, MESSAGES));
    return words.said;
  }

  // What somebody is writing meanwhile stays.
  function end(one) {
    apiRequest(API_URL + "/" + one.id + "/end", {}, MESSAGES).then((response) => {
      render(response);
      showStatus(words.said);
      form.dropped(one.id);
    }, (error) => showStatus(error.message, true));
  }

  const form = new motcua.EntryForm({
    fill, save, find: (id) => listed.find((one) => one.id === id), labels: { add: words.add, change: words.keep },
  });
  byId("urgent").addEventListener("change", updateForm);
  form.edit(null);
  motcua.pollList({ url: API_URL, render, interval: POLL_MS });
})();
