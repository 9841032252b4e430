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
  // The waiting list shows each queue's last number itself.
  const list = motcua.CalledList ? new motcua.CalledList(names) : null;
  // Screens of the same counters or departments hear one another.
  const group = [settings.counters, settings.departments].join(";");
  const reports = motcua.AnnouncedReports ? new motcua.AnnouncedReports({ url: doors.announced }) : null;
  const voice = new motcua.Voice({
    doors,
    wish: settings.voice,
    group,
    freshSeconds: Number(settings.freshSeconds),
    memoryKey: "motcua.speaker " + settings.hall,
    onMuted: (muted) => {
      byId("sound").hidden = !muted;
    },
    isOver,
    onSpoken: (call) => reports && reports.tell(call.seq, true),
  });
  const announced = (motcua.announced = []);
  const counters = listed(settings.counters);
  const departments = listed(settings.departments);
  const waiting = motcua.WaitingView ? new motcua.WaitingView(names, doors.state) : null;
  const notices = new motcua.Notices({ doors, voice, hasTicker: settings.layout === "media", now: () => clock.now() });
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
    isOver,
    show,
    onShown: (call) => reports && reports.tell(call.seq, false),
    onForget: () => {
      current = null;
    },
    onFilled: () => draw(),
  });
  motcua.announcer = announcer;

  // The visitor is not expected at that counter any more. Of a call that the state has dropped its counter tells.
  function isOver(call) {
    const known = state.calls.find((one) => one.seq === call.seq);
    if (known) return !known.open;
    const counter = state.counters.find((one) => one.code === call.counter);
    return Boolean(counter) && counter.number !== call.number;
  }

  function show(call, form) {
    log(call);
    current = call;
    draw();
    view.current(call, true);
    return voice.announce(call, form);
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
    if (announcer.isIdle() || !current) current = calls.find(isAnnounced) || null;
    view.current(current, false);
    if (list) list.draw(calls, settings.layout === "results" ? null : current, isOver, clock.now());
    const shown = state.departments.filter((one) => !departments.size || departments.has(one.code));
    if (waiting) waiting.draw(shown, calls);
    view.queues(shown);
  }

  function isAnnounced(call) {
    return call.seq <= announcer.shownSeq() && !announcer.dropped.includes(call.seq);
  }

  // Newest first. A call is listed at once, also while its announcement waits. In a burst the state may already have
  // dropped the first of it: then the announcer's own memory holds it.
  function shownCalls() {
    const bySeq = new Map();
    [announcer.latest, state.calls].forEach((calls) => calls.forEach((call) => bySeq.set(call.seq, call)));
    return Array.from(bySeq.values())
      .filter(concerns)
      .sort((one, other) => other.seq - one.seq);
  }

  function take(newState, unbroken) {
    state = newState;
    clock.set(state.now);
    notices.emergency(state.urgent);
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
    shows: group,
  })));
  if (motcua.MediaView) {
    new motcua.MediaView({
      url: doors.media,
      pictureSeconds: Number(settings.pictureSeconds),
      onProblem: (problem) => screen.complain(problem),
      onNews: (media) => notices.take(media),
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
