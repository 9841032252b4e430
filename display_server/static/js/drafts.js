// What somebody has typed is not lost with their session: it is kept in this tab, and put back after the sign-in, for
// the same person on the same page alone.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId } = motcua;

  const STORAGE_KEY = "motcua.draft " + location.pathname;
  const MAX_AGE_MS = 12 * 3600 * 1000;
  const FIELDS = "main input[id], main textarea[id], main select[id], dialog input[id], dialog textarea[id]";
  const UNSAVED_TYPES = ["password", "hidden", "submit", "button", "search", "file"];
  const typed = new Set();
  // Pages that change one of a list: `current()` its id or null, `resume(id)` begins to change it once it is there.
  let editor = null;
  let waiting = null;

  const meta = (name) => /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=" + name + "]"));
  const fields = () => Array.from(/** @type {NodeListOf<any>} */ (document.querySelectorAll(FIELDS))).filter((one) => !UNSAVED_TYPES.includes(one.type));
  const who = meta("member");

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

  document.addEventListener("input", ({ target }) => target instanceof Element && target.id && typed.add(target.id));

  // Called before the page is left for the sign-in.
  motcua.saveDraft = function () {
    const all = fields();
    const isWorthIt = all.some((one) => typed.has(one.id) && String(valueOf(one)).trim());
    if (!isWorthIt || !who) return;
    const values = {};
    all.forEach((one) => (values[one.id] = valueOf(one)));
    const draft = { who: who.content, at: Date.now(), editing: editor ? editor.current() : null, values };
    motcua.storageSet(STORAGE_KEY, JSON.stringify(draft), sessionStorage);
  };

  function restore(draft) {
    fields().forEach((one) => {
      if (one.id in draft.values) put(one, draft.values[one.id]);
      typed.add(one.id);
    });
    const status = byId("status");
    if (!status) return;
    status.hidden = false;
    motcua.setText(status, (meta("draft-words") || { content: "" }).content);
  }

  function loadDraft() {
    const text = motcua.storageGet(STORAGE_KEY, sessionStorage);
    motcua.storageSet(STORAGE_KEY, null, sessionStorage);
    try {
      const draft = JSON.parse(text || "null");
      return draft && who && draft.who === who.content && Date.now() - draft.at < MAX_AGE_MS ? draft : null;
    } catch (error) {
      return null;
    }
  }

  // The page says how it changes one of its list.
  motcua.registerDraftEditor = (current, resume) => (editor = { current, resume });

  // The page's list has come: what was being changed is changed again.
  motcua.restoreDraft = function () {
    if (!waiting) return;
    const draft = waiting;
    waiting = null;
    if (editor && editor.resume(draft.editing)) restore(draft);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const draft = loadDraft();
    if (draft && draft.editing !== null) waiting = draft;
    else if (draft) restore(draft);
  });
})();
