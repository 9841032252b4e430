// The clerk's page: joins the counter's state, the shortcuts and the actions.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, setText, format, words, showStatus } = motcua;
  const settings = /** @type {Record<string, string>} */ (document.body.dataset);
  const endpoint = "/api/v1/counters/" + encodeURIComponent(settings.counter);

  const FULL_QUEUE = "?most=1000";
  // So long after an action a state may come that was built before it.
  const SETTLE_MS = 1000;
  // A double tap is one action: the visitor who was called this instant is not finished by the second.
  const DOUBLE_TAP_MS = 700;
  const CONFIRM_WITHIN_MS = 10000;
  const STEPS_FOR_CALLED = ["recall", "start", "no-show"];
  const STEPS_FOR_VISITOR = ["finish", "park", "transfer", "then"];
  const COUNTER_STEPS = ["open", "break", "close"];

  const clock = new motcua.ServerClock();
  const names = new motcua.CentreDirectory(() => draw());
  const view = new motcua.CounterView(names, clock);
  const lists = new motcua.CounterQueue(names, (ticket) => submitStep("call", { ticket_id: ticket.id }), loadFullQueue);
  const handover = new motcua.HandoverNotice(settings.clerk);
  const sender = new motcua.ActionSender({
    url: (step) => endpoint + "/" + step,
    csrf: motcua.csrfToken(),
    memory: motcua.sessionMemory("motcua.press " + settings.counter),
    onRetry: (attempt) => showBanner(format(words.again, { n: attempt }), { canCancel: true }),
  });
  const park = new motcua.ParkDialog((body) => submitStep("park", body));
  const transfer = new motcua.TransferDialog(names, settings.counter, (step, body, target) => submitStep(step, body, target));
  const callDialog = new motcua.CallDialog((body) => submitStep("call", body));
  const menu = new motcua.MenuDialog((step, more) => submitStep(step, more));
  const lastCounterDialog = new motcua.LastCounterDialog((request) => submitStep(request.step, { ...request.body, confirm: true }));
  const then = { open: () => transfer.open("then") };
  const dialogs = { park, transfer, then, call: callDialog, menu };
  let keys = null;

  let counter = null;
  let hasFullQueue = false;
  let isRefused = false;
  let isBusy = false;
  let enabledFrom = 0;
  // A state that came too early to be shown, and when one may be shown that contradicts the last response.
  let heldState = null;
  let settledFrom = 0;
  let unannounced = { id: 0, at: 0 };

  function draw() {
    if (!counter) return;
    view.draw(counter);
    lists.draw(counter);
    handover.draw(counter);
    updateButtons();
  }

  // The front of the queue is enough until somebody searches in it.
  function loadFullQueue() {
    if (hasFullQueue) return;
    hasFullQueue = true;
    stream.switchTo({ stream: endpoint + "/stream" + FULL_QUEUE, state: endpoint + FULL_QUEUE });
  }

  function isAllowed(step) {
    if (!counter || isBusy) return false;
    const state = motcua.isOpenVisit(counter.call) ? counter.call.state : null;
    if (step === "call-next") return performance.now() >= enabledFrom;
    if (step === "no-show" && view.graceSeconds()) return false;
    if (STEPS_FOR_CALLED.includes(step)) return state === "called";
    if (STEPS_FOR_VISITOR.includes(step)) return state !== null;
    if (step === "undo") return canUndo();
    return true;
  }

  // Known at once, not only with the next state: a slip of the finger is noticed in the same second.
  function undoOf(step) {
    const until = new Date(clock.now() + Number(settings.undoSeconds) * 1000);
    return step === "undo" || !clock.known() ? null : { step, until: until.toISOString() };
  }

  function canUndo() {
    return Boolean(counter.undo) && clock.known() && clock.now() < Date.parse(counter.undo.until);
  }

  // Those of the lists as well, which come and go.
  function actionButtons() {
    return /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll(".action"));
  }

  function updateButtons() {
    const state = counter && counter.call ? counter.call.state : "";
    document.body.classList.toggle("is-busy", isBusy);
    actionButtons().forEach((button) => {
      button.disabled = !isAllowed(button.dataset.step || "call");
    });
    actionButtons().forEach(({ dataset, classList }) => {
      if (dataset.step === "start") classList.toggle("is-likely", state === "called");
      if (dataset.step === "finish") classList.toggle("is-likely", state === "serving");
    });
  }

  function runStep(step) {
    if (step === "menu") menu.open();
    else if (step === "no-show" && counter && !isBusy && view.graceSeconds()) showStatus(view.graceText(), true);
    else if (isAllowed(step)) startStep(step);
  }

  function startStep(step) {
    if (step === "call-next" && wouldEndUnannounced()) showStatus(format(words.next_unheard, { number: counter.call.number }), true);
    else if (dialogs[step]) dialogs[step].open();
    else submitStep(step, {});
  }

  // The next visitor ends the visit of the one before: one more press is needed while that number has not been announced.
  function wouldEndUnannounced() {
    const { call, announcement } = counter;
    const isUnannounced = motcua.isOpenVisit(call) && announcement && announcement.before !== null && view.graceSeconds() > 0;
    if (!isUnannounced || (unannounced.id === call.id && performance.now() - unannounced.at < CONFIRM_WITHIN_MS)) return false;
    unannounced = { id: call.id, at: performance.now() };
    return true;
  }

  function submitStep(step, body, target) {
    if (isBusy) return;
    // What the page shows goes along: an action that was meant for another visitor is not carried out.
    const shown = counter && motcua.isOpenVisit(counter.call) ? counter.call.id : 0;
    const whole = COUNTER_STEPS.includes(step) ? body : Object.assign({ call_id: shown }, body);
    send({ step, body: whole }, () => sender.send(step, whole), target);
  }

  function send(action, post, target) {
    isBusy = true;
    showStatus(words.sending, false);
    updateButtons();
    post().then((response) => {
      isBusy = false;
      handleResponse(action, response, target);
      settle(response.status === 200);
    });
  }

  function handleResponse(action, response, target) {
    if (motcua.ActionSender.mayBeSentLater(response)) {
      showStatus("", false);
      showRefusal(response, words.signed_out);
      return updateButtons();
    }
    showBanner(null);
    if (motcua.problemType(response) === "last-counter") {
      showStatus("", false);
      lastCounterDialog.open({ step: action.step, body: withoutRequestId(action.body) }, response.body.queues);
      return updateButtons();
    }
    const { text, isWrong } = motcua.messageFor(action, response, target);
    showStatus(text, isWrong);
    if (response.status === 200) applyResponse(action.step, response.body);
    return updateButtons();
  }

  // The request without its id: it is sent anew, under another one.
  function withoutRequestId(body) {
    const { request_id: _, ...request } = body;
    return request;
  }

  // The response itself brings the number; the queue follows over the stream.
  function applyResponse(step, body) {
    const isCounter = Boolean(body.departments);
    if (isCounter) counter = body;
    else if (counter) counter = Object.assign({}, counter, { call: body.call, announcement: null, undo: undoOf(step) });
    if (["call-next", "call", "recall"].includes(step)) guardDoubleTap();
    draw();
  }

  function guardDoubleTap() {
    enabledFrom = performance.now() + DOUBLE_TAP_MS;
    setTimeout(updateButtons, DOUBLE_TAP_MS + 20);
  }

  // The band under the head. `null` takes it away.
  function showBanner(text, { link = "", linkWords = "", canCancel = false } = {}) {
    byId("banner").hidden = text === null;
    setText(byId("banner-text"), text || "");
    byId("banner-link").hidden = !link;
    if (link) byId("banner-link").href = link;
    setText(byId("banner-link"), linkWords);
    byId("cancel-sending").hidden = !canCancel;
  }

  function showRefusal(response, signedOut) {
    if (response.status === 401) showBanner(signedOut, { link: settings.signIn, linkWords: words.sign_in });
    else if (motcua.problemType(response) === "csrf") showBanner(words.page_too_old, { link: location.href, linkWords: words.reload });
    else if (response.status === 403) showBanner(words.forbidden);
    else if (response.status === 404) showBanner(words.gone);
  }

  // What the page shows of the visit: two states with the same do not contradict each other.
  function visitOf(state) {
    const { call } = state;
    if (motcua.isOpenVisit(call)) return [call.id, call.seq, call.state].join();
    return ["break", "closed"].includes(state.state) ? state.state : "free";
  }

  // A state that was built before or during an action may be older than its response: for a moment it is not shown.
  function applyState(state) {
    clock.set(state.now);
    if (isRefused) showBanner(null);
    isRefused = false;
    heldState = state;
    if (isBusy || (counter && performance.now() < settledFrom && visitOf(state) !== visitOf(counter))) return;
    heldState = null;
    counter = state;
    draw();
  }

  function applyHeldState() {
    if (heldState) applyState(heldState);
  }

  function settle(isDone) {
    settledFrom = isDone ? performance.now() + SETTLE_MS : 0;
    if (isDone) setTimeout(applyHeldState, SETTLE_MS + 20);
    else applyHeldState();
  }

  function refused(status, text) {
    if (byId("banner").hidden) showRefusal({ status, body: motcua.parseJson(text) }, words.signed_out_idle);
    isRefused = true;
    if (status === 401) stream.stop();
  }

  function connection(isConnected) {
    setText(byId("connection"), isConnected ? words.live : words.lost);
    byId("connection").dataset.state = isConnected ? "live" : "lost";
  }

  function resumeInterruptedAction() {
    const interrupted = sender.interruptedAction();
    if (!interrupted) return;
    send(interrupted, () => sender.sendAction(interrupted).then((response) => {
      if (response.status === 200) setTimeout(() => showStatus(words.was_sent, false));
      return response;
    }));
  }

  names.load();
  keys = new motcua.CounterShortcuts(runStep);
  const keysDialog = new motcua.ShortcutsDialog(keys);
  view.nextKey = () => keys.name("call-next");
  byId("change-keys").addEventListener("click", () => {
    menu.close();
    keysDialog.open();
  });
  actionButtons().forEach((button) => button.addEventListener("click", () => runStep(button.dataset.step)));
  byId("menu").addEventListener("click", () => runStep("menu"));
  byId("cancel-sending").addEventListener("click", () => sender.cancel());
  setInterval(() => {
    view.tick();
    if (counter) lists.tick();
    if (counter) updateButtons();
  }, 1000);
  resumeInterruptedAction();
  const stream = new motcua.StateStream({
    endpoints: { stream: endpoint + "/stream", state: endpoint },
    event: "counter",
    silentSeconds: Number(settings.silentSeconds),
    onState: applyState,
    onConnection: connection,
    onRefused: refused,
  });
  stream.start();
})();
