// The screen above one counter: its number, or why there is none.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, words } = motcua;
  const settings = document.body.dataset;

  const SHOWN_WITH_NUMBER = ["called", "serving"];
  const clock = new motcua.ServerClock();
  const doors = motcua.hallDoors(settings.hall);
  const names = new motcua.HallNames(doors.names, () => draw());
  let state = null;
  let shownCall = null;

  function draw() {
    if (!state) return;
    const counter = state.counters.find((one) => one.code === settings.counter);
    const phase = counter ? counter.state : "closed";
    byId("now").classList.remove("is-free", "is-called", "is-serving", "is-break", "is-closed");
    byId("now").classList.add("is-" + phase);
    write(byId("state"), words[phase]);
    write(byId("state-other"), words[phase + "_other"]);
    write(byId("hint"), words[phase + "_hint"] || "");
    byId("code").hidden = !motcua.isNumbered(settings.counter);
    number(counter, phase);
    const call = state.calls.find((one) => one.counter === settings.counter && one.open);
    write(byId("departments"), call ? names.department(call.department) : "");
    if (phase === "called") beckon(call);
  }

  function number(counter, phase) {
    const element = byId("number");
    element.hidden = !SHOWN_WITH_NUMBER.includes(phase) || !counter.number;
    if (element.hidden) return;
    write(element, counter.number);
    element.dataset.length = Math.max(4, counter.number.length);
  }

  // A recall is a new call of the same number: it draws the eye once more.
  function beckon(call) {
    const id = call ? call.id : null;
    if (id === shownCall) return;
    shownCall = id;
    motcua.drawEye(byId("now"), "is-arriving");
  }

  names.load();
  motcua.showTime(clock, settings.timezone, byId("clock"), null);
  new motcua.HallStream({
    url: doors.stream,
    silentSeconds: Number(settings.silentSeconds),
    onState: (newState) => {
      state = newState;
      clock.set(state.now);
      names.checkAgainst(state);
      draw();
    },
    onConnection: motcua.showConnection,
  }).start();
})();
