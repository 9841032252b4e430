// What an answer of the server means to the clerk, in words.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { fill, words } = motcua;

  const refused = function (answer, step, body) {
    const problem = motcua.problemOf(answer);
    if (problem === "moved-on") {
      return answer.body.call ? fill(words.moved_on, { number: answer.body.call.number }) : words.moved_on_nobody;
    }
    const { announcements_before: before } = answer.body;
    if (before !== undefined) return before ? fill(words.not_announced, { n: before }) : words.not_announced_next;
    if (problem === "wrong-state" && answer.body.seconds_left) return fill(words.wrong_grace, { n: answer.body.seconds_left });
    if (problem !== "wrong-state") return words.wrong_conflict;
    if (answer.body.call) return words.wrong_open;
    if (step === "undo" && !answer.body.state) return words.wrong_undo;
    if (body.staff && !answer.body.state) return fill(words.wrong_staff, body);
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
    if (answer.status === 200 && call && ["recall", "no-show"].includes(press.step) && call.state !== "called") {
      return { text: fill(call.state === "waiting" ? words.did_back : words["did_no-show"], { number: call.number }), isWrong: false };
    }
    if (answer.status === 200 && call && step === "finish" && call.state === "waiting") {
      return { text: fill(words.did_go_on, { number: call.number }), isWrong: false };
    }
    if (answer.status === 200) {
      return { text: fill(words["did_" + step], { number: call ? call.number : "", target: target || "" }), isWrong: false };
    }
    if (answer.status === 409) return wrong(refused(answer, press.step, press.body));
    if (answer.status === 403) return wrong(words.forbidden);
    if (answer.status === 404) return wrong(press.body.number ? fill(words.unknown_number, press.body) : words.gone);
    return wrong(fill(words.failed, { status: answer.status }));
  };
})();
