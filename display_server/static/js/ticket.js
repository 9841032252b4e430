// The visitor's phone: asks every few seconds how far the line is, and calls its owner when it is their turn.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, fill, words, textOf } = motcua;

  const EVERY = 10000;
  const GONE = 410;
  // The server holds its answer back for so many seconds, or until the number is called: then the phone knows at once.
  const HELD_SECONDS = 10;
  const GIVE_UP_AFTER = (HELD_SECONDS + 8) * 1000;
  const HELD_STATES = ["waiting", "parked", "no_show"];
  const ONE_LINE = 12;
  const LONG = 60;
  const LONG_DEPARTMENT = 120;
  const AT_COUNTER = ["called", "serving"];
  const OVER = ["finished", "cancelled"];
  let shown = null;
  let timer = null;
  let asking = false;
  let again = false;
  let hurry = false;
  let asked = null;
  let isLost = false;

  function show(ticket) {
    const before = shown;
    shown = ticket;
    byId("card").dataset.state = ticket.state;
    write(byId("number"), ticket.number);
    const department = textOf(ticket.department);
    write(byId("department"), department);
    byId("department").classList.toggle("is-long", department.length > LONG_DEPARTMENT);
    write(byId("state"), (ticket.state === "parked" && words.parked_for[ticket.parked_for]) || words[ticket.state]);
    notices(ticket.notices);
    counter(ticket);
    line(ticket);
    title(ticket);
    byId("aside").hidden = isOver();
    if (before && isCall(before, ticket) && navigator.vibrate) navigator.vibrate([400, 200, 400, 200, 400]);
  }

  // A visitor who is sent on to another counter is called anew.
  function isCall(before, ticket) {
    return ticket.state === "called" && (before.state !== "called" || counterName(before) !== counterName(ticket));
  }

  function isOver() {
    return OVER.includes(shown.state);
  }

  // A short name stays on one line; a long one wraps.
  function counterName(ticket) {
    const name = motcua.shortOf(ticket.counter);
    return name.length <= ONE_LINE ? name.replace(/ /g, "\u00a0") : name;
  }

  function wholeCounterName(ticket) {
    const whole = textOf(ticket.counter.name);
    return whole === motcua.shortOf(ticket.counter) ? "" : whole;
  }

  // What the centre announces; an emergency in every language that it was written in.
  function notices(all) {
    const key = JSON.stringify(all);
    if (key === byId("notices").dataset.key) return;
    byId("notices").dataset.key = key;
    motcua.empty(byId("notices"));
    all.forEach((one) => {
      const texts = one.urgent ? Object.keys(one.text).map((code) => one.text[code]) : [textOf(one.text)];
      const box = byId("notices").appendChild(motcua.make("div", one.urgent ? "phone-notice is-urgent" : "phone-notice"));
      texts.forEach((text) => box.appendChild(motcua.make("p", "", text)));
    });
  }

  function counter(ticket) {
    const isThere = ticket.counter && AT_COUNTER.includes(ticket.state);
    byId("counter").hidden = !isThere;
    byId("area").hidden = !isThere || !ticket.counter.area;
    if (!isThere) return;
    write(byId("area"), ticket.counter.area);
    const pattern = ticket.state === "called" ? words.go_to : words.at;
    const name = counterName(ticket);
    write(byId("counter-words"), fill(pattern, { counter: name }));
    byId("counter").classList.toggle("is-long", name.length > LONG);
    write(byId("counter-whole"), wholeCounterName(ticket));
  }

  function line(ticket) {
    const waits = ticket.state === "waiting";
    byId("line").hidden = !waits;
    write(byId("hint"), waits ? pause(ticket.pause) || words[ticket.no_wait] || "" : words.hints[ticket.state] || "");
    if (!waits) return;
    const { low, high } = ticket.wait || { low: 0, high: 0 };
    write(byId("ahead"), ahead(ticket.ahead));
    const wait = low > 0 && low < high ? words.wait : words.wait_short;
    write(byId("wait"), high > 0 ? fill(wait, { low, high }) : "");
  }

  function pause(its) {
    if (!its) return "";
    if (!its.back_at) return words.pause;
    const clock = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: document.body.dataset.timezone };
    return fill(words.pause_until, { time: new Date(its.back_at).toLocaleTimeString("en-GB", clock) });
  }

  function ahead(count) {
    if (count === 0) return words.ahead_none;
    return count === 1 ? words.ahead_one : fill(words.ahead, { n: count });
  }

  function title(ticket) {
    const isCalled = ticket.state === "called" && ticket.counter;
    document.title = isCalled ? "● " + ticket.number + " → " + motcua.optionText(ticket.counter) : ticket.number;
  }

  function ask() {
    clearTimeout(timer);
    again = asking;
    if (asking || isOver()) return;
    asking = true;
    const began = performance.now();
    const isHurried = hurry;
    hurry = false;
    answerOf(isHurried ? 0 : HELD_SECONDS)
      .then(
        (ticket) => {
          show(ticket);
          lost(false);
        },
        () => lost(!again),
      )
      .then(() => {
        asking = false;
        timer = setTimeout(ask, again || isHurried || wasHeld(began) ? 0 : EVERY);
      });
  }

  // An answer that was held back is asked for again at once; one that came at once only after a while.
  function wasHeld(began) {
    return HELD_STATES.includes(shown.state) && performance.now() - began > (HELD_SECONDS - 1) * 1000 && !isLost;
  }

  function answerOf(seconds) {
    const address = document.body.dataset.state + "?wait=" + seconds;
    asked = window.AbortController ? new AbortController() : null;
    const giveUp = setTimeout(() => asked && asked.abort(), GIVE_UP_AFTER);
    const options = { headers: { Accept: "application/json" }, cache: "no-store" };
    if (asked) options.signal = asked.signal;
    return fetch(address, options)
      .then((answer) => {
        clearTimeout(giveUp);
        if (answer.status === GONE) location.reload(); // the day is over, or the hall was restored: the page says so
        return answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)));
      });
  }

  // What is being held back may be lost with the line, or as old as the page's sleep: it is asked for anew, and the
  // answer is not held back.
  function askNow() {
    hurry = true;
    if (asking && asked) asked.abort();
    ask();
  }

  // The last state stays in sight: an old number is worth more than none.
  function lost(isNow) {
    isLost = isNow;
    byId("lost").hidden = !isLost;
    document.body.classList.toggle("is-lost", isLost);
  }

  show(JSON.parse(byId("ticket").textContent));
  ask();
  window.addEventListener("online", askNow);
  window.addEventListener("offline", () => lost(!isOver()));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) askNow();
  });
})();
