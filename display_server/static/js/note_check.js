// Notes are about documents, not about people: the number of an ID card or of a phone is warned of before it is sent.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, setText, words } = motcua;

  // Digits, also with spaces or dots between them; or with one dash or comma between two of them, and no letter before
  // them: a dossier's number is H42-261128-0001.
  const RUNS = [/\d(?:[\s.]*\d)*/g, /(?:^|[^\p{L}\d_])\d(?:[-\u2010-\u2015\u2212_\u00b7,]?\d)*/gu];
  const OLD_CARD = 9; // digits of an old identity card
  const PHONE = /^(0|84)\d{9,10}$/; // of a mobile, of a house; with the country's code
  const CARD = 12; // of today's, and the personal number

  // What people type in other forms of digits counts as well.
  const looksPersonal = (text) =>
    RUNS.flatMap((pattern) => text.normalize("NFKC").match(pattern) || [])
      .map((run) => run.replace(/\D/g, ""))
      .some((digits) => digits.length === OLD_CARD || digits.length === CARD || PHONE.test(digits));

  // The field `id` has its hint in `id-hint`. False: the warning was shown just now; the same text passes next time.
  const confirmNote = function (id) {
    const field = byId(id);
    const text = field.value.trim();
    const passes = !looksPersonal(text) || field.dataset.warned === text;
    field.dataset.warned = text;
    const hint = byId(id + "-hint");
    hint.classList.toggle("is-error", !passes);
    setText(hint, passes ? words.no_names : words.looks_personal);
    if (!passes) field.focus();
    return passes;
  };

  const resetNote = function (id) {
    byId(id).value = "";
    delete byId(id).dataset.warned;
    byId(id + "-hint").classList.remove("is-error");
    setText(byId(id + "-hint"), words.no_names);
  };

  Object.assign(motcua, { looksPersonal, confirmNote, resetNote });
})();
