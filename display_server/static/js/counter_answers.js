// What an answer of the server means to the clerk, in words.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { fill, words } = motcua;

  const refused = function (answer, body) {
    const problem = motcua.problemOf(answer);
    if (problem !== "wrong-state") return words.wrong_conflict;
    if (answer.body.call) return words.wrong_open;
    const state = words["ticket_" + answer.body.state];
    return state ? fill(words.wrong_state, { state }) : words.wrong_nobody;
  };

  // {text, isWrong}; `target`: the name of where a visitor was sent.
  motcua.answerInWords = function (press, answer, target) {
    const wrong = (text) => ({ text, isWrong: true });
    const step = press.step === "call-next" ? "call" : press.step;
    const call = answer.body && answer.body.call;
    if (answer.status === 0) return wrong(words.given_up);
    if (answer.status === 204) return { text: words.nobody_waits, isWrong: false };
    if (answer.status === 200) {
      return { text: fill(words["did_" + step], { number: call ? call.number : "", target: target || "" }), isWrong: false };
    }
    if (answer.status === 409) return wrong(refused(answer, press.body));
    if (answer.status === 403) return wrong(words.forbidden);
    if (answer.status === 404) return wrong(press.body.number ? fill(words.unknown_number, press.body) : words.gone);
    return wrong(fill(words.failed, { status: answer.status }));
  };
})();
