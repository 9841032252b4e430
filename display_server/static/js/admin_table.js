// What the administrators' pages of accounts and devices share: their table.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { createElement, words } = motcua;

  const day = new Intl.DateTimeFormat("vi-VN", {
    timeZone: document.body.dataset.timezone, day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit",
  });

  motcua.formatWhen = (moment) => (moment ? day.format(new Date(moment)) : words.never);

  // "1, 2;5" -> ["1", "2", "5"]
  motcua.splitCodes = (text) => text.split(/[\s,;]+/).filter(Boolean);

  // One row: texts, then buttons as [words, what it does].
  motcua.tableRow = function (texts, buttons, table) {
    const row = createElement("tr");
    const headings = (table || document).querySelectorAll("thead th"); // a narrow window shows them beside each text
    texts.forEach((text, at) => {
      row.appendChild(createElement("td", "", text)).dataset.label = headings[at].textContent;
    });
    const cell = row.appendChild(createElement("td")).appendChild(createElement("div", "row-buttons"));
    buttons.forEach(([label, act]) => {
      const button = cell.appendChild(createElement("button", "button", label));
      button.setAttribute("aria-label", label + ": " + texts[0]);
      button.addEventListener("click", act);
    });
    return row;
  };
})();
