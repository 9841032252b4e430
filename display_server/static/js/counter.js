// The clerk's page: joins the counter's state, the live hall, the keys and the presses.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, fill, words } = motcua;
  const settings = document.body.dataset;
  const door = "/api/v1/counters/" + encodeURIComponent(settings.counter);

  const FETCH_EVERY = 350;
  const WHOLE_LINE = 1000;
  const TRY_AGAIN_AFTER = 3000;
  // Two touches of a nervous finger are one press: the visitor who was called this instant is not finished by the second.
  const SETTLES_IN = 700;
  const PRESS_AGAIN_WITHIN = 10000;
  const TAKES_CALLED = ["recall", "start", "no-show"];
  const TAKES_VISITOR = ["finish", "park", "transfer", "then"];
  const OF_THE_COUNTER = ["open", "break", "close"];

  const clock = new motcua.ServerClock();
  const names = new motcua.CentreNames(() => draw());
  const view = new motcua.CounterView(names, clock);
  const lists = new motcua.CounterLists(names, (ticket) => press("call", { ticket_id: ticket.id }), wholeLine);
  const colleague = new motcua.Colleague(settings.clerk);
  const presser = new motcua.Presser({
    url: (step) => door + "/" + step,
    csrf: document.querySelector('meta[name="csrf-token"]').content,
    memory: motcua.Presser.sessionMemory("motcua.press " + settings.counter),
    onAgain: (attempt) => notice(fill(words.again, { n: attempt }), { canGiveUp: true }),
  });
  const park = new motcua.ParkDialog((body) => press("park", body));
  const transfer = new motcua.TransferDialog(names, settings.counter, (step, body, target) => press(step, body, target));
  const certain = new motcua.CallDialog((body) => press("call", body));
  const menu = new motcua.MenuDialog((step, more) => press(step, more));
  const last = new motcua.LastCounterDialog((asked) => press(asked.step, { ...asked.body, confirm: true }));
  const then = { open: () => transfer.open("then") };
  const dialogs = { park, transfer, then, call: certain, menu };
  let keys = null;

  let counter = null;
  let most = "";
  let isBusy = false;
  let settlesAt = 0;
  let presses = 0;
  let unheard = { id: 0, at: 0 };

  function draw() {
    if (!counter) return;
    view.draw(counter);
    lists.draw(counter);
    colleague.draw(counter);
    allow();
  }

  // The first of a line are enough, until somebody looks for another one.
  function wholeLine() {
    if (most) return;
    most = "?most=" + WHOLE_LINE;
    fetchCounter();
  }

  function isAllowed(step) {
    if (!counter || isBusy) return false;
    const state = motcua.isOpenVisit(counter.call) ? counter.call.state : null;
    if (step === "call-next") return performance.now() >= settlesAt;
    if (step === "no-show" && view.secondsToCome()) return false;
    if (TAKES_CALLED.includes(step)) return state === "called";
    if (TAKES_VISITOR.includes(step)) return state !== null;
    if (step === "undo") return canTakeBack();
    return true;
  }

  // Known at once, not only with the next fetch: a slip of the finger is noticed in the same second.
  function undoOf(step) {
    const until = new Date(clock.now() + Number(settings.undoSeconds) * 1000);
    return step === "undo" || !clock.known() ? null : { step, until: until.toISOString() };
  }

  function canTakeBack() {
    return Boolean(counter.undo) && clock.known() && clock.now() < Date.parse(counter.undo.until);
  }

  function allow() {
    const state = counter && counter.call ? counter.call.state : "";
    document.body.classList.toggle("is-busy", isBusy);
    document.querySelectorAll(".action").forEach((button) => {
      button.disabled = !isAllowed(button.dataset.step || "call");
    });
    document.querySelector('[data-step="start"]').classList.toggle("is-likely", state === "called");
    document.querySelector('[data-step="finish"]').classList.toggle("is-likely", state === "serving");
  }

  function act(step) {
    if (step === "menu") menu.open();
    else if (step === "no-show" && counter && !isBusy && view.secondsToCome()) tell(view.coming(), true);
    else if (!isAllowed(step)) return;
    else if (step === "call-next" && wouldEndUnheard()) tell(fill(words.next_unheard, { number: counter.call.number }), true);
    else if (dialogs[step]) dialogs[step].open();
    else press(step, {});
  }

  // The next visitor ends the visit of the one before: one press more where nobody can have heard that number yet.
  function wouldEndUnheard() {
    const { call, announcement } = counter;
    const isUnheard = motcua.isOpenVisit(call) && announcement && announcement.before !== null && view.secondsToCome() > 0;
    if (!isUnheard || (unheard.id === call.id && performance.now() - unheard.at < PRESS_AGAIN_WITHIN)) return false;
    unheard = { id: call.id, at: performance.now() };
    return true;
  }

  function press(step, body, target) {
    if (isBusy) return;
    // What the page shows goes along: a press that was meant for another visitor is not carried out.
    const shown = counter && motcua.isOpenVisit(counter.call) ? counter.call.id : 0;
    const whole = OF_THE_COUNTER.includes(step) ? body : Object.assign({ call_id: shown }, body);
    deliver({ step, body: whole }, () => presser.send(step, whole), target);
  }

  function deliver(pressed, send, target) {
    isBusy = true;
    presses += 1;
    tell(words.sending, false);
    allow();
    send().then((answer) => {
      isBusy = false;
      presses += 1;
      answered(pressed, answer, target);
    });
  }

  function answered(pressed, answer, target) {
    if (motcua.Presser.mayBeSentLater(answer)) {
      tell("", false);
      refused(answer, words.signed_out);
      return allow();
    }
    notice(null);
    if (motcua.problemOf(answer) === "last-counter") {
      tell("", false);
      last.open({ step: pressed.step, body: wishOf(pressed.body) }, answer.body.queues);
      allow();
      return fetchCounter();
    }
    const { text, isWrong } = motcua.answerInWords(pressed, answer, target);
    tell(text, isWrong);
    if (answer.status === 200) take(pressed.step, answer.body);
    else allow();
    return fetchCounter();
  }

  // What was asked for, without the press that asked.
  function wishOf(body) {
    const { request_id: _, ...wish } = body;
    return wish;
  }

  // The number stands on the page with the answer itself; the line follows with the next fetch.
  function take(step, body) {
    const isCounter = Boolean(body.departments);
    if (isCounter) counter = body;
    else if (counter) counter = Object.assign({}, counter, { call: body.call, announcement: null, undo: undoOf(step) });
    if (["call-next", "call", "recall"].includes(step)) settle();
    draw();
  }

  function settle() {
    settlesAt = performance.now() + SETTLES_IN;
    setTimeout(allow, SETTLES_IN + 20);
  }

  function tell(text, isWrong) {
    write(byId("told"), text);
    byId("told").classList.toggle("is-wrong", isWrong);
  }

  // The band under the head. `null` takes it away.
  function notice(text, { link = null, linkWords = "", canGiveUp = false } = {}) {
    byId("notice").hidden = text === null;
    write(byId("notice-words"), text || "");
    byId("notice-link").hidden = !link;
    if (link) byId("notice-link").href = link;
    write(byId("notice-link"), linkWords);
    byId("give-up").hidden = !canGiveUp;
  }

  function refused(answer, signedOut) {
    if (answer.status === 401) notice(signedOut, { link: settings.signIn, linkWords: words.sign_in });
    else if (motcua.problemOf(answer) === "csrf") notice(words.page_too_old, { link: location.href, linkWords: words.reload });
    else if (answer.status === 403) notice(words.forbidden);
    else if (answer.status === 404) notice(words.gone);
  }

  // A state that was asked for before or during a press may be older than the press: it is not shown.
  function fetchNow() {
    const before = presses;
    return fetch(door + most, { headers: { Accept: "application/json" } })
      .then((answer) => answer.text().then((text) => ({ status: answer.status, body: motcua.parsed(text) })))
      .then((answer) => {
        if (answer.status !== 200) return failed(answer);
        if (before !== presses) return isBusy ? null : fetchCounter();
        counter = answer.body;
        return draw();
      }, () => failed({ status: 0, body: null }));
  }

  function failed(answer) {
    if (answer.status >= 400 && answer.status < 500) {
      if (byId("notice").hidden) refused(answer, words.signed_out_idle);
      return;
    }
    setTimeout(fetchCounter, TRY_AGAIN_AFTER);
  }

  const fetchCounter = motcua.conflated(fetchNow, FETCH_EVERY);

  function connection(isConnected) {
    write(byId("connection"), isConnected ? words.live : words.lost);
    byId("connection").dataset.state = isConnected ? "live" : "lost";
  }

  function finishCutOffPress() {
    const cutOff = presser.unfinished();
    if (!cutOff) return;
    deliver(cutOff, () => presser.deliver(cutOff).then((answer) => {
      if (answer.status === 200) setTimeout(() => tell(words.was_sent, false));
      return answer;
    }));
  }

  names.load();
  keys = new motcua.CounterKeys(act);
  const keysDialog = new motcua.KeysDialog(keys);
  view.nextKey = () => keys.name("call-next");
  byId("change-keys").addEventListener("click", () => {
    menu.close();
    keysDialog.open();
  });
  document.querySelectorAll("[data-step]").forEach((button) => button.addEventListener("click", () => act(button.dataset.step)));
  byId("menu").addEventListener("click", () => act("menu"));
  byId("give-up").addEventListener("click", () => presser.giveUp());
  setInterval(() => {
    view.tick();
    if (counter) lists.tick();
    if (counter) allow();
  }, 1000);
  fetchCounter();
  finishCutOffPress();
  new motcua.HallStream({
    doors: motcua.hallDoors(settings.hall),
    silentSeconds: Number(settings.silentSeconds),
    onState: (state) => {
      clock.set(state.now);
      fetchCounter();
    },
    onConnection: connection,
  }).start();
})();
