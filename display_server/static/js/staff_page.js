// What the staff's pages share: their status line, requests with messages, a list that is polled, the form of its
// entries, and dialogs.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, setText, words } = motcua;

  const status = byId("status");
  // Where the page hides an empty status line, it has no room for one.
  const hidesStatus = Boolean(status) && status.hidden;

  motcua.showStatus = function (text, isError) {
    setText(status, text); // screen readers read it when it changes
    status.classList.toggle("is-error", Boolean(isError));
    if (hidesStatus) status.hidden = !text;
  };

  // Resolves to the response's body; rejects with a message for the person: of `messages` by status, else words.failed.
  motcua.apiRequest = async function (path, body, messages) {
    const response = await motcua.apiFetch(path, body).catch(() => Promise.reject(new Error(words.failed)));
    if (!response.ok) throw new Error((messages && messages[response.status]) || words.failed);
    return response.json();
  };

  // Loads `url` again and again; the status line shows a lost connection until it is back. `messages`: as above.
  // Returns refresh(): loads it once, now.
  motcua.pollList = function ({ url, render, interval, messages }) {
    let problem = "";
    const refresh = () =>
      motcua.apiRequest(url, undefined, messages).then((body) => {
        if (problem && status.textContent === problem) motcua.showStatus("");
        problem = "";
        render(body);
      }, (error) => {
        problem = error.message;
        motcua.showStatus(problem, true);
      });
    const repeat = () => refresh().catch((error) => console.error(error)).then(() => setTimeout(repeat, interval));
    repeat();
    return refresh;
  };

  // A list's rows or cards anew; whoever had the focus keeps it.
  motcua.renderList = function (id, elements) {
    const list = byId(id);
    motcua.keepFocus(list, () => {
      motcua.clear(list);
      elements.forEach((element) => list.appendChild(element));
    });
  };

  // The form #form that makes a new entry of a list or changes one. `fill(entry)`: null for a new one; `save(entry)`
  // resolves to the message for the status line, or to null when nothing was sent; `find(id)`: an entry of the list, for
  // a draft that was kept over a sign-in.
  class EntryForm {
    constructor({ fill, save, find, labels }) {
      this.fill = fill;
      this.save = save;
      this.labels = labels;
      this.newTitle = byId("form-title").textContent;
      /** @type {any} */
      this.entry = null;
      byId("form").addEventListener("submit", (event) => this.submit(event));
      byId("cancel").addEventListener("click", () => this.edit(null));
      motcua.registerDraftEditor(() => this.entry && this.entry.id, (id) => {
        const entry = find(id);
        if (entry) this.edit(entry);
        return Boolean(entry);
      });
    }

    edit(entry) {
      this.entry = entry;
      setText(byId("form-title"), (entry && entry.name) || this.newTitle);
      setText(byId("submit"), entry ? this.labels.change : this.labels.add);
      byId("cancel").hidden = !entry;
      this.fill(entry);
      setText(byId("form-status"), "");
    }

    // The entry is gone from the list: it is not changed any more.
    dropped(id) {
      if (this.entry && this.entry.id === id) this.edit(null);
    }

    async submit(event) {
      event.preventDefault();
      try {
        const message = await this.save(this.entry);
        if (message === null) return;
        motcua.showStatus(message);
        this.edit(null);
      } catch (error) {
        setText(byId("form-status"), /** @type {Error} */ (error).message);
      }
    }
  }

  motcua.openDialog = function (dialog) {
    dialog.showModal();
    const first = /** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus]"));
    if (first) first.focus();
  };

  // Closes at [data-close] and beside the dialog; a digit chooses its [data-digit].
  motcua.prepareDialog = function (dialog) {
    dialog.querySelectorAll("[data-close]").forEach((button) => button.addEventListener("click", () => dialog.close()));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("keydown", (event) => {
      const { tagName } = /** @type {Element} */ (event.target);
      if (/^(input|select|textarea)$/i.test(tagName) || event.ctrlKey || event.altKey || event.metaKey) return;
      const choice = /** @type {HTMLElement | null} */ (dialog.querySelector(`[data-digit="${event.key}"]`));
      if (!choice || event.repeat) return;
      event.preventDefault();
      choice.click();
    });
    return dialog;
  };

  motcua.EntryForm = EntryForm;
})();
