// One key for each step, changeable on this device. Keys typed into a field, or while a dialog is open, are not steps.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, fill, words } = motcua;

  const USUAL = {
    "call-next": " ", recall: "R", start: "S", finish: "F", "no-show": "N", park: "P", transfer: "T", then: "A", call: "C",
    undo: "U", menu: "M",
  };
  const KEPT = "motcua.keys";
  const TAKES_SPACE = "button, a, summary, dialog [tabindex]";
  const TAKES_LETTERS = "input, select, textarea, [contenteditable]";
  const MAY_BE_A_KEY = /^[A-Z0-9 ]$/;

  // A Vietnamese input method may swallow the letter and leave only the place on the keyboard.
  const letterOf = function (event) {
    if (/^[a-z0-9 ]$/i.test(event.key)) return event.key.toUpperCase();
    const place = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code || "");
    if (place) return place[1];
    return event.code === "Space" ? " " : "";
  };

  // For a moment after a dialog has closed, the focus is still on a field in it that nobody sees any more.
  const focusedBy = function (event) {
    const target = event.target instanceof Element ? event.target : document.body;
    return target.closest("dialog:not([open])") ? document.body : target;
  };

  const keyName = (key) => (key === " " ? words.space : key);

  class Keys {
    // act(step): its key was pressed.
    constructor(act) {
      this.keys = Object.assign({}, USUAL, this.kept());
      document.addEventListener("keydown", (event) => this.pressed(event, act));
      // After a click the focus would stay on the button, and Space would mean that button instead of "next".
      document.addEventListener("click", (event) => {
        const button = event.detail > 0 && event.target instanceof Element && event.target.closest(".action");
        if (button) button.blur();
      });
      this.show();
    }

    kept() {
      try {
        const kept = JSON.parse(localStorage.getItem(KEPT)) || {};
        const isGood = ([step, key]) => step in USUAL && MAY_BE_A_KEY.test(key);
        return Object.fromEntries(Object.entries(kept).filter(isGood));
      } catch (error) {
        return {};
      }
    }

    pressed(event, act) {
      const step = this.stepOf(event);
      if (!step) return;
      event.preventDefault();
      // A key that is held down, or stuck, is one press.
      if (!event.repeat) act(step);
    }

    stepOf(event) {
      if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return null;
      const focused = focusedBy(event);
      if (focused.closest(TAKES_LETTERS)) return null;
      const letter = letterOf(event);
      if (letter === " " && focused.closest(TAKES_SPACE)) return null;
      return Object.keys(this.keys).find((step) => this.keys[step] === letter) || null;
    }

    name(step) {
      return keyName(this.keys[step]);
    }

    show() {
      Object.keys(this.keys).forEach((step) => {
        document.querySelectorAll(`[data-key-of="${step}"]`).forEach((button) => {
          button.setAttribute("aria-keyshortcuts", this.keys[step] === " " ? "Space" : this.keys[step]);
          write(button.querySelector("kbd"), this.name(step));
        });
      });
    }

    // Whoever had the key takes the one that is given up.
    change(step, key) {
      const other = Object.keys(this.keys).find((each) => this.keys[each] === key);
      if (other) this.keys[other] = this.keys[step];
      this.keys[step] = key;
      this.keep(this.keys);
    }

    reset() {
      this.keys = Object.assign({}, USUAL);
      this.keep(null);
    }

    keep(keys) {
      try {
        if (keys) localStorage.setItem(KEPT, JSON.stringify(keys));
        else localStorage.removeItem(KEPT);
      } catch (error) {
        // A browser that forbids storage keeps them as long as the page.
      }
      this.show();
    }
  }

  class KeysDialog {
    constructor(keys) {
      this.keys = keys;
      this.dialog = motcua.prepareDialog(byId("keys-dialog"));
      byId("keys-usual").addEventListener("click", () => {
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
      motcua.empty(list);
      Object.keys(USUAL).forEach((step) => {
        const row = list.appendChild(this.row(step));
        if (step === focused) row.focus();
      });
    }

    row(step) {
      const label = document.querySelector(`[data-key-of="${step}"] span`).textContent;
      const button = make("button", "button");
      button.type = "button";
      button.appendChild(make("span", "", label));
      const shown = button.appendChild(make("kbd", "", this.keys.name(step)));
      button.addEventListener("click", () => {
        write(shown, "…");
        write(byId("keys-hint"), fill(words.press_new_key, { step: label }));
        button.addEventListener("keydown", (event) => this.chosen(event, step));
        button.addEventListener("blur", () => write(shown, this.keys.name(step)));
      });
      return button;
    }

    chosen(event, step) {
      const key = letterOf(event);
      if (!MAY_BE_A_KEY.test(key) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.keys.change(step, key);
      write(byId("keys-hint"), words.key_changed);
      this.draw(step);
    }
  }

  Object.assign(motcua, { CounterKeys: Keys, KeysDialog });
})();
