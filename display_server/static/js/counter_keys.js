// One key for each step. Keys that are typed into a field, or while a dialog is open, are not steps.
(function () {
  "use strict";
  const motcua = window.motcua;

  const STEPS = {
    " ": "call-next", R: "recall", S: "start", F: "finish", N: "no-show", P: "park", T: "transfer", C: "call", M: "menu",
  };
  const TAKES_SPACE = "button, a, summary, [tabindex]";
  const TAKES_LETTERS = "input, select, textarea, [contenteditable]";

  // A Vietnamese input method may swallow the letter and leave only the place on the keyboard.
  const letterOf = function (event) {
    if (/^[a-z ]$/i.test(event.key)) return event.key.toUpperCase();
    const place = /^Key([A-Z])$/.exec(event.code || "");
    if (place) return place[1];
    return event.code === "Space" ? " " : "";
  };

  // For a moment after a dialog has closed, the focus is still on a field in it that nobody sees any more.
  const focusedBy = function (event) {
    const target = event.target instanceof Element ? event.target : document.body;
    return target.closest("dialog:not([open])") ? document.body : target;
  };

  motcua.listenToKeys = function (act) {
    const stepOf = function (event) {
      if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return null;
      const focused = focusedBy(event);
      if (focused.closest(TAKES_LETTERS)) return null;
      const letter = letterOf(event);
      if (letter === " " && focused.closest(TAKES_SPACE)) return null;
      return STEPS[letter] || null;
    };
    document.addEventListener("keydown", (event) => {
      const step = stepOf(event);
      if (!step) return;
      event.preventDefault();
      // A key that is held down, or stuck, is one press.
      if (!event.repeat) act(step);
    });
    // After a click the focus would stay on the button, and Space would mean that button instead of "next".
    document.addEventListener("click", (event) => {
      const button = event.detail > 0 && event.target instanceof Element && event.target.closest(".action");
      if (button) button.blur();
    });
  };
})();
