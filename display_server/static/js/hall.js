// The hall page: joins the live state, the announcements and the board.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId } = motcua;
  const settings = document.body.dataset;

  const LOG_KEPT = 2000;
  const clock = new motcua.ServerClock();
  const doors = motcua.hallDoors(settings.hall);
  const names = new motcua.HallNames(doors.names, () => draw());
  const view = new motcua.HallView(names);
  const voice = new motcua.Voice({
    doors,
    wish: settings.voice,
    // Screens of the same counters or departments hear one another.
    group: [settings.counters, settings.departments].join(";"),
    freshSeconds: Number(settings.freshSeconds),
    memoryKey: "motcua.speaker " + settings.hall,
    onMuted: (muted) => {
      byId("sound").hidden = !muted;
    },
  });
  const announced = (motcua.announced = []);
  const counters = listed(settings.counters);
  const departments = listed(settings.departments);
  const waiting = motcua.WaitingView ? new motcua.WaitingView(names, doors.state) : null;
  let state = null;
  let current = null;
  let isConnected = false;

  function listed(codes) {
    return new Set(codes ? codes.split(",") : []);
  }

  // A screen of some counters, or of some departments, calls only those.
  function concerns(call) {
    if (counters.size) return counters.has(call.counter);
    return !departments.size || departments.has(call.department);
  }

  const announcer = new motcua.Announcer({
    clock,
    showSeconds: Number(settings.showSeconds),
    freshSeconds: Number(settings.freshSeconds),
    memory: motcua.Announcer.sessionMemory("motcua.announced " + settings.hall),
    fetchAfter: (seq) =>
      fetch(doors.callsAfter(seq))
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
        .then((body) => body.calls),
    concerns,
    show,
    onForget: () => {
      current = null;
    },
    onFilled: () => draw(),
  });
  motcua.announcer = announcer;

  function show(call) {
    log(call);
    current = call;
    draw();
    view.current(call, true);
    return voice.announce(call);
  }

  function log(call) {
    announced.push({ seq: call.seq, number: call.number, counter: call.counter, at: performance.now() });
    if (announced.length > LOG_KEPT) announced.shift();
  }

  function draw() {
    if (!state) return;
    view.centre();
    view.nobody(state.open);
    const calls = shownCalls();
    // After a reload the call that was cut short stands until the next one is announced.
    if (announcer.isIdle() || !current) current = calls[0] || null;
    view.current(current, false);
    view.called(calls, settings.layout === "results" ? null : current);
    const shown = state.departments.filter((one) => !departments.size || departments.has(one.code));
    if (waiting) waiting.draw(shown, calls);
    view.queues(shown);
  }

  // Calls that still wait for their announcement are not on the board yet. While a burst is being announced, the
  // state may already have dropped the first of it: then the announcer's own memory holds it.
  function shownCalls() {
    const shown = announcer.shownSeq();
    const bySeq = new Map();
    const sources = announcer.isIdle() ? [state.calls] : [announcer.latest, state.calls];
    sources.forEach((calls) => calls.forEach((call) => bySeq.set(call.seq, call)));
    return Array.from(bySeq.values())
      .filter((call) => call.seq <= shown && concerns(call))
      .sort((one, other) => other.seq - one.seq);
  }

  function take(newState, unbroken) {
    state = newState;
    clock.set(state.now);
    names.checkAgainst(state);
    announcer.take(state, unbroken);
    draw();
    screen.rest(state, clock.now());
  }

  function tellConnection(connected) {
    isConnected = connected;
    motcua.showConnection(connected);
  }

  const screen = (motcua.screen = new motcua.Screen(() => ({
    version: state ? state.version : 0,
    seq: announcer.shownSeq(),
    connected: isConnected,
    muted: voice.isMuted(),
  })));
  if (motcua.MediaView) {
    new motcua.MediaView({
      url: doors.media,
      pictureSeconds: Number(settings.pictureSeconds),
      onProblem: (problem) => screen.complain(problem),
    });
  }

  names.load();
  motcua.showTime(clock, settings.timezone, byId("night-clock"));
  motcua.showTime(clock, settings.timezone, byId("clock"), byId("date"));
  new motcua.HallStream({
    doors,
    silentSeconds: Number(settings.silentSeconds),
    onState: take,
    onLife: () => announcer.remember(),
    onConnection: tellConnection,
    onRefused: motcua.pairAgain,
  }).start();
})();
