// The display above a counter: which number is here, and what the counter does.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, setText, words } = motcua;
  const settings = /** @type {Record<string, string>} */ (document.body.dataset);
  const endpoints = motcua.hallEndpoints(settings.hall);

  const HAS_VISITOR = ["called", "serving"];
  const rating = motcua.Rating ? new motcua.Rating() : null;
  const clock = new motcua.ServerClock();
  const notices = new motcua.NoticeTicker({ endpoints, audioPlayer: null, hasTicker: false, now: () => clock.now() });
  let shownSeq = null;
  let shownState = null;
  let version = 0;
  let isConnected = false;

  function update(hall, isContinuous) {
    const counter = hall.counters.find((one) => one.code === settings.counter);
    const state = counter ? counter.state : "closed";
    const number = HAS_VISITOR.includes(state) ? counter.number : null;
    const call = number ? hall.calls.find((one) => one.counter === settings.counter && one.open) : null;
    show(state, number, call);
    showReturnTime(hall, state);
    if (rating) rating.follow(shownState, state, Boolean(number), lastCall(hall));
    shownState = state;
    version = hall.version;
    clock.set(hall.now);
    notices.emergency(hall.urgent);
    displayAgent.updateDark(hall, clock.now());
    // After a start or a lost connection an old call is shown without animation.
    if (call && call.seq !== shownSeq && isContinuous && state === "called") motcua.restartAnimation(byId("show"), "is-arriving");
    shownSeq = call ? call.seq : null;
  }

  function lastCall(hall) {
    const here = hall.calls.find((one) => one.counter === settings.counter); // newest first
    return here ? here.seq : 0;
  }

  function show(state, number, call) {
    byId("show").dataset.state = state;
    setText(byId("state-words"), words[state]);
    const isForEnglish = Boolean(call && state === "called" && call.language === "en");
    byId("show").classList.toggle("for-english", isForEnglish);
    byId("state-secondary").lang = isForEnglish ? "en" : settings.otherLanguage;
    setText(byId("state-secondary"), motcua.format(isForEnglish ? words.called_english : words[state + "_secondary"], { number }));
    setText(byId("number"), number || "");
    byId("number").hidden = !number;
    byId("number").dataset.length = Math.max(4, (number || "").length);
    byId("priority").hidden = !(call && call.priority);
    byId("recall").hidden = !(call && call.recall && state === "called");
  }

  // "Back at 13:30": a break that has an end, or a centre that opens again today.
  function showReturnTime(hall, state) {
    const ofBreak = state === "break" && (hall.back_at || {})[settings.counter];
    const ofCentre = state === "closed" && !hall.open && hall.opens_at;
    const at = ofBreak || ofCentre;
    byId("back").hidden = !at;
    if (!at) return;
    const isToday = day(at) === day(hall.now);
    const time = (isToday ? "" : day(at) + " ") + motcua.timeOf(at, settings.timezone);
    setText(byId("back"), motcua.format(ofBreak ? words.back_at : words.opens_at, { time }));
    const secondary = motcua.format(ofBreak ? words.back_at_secondary : words.opens_at_secondary, { time });
    setText(byId("state-secondary"), words[state + "_secondary"] + " – " + secondary);
  }

  function day(at) {
    return new Intl.DateTimeFormat("vi-VN", { day: "numeric", month: "numeric", timeZone: settings.timezone }).format(new Date(at));
  }

  const displayAgent = (motcua.displayAgent = new motcua.DisplayAgent(() => ({
    version,
    seq: shownSeq || 0,
    connected: isConnected,
    muted: false, // a counter's own screen makes no sound
  })));
  motcua.showTime(clock, settings.timezone, byId("dark-clock"));

  new motcua.StateStream({
    endpoints,
    silentSeconds: Number(settings.silentSeconds),
    onState: update,
    onConnection: (connected) => {
      isConnected = connected;
      motcua.showConnection(connected);
    },
    onRefused: (status) => status === 401 && motcua.restartPairing(),
  }).start();
})();
