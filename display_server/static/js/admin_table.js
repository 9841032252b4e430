// What the administrators' pages of people and devices share: their doors, their list, their messages.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, words, write } = motcua;

  const day = new Intl.DateTimeFormat("vi-VN", {
    timeZone: document.body.dataset.timezone, day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit",
  });

  motcua.when = (moment) => (moment ? day.format(new Date(moment)) : words.never);

  // "1, 2;5" -> ["1", "2", "5"]
  motcua.codes = (text) => text.split(/[\s,;]+/).filter(Boolean);

  // Resolves to the answer's body; rejects with words for the person.
  motcua.askDoor = async function (path, body) {
    const answer = await motcua.fetchDoor(path, body).catch(() => Promise.reject(new Error(words.failed)));
    const told = { 404: words.not_found, 409: words.taken, 422: words.invalid, 429: words.too_many };
    if (!answer.ok) throw new Error(told[answer.status] || words.failed);
    return answer.json();
  };

  // One row: texts, then buttons as [words, what it does].
  motcua.row = function (texts, buttons, table) {
    const row = make("tr");
    const heads = (table || document).querySelectorAll("thead th"); // a narrow window shows them beside each text
    texts.forEach((text, at) => {
      row.appendChild(make("td", "", text)).dataset.label = heads[at].textContent;
    });
    const place = row.appendChild(make("td")).appendChild(make("div", "row-buttons"));
    buttons.forEach(([told, act]) => {
      const button = place.appendChild(make("button", "button", told));
      button.setAttribute("aria-label", told + ": " + texts[0]);
      button.addEventListener("click", act);
    });
    return row;
  };

  motcua.tell = (text, isWrong) => {
    write(byId("told"), text);
    byId("told").classList.toggle("is-wrong", Boolean(isWrong));
  };
})();
