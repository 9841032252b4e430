// The screen over a counter: which number is here, and what the counter does.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, words } = motcua;
  const settings = document.body.dataset;
  const doors = motcua.hallDoors(settings.hall);

  const HAS_VISITOR = ["called", "serving"];
  const rating = motcua.Rating ? new motcua.Rating() : null;
  const clock = new motcua.ServerClock();
  const notices = new motcua.Notices({ doors, voice: null, hasTicker: false, now: () => clock.now() });
  let shownSeq = null;
  let shownState = null;
  let version = 0;
  let isConnected = false;

  function take(hall, unbroken) {
    const counter = hall.counters.find((one) => one.code === settings.counter);
    const state = counter ? counter.state : "closed";
    const number = HAS_VISITOR.includes(state) ? counter.number : null;
    const call = number ? hall.calls.find((one) => one.counter === settings.counter && one.open) : null;
    show(state, number, call);
    back(hall, state);
    if (rating) rating.follow(shownState, state, Boolean(number), lastCall(hall));
    shownState = state;
    version = hall.version;
    clock.set(hall.now);
    notices.emergency(hall.urgent);
    screen.rest(hall, clock.now());
    // A screen that has just been switched on, or was away, shows an old call calmly.
    if (call && call.seq !== shownSeq && unbroken && state === "called") motcua.drawEye(byId("show"), "is-arriving");
    shownSeq = call ? call.seq : null;
  }

  function lastCall(hall) {
    const here = hall.calls.find((one) => one.counter === settings.counter); // newest first
    return here ? here.seq : 0;
  }

  function show(state, number, call) {
    byId("show").dataset.state = state;
    write(byId("state-words"), words[state]);
    const isForEnglish = Boolean(call && state === "called" && call.language === "en");
    byId("show").classList.toggle("for-english", isForEnglish);
    byId("state-other").lang = isForEnglish ? "en" : settings.otherLanguage;
    write(byId("state-other"), motcua.fill(isForEnglish ? words.called_english : words[state + "_other"], { number }));
    write(byId("number"), number || "");
    byId("number").hidden = !number;
    byId("number").dataset.length = Math.max(4, (number || "").length);
    byId("priority").hidden = !(call && call.priority);
    byId("recall").hidden = !(call && call.recall && state === "called");
  }

  // "Back at 13:30": a break that has an end, or a centre that opens again today.
  function back(hall, state) {
    const ofBreak = state === "break" && (hall.back_at || {})[settings.counter];
    const ofCentre = state === "closed" && !hall.open && hall.opens_at;
    const at = ofBreak || ofCentre;
    byId("back").hidden = !at;
    if (!at) return;
    const isToday = day(at) === day(hall.now);
    const time = (isToday ? "" : day(at) + " ") + motcua.timeOf(at, settings.timezone);
    write(byId("back"), motcua.fill(ofBreak ? words.back_at : words.opens_at, { time }));
    const other = motcua.fill(ofBreak ? words.back_at_other : words.opens_at_other, { time });
    write(byId("state-other"), words[state + "_other"] + " – " + other);
  }

  function day(at) {
    return new Intl.DateTimeFormat("vi-VN", { day: "numeric", month: "numeric", timeZone: settings.timezone }).format(new Date(at));
  }

  const screen = (motcua.screen = new motcua.Screen(() => ({
    version,
    seq: shownSeq || 0,
    connected: isConnected,
    muted: false, // a counter's own screen makes no sound
  })));
  motcua.showTime(clock, settings.timezone, byId("night-clock"));

  new motcua.HallStream({
    doors,
    silentSeconds: Number(settings.silentSeconds),
    onState: take,
    onConnection: (connected) => {
      isConnected = connected;
      motcua.showConnection(connected);
    },
    onRefused: motcua.pairAgain,
  }).start();
})();
