// What an answer of the server means to the clerk, in words.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { format, words } = motcua;

  const refusalText = function (response, step, body) {
    const problem = motcua.problemType(response);
    if (problem === "moved-on") {
      return response.body.call ? format(words.moved_on, { number: response.body.call.number }) : words.moved_on_nobody;
    }
    const { announcements_before: before } = response.body;
    if (before !== undefined) return before ? format(words.not_announced, { n: before }) : words.not_announced_next;
    if (problem === "wrong-state" && response.body.seconds_left) return format(words.wrong_grace, { n: response.body.seconds_left });
    if (problem !== "wrong-state") return words.wrong_conflict;
    if (response.body.call) return words.wrong_open;
    if (step === "undo" && !response.body.state) return words.wrong_undo;
    if (body.staff && !response.body.state) return format(words.wrong_staff, body);
    const state = words["ticket_" + response.body.state];
    return state ? format(words.wrong_state, { state }) : words.wrong_nobody;
  };

  // {text, isWrong}; `target`: the name of where a visitor was sent.
  motcua.messageFor = function (action, response, target) {
    const error = (text) => ({ text, isWrong: true });
    const step = action.step === "call-next" ? "call" : action.step;
    const call = response.body && response.body.call;
    if (response.status === 0) return error(words.given_up);
    if (response.status === 204) return { text: words.nobody_waits, isWrong: false };
    if (response.status === 200 && call && ["recall", "no-show"].includes(action.step) && call.state !== "called") {
      return { text: format(call.state === "waiting" ? words.did_back : words["did_no-show"], { number: call.number }), isWrong: false };
    }
    if (response.status === 200 && call && step === "finish" && call.state === "waiting") {
      return { text: format(words.did_go_on, { number: call.number }), isWrong: false };
    }
    if (response.status === 200) {
      return { text: format(words["did_" + step], { number: call ? call.number : "", target: target || "" }), isWrong: false };
    }
    if (response.status === 409) return error(refusalText(response, action.step, action.body));
    if (response.status === 403) return error(words.forbidden);
    if (response.status === 404) return error(action.body.number ? format(words.unknown_number, action.body) : words.gone);
    return error(format(words.failed, { status: response.status }));
  };
})();
