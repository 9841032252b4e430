// What somebody has typed is not lost with their session: it is kept in this tab, and put back after the sign-in, for
// the same person on the same page alone.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId } = motcua;

  const KEPT = "motcua.draft " + location.pathname;
  const LIVES = 12 * 3600 * 1000;
  const FIELDS = "main input[id], main textarea[id], main select[id], dialog input[id], dialog textarea[id]";
  const NOT_KEPT = ["password", "hidden", "submit", "button", "search", "file"];
  const who = document.querySelector("meta[name=member]");
  const typed = new Set();
  // Pages that change one of a list: `current()` its id or null, `resume(id)` begins to change it once it is there.
  let editor = null;
  let waiting = null;

  const fields = () => Array.from(document.querySelectorAll(FIELDS)).filter((one) => !NOT_KEPT.includes(one.type));

  function valueOf(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked;
    return field.multiple ? Array.from(field.selectedOptions, (one) => one.value) : field.value;
  }

  function put(field, value) {
    if (typeof value === "boolean") field.checked = value;
    else if (field.multiple) Array.from(field.options).forEach((one) => (one.selected = value.includes(one.value)));
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("input", (event) => event.target.id && typed.add(event.target.id));

  // Called before the page is left for the sign-in.
  motcua.keepDraft = function () {
    const all = fields();
    const isWorthIt = all.some((one) => typed.has(one.id) && String(valueOf(one)).trim());
    if (!isWorthIt || !who) return;
    const values = {};
    all.forEach((one) => (values[one.id] = valueOf(one)));
    const draft = { who: who.content, at: Date.now(), editing: editor ? editor.current() : null, values };
    motcua.note(KEPT, JSON.stringify(draft), sessionStorage);
  };

  function fill(draft) {
    fields().forEach((one) => {
      if (one.id in draft.values) put(one, draft.values[one.id]);
      typed.add(one.id);
    });
    const told = byId("told");
    if (!told) return;
    told.hidden = false;
    motcua.write(told, document.querySelector("meta[name=draft-words]").content);
  }

  function taken() {
    const text = motcua.recall(KEPT, sessionStorage);
    motcua.note(KEPT, null, sessionStorage);
    try {
      const draft = JSON.parse(text);
      return draft && who && draft.who === who.content && Date.now() - draft.at < LIVES ? draft : null;
    } catch (error) {
      return null;
    }
  }

  // The page says how it changes one of its list.
  motcua.draftsOf = (current, resume) => (editor = { current, resume });

  // The page's list has come: what was being changed is changed again.
  motcua.draftReady = function () {
    if (!waiting) return;
    const draft = waiting;
    waiting = null;
    if (editor && editor.resume(draft.editing)) fill(draft);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const draft = taken();
    if (draft && draft.editing !== null) waiting = draft;
    else if (draft) fill(draft);
  });
})();
