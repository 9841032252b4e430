// The two questions that a clerk's key may need: which number, and where to.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, words, textOf } = motcua;

  document.querySelectorAll("[data-close]").forEach((button) => {
    button.addEventListener("click", () => button.closest("dialog").close());
  });

  motcua.askForNumber = function (onNumber) {
    const input = byId("call-number");
    input.value = "";
    byId("call-form").onsubmit = () => onNumber(input.value.trim().toUpperCase());
    byId("call-dialog").showModal();
    input.focus();
  };

  function group(label, kind, choices) {
    const group = make("optgroup");
    group.label = label;
    choices.forEach((one) => {
      const option = make("option", "", textOf(one.name));
      option.value = kind + ":" + one.code;
      group.appendChild(option);
    });
    return group;
  }

  // onTarget({department | counter, note?})
  motcua.askForTarget = function ({ departments, counters }, onTarget) {
    const select = byId("transfer-to");
    motcua.empty(select);
    select.appendChild(make("option", "", "")).value = "";
    select.appendChild(group(words.departments, "department", departments));
    select.appendChild(group(words.counters, "counter", counters));
    byId("transfer-note").value = "";
    byId("transfer-form").onsubmit = () => {
      const [kind, code] = select.value.split(":");
      const note = byId("transfer-note").value.trim();
      onTarget({ [kind]: code, ...(note ? { note } : {}) });
    };
    byId("transfer-dialog").showModal();
    select.focus();
  };
})();
