// The visitor's phone: polls the position in the queue, and alerts its owner when the number is called.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, setText, format, words, textOf } = motcua;

  const POLL_MS = 10000;
  const STATUS_GONE = 410;
  // The server holds its answer back for so many seconds, or until the number is called: then the phone knows at once.
  const LONG_POLL_SECONDS = 10;
  const TIMEOUT_MS = (LONG_POLL_SECONDS + 8) * 1000;
  const LONG_POLL_STATES = ["waiting", "parked", "no_show"];
  const ONE_LINE = 12;
  const LONG = 60;
  const LONG_DEPARTMENT = 120;
  const AT_COUNTER = ["called", "serving"];
  const ENDED = ["finished", "cancelled"];
  let shown = null;
  let timer = null;
  let isPolling = false;
  let again = false;
  let immediate = false;
  let controller = null;
  let isLost = false;

  function render(ticket) {
    const before = shown;
    shown = ticket;
    byId("card").dataset.state = ticket.state;
    setText(byId("number"), ticket.number);
    const department = textOf(ticket.department);
    setText(byId("department"), department);
    byId("department").classList.toggle("is-long", department.length > LONG_DEPARTMENT);
    setText(byId("state"), (ticket.state === "parked" && words.parked_for[ticket.parked_for]) || words[ticket.state]);
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
    return ENDED.includes(shown.state);
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
    motcua.clear(byId("notices"));
    all.forEach((one) => {
      const texts = one.urgent ? Object.keys(one.text).map((code) => one.text[code]) : [textOf(one.text)];
      const box = byId("notices").appendChild(motcua.createElement("div", one.urgent ? "phone-notice is-urgent" : "phone-notice"));
      texts.forEach((text) => box.appendChild(motcua.createElement("p", "", text)));
    });
  }

  function counter(ticket) {
    const isThere = ticket.counter && AT_COUNTER.includes(ticket.state);
    byId("counter").hidden = !isThere;
    byId("area").hidden = !isThere || !ticket.counter.area;
    if (!isThere) return;
    setText(byId("area"), ticket.counter.area);
    const pattern = ticket.state === "called" ? words.go_to : words.at;
    const name = counterName(ticket);
    setText(byId("counter-words"), format(pattern, { counter: name }));
    byId("counter").classList.toggle("is-long", name.length > LONG);
    setText(byId("counter-whole"), wholeCounterName(ticket));
  }

  function line(ticket) {
    const waits = ticket.state === "waiting";
    byId("queue").hidden = !waits;
    setText(byId("hint"), waits ? pause(ticket.pause) || words[ticket.no_wait] || "" : words.hints[ticket.state] || "");
    if (!waits) return;
    const { low, high } = ticket.wait || { low: 0, high: 0 };
    setText(byId("ahead"), ahead(ticket.ahead));
    const wait = low > 0 && low < high ? words.wait : words.wait_short;
    setText(byId("wait"), high > 0 ? format(wait, { low, high }) : "");
  }

  function pause(its) {
    if (!its) return "";
    if (!its.back_at) return words.pause;
    /** @type {Intl.DateTimeFormatOptions} */
    const clock = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: document.body.dataset.timezone };
    return format(words.pause_until, { time: new Date(its.back_at).toLocaleTimeString("en-GB", clock) });
  }

  function ahead(count) {
    if (count === 0) return words.ahead_none;
    return count === 1 ? words.ahead_one : format(words.ahead, { n: count });
  }

  function title(ticket) {
    const isCalled = ticket.state === "called" && ticket.counter;
    document.title = isCalled ? "● " + ticket.number + " → " + motcua.optionText(ticket.counter) : ticket.number;
  }

  function poll() {
    clearTimeout(timer);
    again = isPolling;
    if (isPolling || isOver()) return;
    isPolling = true;
    const began = performance.now();
    const isImmediate = immediate;
    immediate = false;
    fetchTicket(isImmediate ? 0 : LONG_POLL_SECONDS)
      .then(
        (ticket) => {
          render(ticket);
          setLost(false);
        },
        () => setLost(!again),
      )
      .then(() => {
        isPolling = false;
        timer = setTimeout(poll, again || isImmediate || wasLongPolled(began) ? 0 : POLL_MS);
      });
  }

  // After a long poll the next one starts at once; after an immediate response only after POLL_MS.
  function wasLongPolled(began) {
    return LONG_POLL_STATES.includes(shown.state) && performance.now() - began > (LONG_POLL_SECONDS - 1) * 1000 && !isLost;
  }

  function fetchTicket(seconds) {
    const address = document.body.dataset.state + "?wait=" + seconds;
    controller = window.AbortController ? new AbortController() : null;
    const cancel = setTimeout(() => controller && controller.abort(), TIMEOUT_MS);
    /** @type {RequestInit} */
    const options = { headers: { Accept: "application/json" }, cache: "no-store" };
    if (controller) options.signal = controller.signal;
    return fetch(address, options)
      .then((response) => {
        clearTimeout(cancel);
        if (response.status === STATUS_GONE) location.reload(); // the day is over, or the hall was restored: the page says so
        return response.ok ? response.json() : Promise.reject(new Error(String(response.status)));
      });
  }

  // A running long poll may be lost with the connection, or as old as the page's sleep: it is replaced by an immediate
  // request.
  function refreshNow() {
    immediate = true;
    if (isPolling && controller) controller.abort();
    poll();
  }

  // The last state stays in sight: an old number is worth more than none.
  function setLost(isNow) {
    isLost = isNow;
    byId("lost").hidden = !isLost;
    document.body.classList.toggle("is-lost", isLost);
  }

  render(JSON.parse(byId("ticket").textContent));
  poll();
  window.addEventListener("online", refreshNow);
  window.addEventListener("offline", () => setLost(!isOver()));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refreshNow();
  });
})();
