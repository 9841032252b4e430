// One key for each step, changeable on this device. Keys typed into a field, or while a dialog is open, are not steps.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, setText, format, words } = motcua;

  const DEFAULTS = {
    "call-next": " ", recall: "R", start: "S", finish: "F", "no-show": "N", park: "P", transfer: "T", then: "A", call: "C",
    undo: "U", menu: "M",
  };
  const STORAGE_KEY = "motcua.keys";
  const HANDLES_SPACE = "button, a, summary, dialog [tabindex]";
  const HANDLES_LETTERS = "input, select, textarea, [contenteditable]";
  const ALLOWED_KEY = /^[A-Z0-9 ]$/;

  // A Vietnamese input method may swallow the letter and leave only the place on the keyboard.
  const letterOf = function (event) {
    if (/^[a-z0-9 ]$/i.test(event.key)) return event.key.toUpperCase();
    const code = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code || "");
    if (code) return code[1];
    return event.code === "Space" ? " " : "";
  };

  // For a moment after a dialog has closed, the focus is still on a field in it that nobody sees any more.
  /** @returns {Element} */
  const focusedBy = function (event) {
    const target = event.target instanceof Element ? event.target : document.body;
    return target.closest("dialog:not([open])") ? document.body : target;
  };

  const keyName = (key) => (key === " " ? words.space : key);

  class Keys {
    // act(step): its key was pressed.
    constructor(runStep) {
      this.keys = Object.assign({}, DEFAULTS, this.loadSaved());
      document.addEventListener("keydown", (event) => this.pressed(event, runStep));
      // After a click the focus would stay on the button, and Space would mean that button instead of "next".
      document.addEventListener("click", (event) => {
        const button = event.detail > 0 && event.target instanceof Element && event.target.closest(".action");
        if (button instanceof HTMLElement) button.blur();
      });
      this.show();
    }

    loadSaved() {
      try {
        const saved = JSON.parse(localStorage.getItem(STORAGE_KEY) || "{}");
        const isValid = ([step, key]) => step in DEFAULTS && ALLOWED_KEY.test(key);
        return Object.fromEntries(Object.entries(saved).filter(isValid));
      } catch (error) {
        return {};
      }
    }

    pressed(event, runStep) {
      const step = this.stepOf(event);
      if (!step) return;
      event.preventDefault();
      // A key that is held down, or stuck, is one action.
      if (!event.repeat) runStep(step);
    }

    stepOf(event) {
      if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return null;
      const focused = focusedBy(event);
      if (focused.closest(HANDLES_LETTERS)) return null;
      const letter = letterOf(event);
      if (letter === " " && focused.closest(HANDLES_SPACE)) return null;
      return Object.keys(this.keys).find((step) => this.keys[step] === letter) || null;
    }

    name(step) {
      return keyName(this.keys[step]);
    }

    show() {
      Object.keys(this.keys).forEach((step) => {
        document.querySelectorAll(`[data-key-of="${step}"]`).forEach((button) => {
          button.setAttribute("aria-keyshortcuts", this.keys[step] === " " ? "Space" : this.keys[step]);
          setText(/** @type {Element} */ (button.querySelector("kbd")), this.name(step));
        });
      });
    }

    // Whoever had the key takes the one that is given up.
    change(step, key) {
      const other = Object.keys(this.keys).find((each) => this.keys[each] === key);
      if (other) this.keys[other] = this.keys[step];
      this.keys[step] = key;
      this.save(this.keys);
    }

    reset() {
      this.keys = Object.assign({}, DEFAULTS);
      this.save(null);
    }

    save(keys) {
      try {
        if (keys) localStorage.setItem(STORAGE_KEY, JSON.stringify(keys));
        else localStorage.removeItem(STORAGE_KEY);
      } catch (error) {
        // A browser that forbids storage keeps them as long as the page.
      }
      this.show();
    }
  }

  class ShortcutsDialog {
    constructor(keys) {
      this.keys = keys;
      this.dialog = motcua.prepareDialog(byId("keys-dialog"));
      byId("keys-reset").addEventListener("click", () => {
        this.keys.reset();
        this.draw(null);
      });
    }

    open() {
      this.draw(null);
      this.dialog.showModal();
      byId("keys-list").querySelector("button").focus();
    }

    draw(focused) {
      const list = byId("keys-list");
      motcua.clear(list);
      Object.keys(DEFAULTS).forEach((step) => {
        const row = list.appendChild(this.row(step));
        if (step === focused) row.focus();
      });
    }

    row(step) {
      const label = (document.querySelector(`[data-key-of="${step}"] span`) || { textContent: step }).textContent;
      const button = createElement("button", "button");
      button.type = "button";
      button.appendChild(createElement("span", "", label));
      const shown = button.appendChild(createElement("kbd", "", this.keys.name(step)));
      button.addEventListener("click", () => {
        setText(shown, "…");
        setText(byId("keys-hint"), format(words.press_new_key, { step: label }));
        button.addEventListener("keydown", (event) => this.chosen(event, step));
        button.addEventListener("blur", () => setText(shown, this.keys.name(step)));
      });
      return button;
    }

    chosen(event, step) {
      const key = letterOf(event);
      if (!ALLOWED_KEY.test(key) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.keys.change(step, key);
      setText(byId("keys-hint"), words.key_changed);
      this.draw(step);
    }
  }

  Object.assign(motcua, { CounterShortcuts: Keys, ShortcutsDialog });
})();
