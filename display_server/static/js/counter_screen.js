// The screen over a counter: which number is here, and what the counter does.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, words } = motcua;
  const settings = document.body.dataset;
  const doors = motcua.hallDoors(settings.hall);

  const HAS_VISITOR = ["called", "serving"];
  let shownSeq = null;

  function take(hall, unbroken) {
    const counter = hall.counters.find((one) => one.code === settings.counter);
    const state = counter ? counter.state : "closed";
    const number = HAS_VISITOR.includes(state) ? counter.number : null;
    const call = number ? hall.calls.find((one) => one.counter === settings.counter && one.open) : null;
    show(state, number, call);
    // A screen that has just been switched on, or was away, shows an old call calmly.
    if (call && call.seq !== shownSeq && unbroken && state === "called") motcua.drawEye(byId("show"), "is-arriving");
    shownSeq = call ? call.seq : null;
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

  new motcua.HallStream({
    doors,
    silentSeconds: Number(settings.silentSeconds),
    onState: take,
    onConnection: motcua.showConnection,
  }).start();
})();
