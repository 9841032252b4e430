// The hall page: joins the live state, the announcements and the board.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId } = motcua;
  const settings = /** @type {Record<string, string>} */ (document.body.dataset);

  const MAX_LOG = 2000;
  const clock = new motcua.ServerClock();
  const endpoints = motcua.hallEndpoints(settings.hall);
  const names = new motcua.HallDirectory(endpoints.names, () => draw());
  const view = new motcua.HallView(names);
  // The waiting list shows each queue's last number itself.
  const list = motcua.CalledList ? new motcua.CalledList(names) : null;
  // Displays of the same counters or departments share one audio lease.
  const group = [settings.counters, settings.departments].join(";");
  const reports = motcua.AnnouncementReports ? new motcua.AnnouncementReports({ url: endpoints.announced }) : null;
  const audioPlayer = new motcua.CallAudioPlayer({
    endpoints,
    mode: settings.voice,
    group,
    freshSeconds: Number(settings.freshSeconds),
    memoryKey: "motcua.speaker " + settings.hall,
    onMuted: (muted) => {
      byId("sound").hidden = !muted;
    },
    isOver,
    onSpoken: (call) => reports && reports.report(call.seq, true),
  });
  const announced = (motcua.announced = []);
  const counters = listed(settings.counters);
  const departments = listed(settings.departments);
  const waiting = motcua.WaitingView ? new motcua.WaitingView(names, endpoints.state) : null;
  const notices = new motcua.NoticeTicker({ endpoints, audioPlayer, hasTicker: settings.layout === "media", now: () => clock.now() });
  let state = null;
  let current = null;
  let isConnected = false;

  function listed(codes) {
    return new Set(codes ? codes.split(",") : []);
  }

  // A display of some counters, or of some departments, calls only those.
  function concerns(call) {
    if (counters.size) return counters.has(call.counter);
    return !departments.size || departments.has(call.department);
  }

  const callQueue = new motcua.CallQueue({
    clock,
    showSeconds: Number(settings.showSeconds),
    freshSeconds: Number(settings.freshSeconds),
    memory: motcua.sessionMemory("motcua.announced " + settings.hall),
    fetchAfter: (seq) => motcua.getJson(endpoints.callsAfter(seq)).then((body) => body.calls),
    concerns,
    isOver,
    show,
    onShown: (call) => reports && reports.report(call.seq, false),
    onReset: () => {
      current = null;
    },
    onGapFilled: () => draw(),
  });
  motcua.callQueue = callQueue;

  // The visitor is not expected at that counter any more. A call that the state has dropped is known by its counter.
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
    return audioPlayer.announce(call, form);
  }

  function log(call) {
    announced.push({ seq: call.seq, number: call.number, counter: call.counter, at: performance.now() });
    if (announced.length > MAX_LOG) announced.shift();
  }

  function draw() {
    if (!state) return;
    view.centre();
    view.nobody(state.open);
    const calls = shownCalls();
    // After a reload the call that was cut short stands until the next one is announced.
    if (callQueue.isIdle() || !current) current = calls.find(isAnnounced) || null;
    view.current(current, false);
    if (list) list.draw(calls, settings.layout === "results" ? null : current, isOver, clock.now());
    const shown = state.departments.filter((one) => !departments.size || departments.has(one.code));
    if (waiting) waiting.draw(shown, calls);
    view.queues(shown);
  }

  function isAnnounced(call) {
    return call.seq <= callQueue.shownSeq() && !callQueue.dropped.includes(call.seq);
  }

  // Newest first. A call is listed at once, also while its announcement waits. In a burst the state may already have
  // dropped the first of it: then the call queue's own memory holds it.
  function shownCalls() {
    const bySeq = new Map();
    [callQueue.latest, state.calls].forEach((calls) => calls.forEach((call) => bySeq.set(call.seq, call)));
    return Array.from(bySeq.values())
      .filter(concerns)
      .sort((one, other) => other.seq - one.seq);
  }

  function update(newState, isContinuous) {
    state = newState;
    clock.set(state.now);
    notices.emergency(state.urgent);
    names.checkAgainst(state);
    callQueue.update(state, isContinuous);
    draw();
    displayAgent.updateDark(state, clock.now());
  }

  function showConnectionState(connected) {
    isConnected = connected;
    motcua.showConnection(connected);
  }

  const displayAgent = (motcua.displayAgent = new motcua.DisplayAgent(() => ({
    version: state ? state.version : 0,
    seq: callQueue.shownSeq(),
    connected: isConnected,
    muted: audioPlayer.isMuted(),
    shows: group,
  })));
  if (motcua.MediaView) {
    new motcua.MediaView({
      url: endpoints.media,
      pictureSeconds: Number(settings.pictureSeconds),
      onProblem: (problem) => displayAgent.reportProblem(problem),
      onNews: (media) => notices.update(media),
    });
  }

  names.load();
  motcua.showTime(clock, settings.timezone, byId("dark-clock"));
  motcua.showTime(clock, settings.timezone, byId("clock"), byId("date"));
  new motcua.StateStream({
    endpoints,
    silentSeconds: Number(settings.silentSeconds),
    onState: update,
    onHeartbeat: () => callQueue.saveProgress(),
    onConnection: showConnectionState,
    onRefused: (status) => status === 401 && motcua.restartPairing(),
  }).start();
})();
