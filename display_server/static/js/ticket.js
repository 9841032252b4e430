// The visitor's phone: asks every few seconds how far the line is.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, fill, words, textOf } = motcua;

  const EVERY = 10000;
  const OVER = ["finished", "cancelled"];
  const counters = JSON.parse(byId("counters").textContent);
  let before = null;

  function show(ticket) {
    const calledNow = before && before !== "called" && ticket.state === "called";
    before = ticket.state;
    byId("card").dataset.state = ticket.state;
    write(byId("state"), words[ticket.state]);
    const atCounter = ticket.counter && ["called", "serving"].includes(ticket.state);
    byId("counter").hidden = !atCounter;
    if (atCounter) {
      const name = textOf(counters[ticket.counter]) || ticket.counter;
      write(byId("counter"), fill(words.go_to, { counter: name.replace(/ /g, "\u00a0") }));
    }
    line(ticket);
    if (calledNow && navigator.vibrate) navigator.vibrate([400, 200, 400, 200, 400]);
    document.title = (ticket.state === "called" ? "● " : "") + ticket.number;
  }

  function line(ticket) {
    const waits = ticket.state === "waiting";
    const { low, high } = ticket.wait;
    write(byId("ahead"), waits ? ahead(ticket.ahead) : ticket.state === "no_show" ? words.no_show_hint : "");
    const wait = low > 0 ? words.wait : words.wait_short;
    write(byId("wait"), waits && high > 0 ? fill(wait, { low, high }) : "");
  }

  function ahead(count) {
    if (count === 0) return words.ahead_none;
    return count === 1 ? words.ahead_one : fill(words.ahead, { n: count });
  }

  function ask() {
    fetch(document.body.dataset.state, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then((ticket) => {
        byId("lost").hidden = true;
        show(ticket);
        if (!OVER.includes(ticket.state)) setTimeout(ask, EVERY);
      })
      .catch(() => {
        byId("lost").hidden = false;
        setTimeout(ask, EVERY);
      });
  }

  show(JSON.parse(byId("ticket").textContent));
  ask();
})();
