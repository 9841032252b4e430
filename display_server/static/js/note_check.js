// Notes are about papers, not about people: a number of an ID card or of a phone is noticed before it is sent.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, words } = motcua;

  const RUN = /\d(?:[\s.]*\d)*/g; // digits, also with spaces or dots between them
  const OLD_CARD = 9; // digits of an old identity card
  const PHONE = /^0\d{9}$/;
  const CARD = 12; // of today's, and the personal number

  // What people type in other forms of digits counts as well.
  const looksPersonal = (text) =>
    (text.normalize("NFKC").match(RUN) || [])
      .map((run) => run.replace(/[\s.]/g, ""))
      .some((digits) => digits.length === OLD_CARD || digits.length === CARD || PHONE.test(digits));

  // The field `id` has its hint in `id-hint`. False: the warning was shown just now; the same text passes next time.
  const mayBeSent = function (id) {
    const field = byId(id);
    const text = field.value.trim();
    const passes = !looksPersonal(text) || field.dataset.warned === text;
    field.dataset.warned = text;
    const hint = byId(id + "-hint");
    hint.classList.toggle("is-wrong", !passes);
    write(hint, passes ? words.no_names : words.looks_personal);
    if (!passes) field.focus();
    return passes;
  };

  const freshNote = function (id) {
    byId(id).value = "";
    delete byId(id).dataset.warned;
    byId(id + "-hint").classList.remove("is-wrong");
    write(byId(id + "-hint"), words.no_names);
  };

  Object.assign(motcua, { looksPersonal, mayBeSent, freshNote });
})();
