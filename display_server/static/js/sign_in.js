// The password can be shown: a clerk in a hurry sees what was typed.
(function () {
  "use strict";
  const { byId, words } = window.motcua;
  const button = byId("show");
  const password = byId("password");

  button.hidden = false;
  button.addEventListener("click", () => {
    const isShown = password.type === "text";
    password.type = isShown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!isShown));
    button.setAttribute("aria-label", isShown ? words.show : words.hide);
    password.focus();
  });
})();
