// The clerk's page: one key each, one visitor each.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, fill, words, make } = motcua;
  const settings = document.body.dataset;
  const code = settings.counter;

  const RETRY = 3000;
  const clock = new motcua.ServerClock();
  const view = new motcua.CounterView(clock, (ticket) => press("call", { ticket_id: ticket.id }));
  const presses = new motcua.Presses(code, () => tell(words.trying, "wrong"));
  const steps = {};
  let counter = null;
  let counters = [];
  let sending = false;

  document.querySelectorAll("[data-step]").forEach((button) => {
    const step = button.dataset.step;
    steps[button.getAttribute("aria-keyshortcuts")] = button;
    button.addEventListener("click", (event) => {
      // After a finger or a mouse the focus goes back to the page, where Space means "next".
      if (event.detail > 0) button.blur();
      begin(step);
    });
  });

  function begin(step) {
    if (step === "call") return motcua.askForNumber((number) => press("call", { number }));
    if (step === "transfer") return motcua.askForTarget(targets(), (target) => press("transfer", target));
    return press(step, {});
  }

  const targets = () => ({
    departments: Array.from(view.centre.departments.values()),
    counters: counters.filter((one) => one.code !== code),
  });

  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const focus = document.activeElement;
    if (document.querySelector("dialog[open]") || /^(INPUT|SELECT|TEXTAREA)$/.test(focus.tagName)) return;
    const isSpace = event.code === "Space" || event.key === " ";
    // A control reached with Tab keeps its own Space.
    if (isSpace && /^(BUTTON|A)$/.test(focus.tagName)) return;
    const key = isSpace ? "Space" : event.code.replace(/^Key/, "") || event.key.toUpperCase();
    const button = steps[key];
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) begin(button.dataset.step);
  });

  async function press(step, values) {
    if (sending) return;
    setSending(true);
    try {
      tellAnswer(await presses.press(step, values), counter && counter.call);
      await refresh();
    } finally {
      setSending(false);
    }
  }

  function setSending(now) {
    sending = now;
    document.body.classList.toggle("is-sending", now);
    if (counter) view.keys(counter, sending);
  }

  function tellAnswer({ step, status, body }, before) {
    const call = body && body.call;
    const number = (call && call.number) || (before && before.number) || "";
    if (status === 204) tell(words.nobody_waits);
    else if (status === 200 && (step === "call-next" || step === "call")) tell(fill(words.called_now, { number }), "good");
    else if (status === 200) tell(fill(words[{ finish: "finished", break: "break_told" }[step] || step], { number }), "good");
    else tellTrouble(status, body);
  }

  function tellTrouble(status, body) {
    const detail = (body && body.detail) || "";
    if (status === 0) tell(words.gave_up, "wrong");
    else if (status === 401 || (body && body.type === "/problems/csrf")) tellSignIn();
    else if (status === 403) tell(words.no_right, "wrong");
    else if (status === 404) tell(words.unknown_number, "wrong");
    else if (status === 409) tell(words.wrong_state, "wrong");
    else if (status === 422) tell(words.invalid, "wrong");
    else tell(fill(words.refused, { detail }), "wrong");
  }

  function tell(text, kind) {
    const told = byId("told");
    told.className = "told" + (kind ? " told-" + kind : "");
    told.textContent = text;
    told.hidden = false;
  }

  function tellSignIn() {
    tell(words.sign_in + " ", "wrong");
    const link = byId("told").appendChild(make("a", "", words.sign_in_link));
    link.href = "/sign-in?next=" + encodeURIComponent(location.pathname + location.search);
    link.focus();
  }

  async function ask(url) {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (answer.status === 401) tellSignIn();
    if (!answer.ok) throw new Error(url + ": " + answer.status);
    return answer.json();
  }

  // Asked at every change of the hall; one question at a time, and one more when something changed meanwhile.
  let asking = null;
  let askAgain = false;
  function refresh() {
    if (asking) {
      askAgain = true;
      return asking;
    }
    asking = ask("/api/v1/counters/" + encodeURIComponent(code))
      .then(show, (error) => {
        console.warn(error);
        setTimeout(refresh, RETRY);
      })
      .then(() => {
        asking = null;
        if (!askAgain) return undefined;
        askAgain = false;
        return refresh();
      });
    return asking;
  }

  function show(newCounter) {
    counter = newCounter;
    view.draw(counter);
    view.keys(counter, sending);
  }

  async function loadNames() {
    try {
      view.takeCentre(await ask("/api/v1/centre"));
      counters = (await ask("/api/v1/counters")).counters;
      if (counter) show(counter);
    } catch (error) {
      setTimeout(loadNames, RETRY);
    }
  }

  async function finishLeftOver() {
    setSending(true);
    const done = await presses.pressLeftOver();
    setSending(false);
    if (done) tellAnswer(done, null);
    refresh();
  }

  motcua.note("motcua.counter", code);
  loadNames();
  finishLeftOver();
  new motcua.HallStream({
    url: motcua.hallDoors(settings.hall).stream,
    silentSeconds: Number(settings.silentSeconds),
    onState: (state) => {
      clock.set(state.now);
      refresh();
    },
    onConnection: motcua.showConnection,
  }).start();
})();
