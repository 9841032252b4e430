// The waiting list: of each department the number called last, where, how many wait, and for how long.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, words } = motcua;

  const ASK_EVERY = 10000;
  const TURN_EVERY = 8000;
  const MOST_ROWS = 6; // as many as fit in type that is read at ten metres
  const SHORT_ENOUGH = 10; // letters

  class WaitingView {
    constructor(names, url) {
      this.names = names;
      this.url = url;
      this.waits = new Map();
      this.ask();
      this.rows = new Map();
    }

    // Waits change slowly; they do not come with every state.
    ask() {
      clearTimeout(this.asking);
      fetch(this.url, { cache: "no-store", headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
        .then((hall) => hall.departments.forEach((one) => this.waits.set(one.code, one.wait)))
        .then(() => this.drawn && this.draw(this.drawn[0], this.drawn[1]))
        .catch(() => {}) // asked again; the band tells of a lost server
        .then(() => {
          clearTimeout(this.asking);
          this.asking = setTimeout(() => this.ask(), ASK_EVERY);
        });
    }

    // A counter has opened: its minutes are asked for at once.
    askWhereOneOpened(all) {
      const left = new Set(all.filter((one) => one.no_counter).map((one) => one.code));
      const opened = Array.from(this.left || []).some((code) => !left.has(code));
      this.left = left;
      if (opened) this.ask();
    }

    // More queues than have room in readable type are shown in turns.
    draw(every, calls) {
      this.drawn = [every, calls];
      this.askWhereOneOpened(every);
      // Where nobody waits and nobody was called there is nothing to read.
      const busy = every.filter((one) => one.waiting > 0 || calls.some((call) => call.department === one.code && call.open));
      const all = busy.length ? busy : every.slice(0, MOST_ROWS);
      const pages = Math.ceil(all.length / MOST_ROWS);
      if (pages > 1 && !this.turning) this.turning = setInterval(() => this.turn(), TURN_EVERY);
      this.page = pages ? (this.page || 0) % pages : 0;
      const size = Math.ceil(all.length / Math.max(1, pages));
      const departments = all.slice(this.page * size, (this.page + 1) * size);
      const key = departments.map((one) => one.code + this.names.department(one.code)).join();
      if (key !== this.key) this.lay(departments, key);
      departments.forEach((one) => this.row(one, calls.find((call) => call.department === one.code)));
    }

    turn() {
      this.page += 1;
      this.draw(this.drawn[0], this.drawn[1]);
    }

    lay(departments, key) {
      this.key = key;
      this.rows.clear();
      const body = byId("waiting");
      motcua.empty(body);
      departments.forEach((one) => {
        const row = body.appendChild(make("tr"));
        row.appendChild(make("td", "waiting-prefix", this.names.prefix(one.code)));
        const head = row.appendChild(make("th", "waiting-name"));
        head.scope = "row";
        const name = head.appendChild(make("span", "waiting-text"));
        this.rows.set(one.code, {
          row,
          name,
          called: row.appendChild(make("td", "waiting-called")),
          count: row.appendChild(make("td", "waiting-count")),
          minutes: row.appendChild(make("td", "waiting-minutes")),
        });
      });
      departments.forEach((one) => motcua.fit(this.rows.get(one.code).name, this.names.department(one.code)));
    }

    row(department, call) {
      const { row, called, count, minutes } = this.rows.get(department.code);
      const isClosed = !department.open && !department.waiting;
      row.className = isClosed ? "is-closed" : "";
      this.called(called, call);
      called.dataset.long = called.textContent.length > 9 ? "1" : "0";
      count.dataset.long = isClosed || department.waiting > 99 ? "1" : "0";
      write(count, isClosed ? words.department_closed : department.waiting);
      const wait = this.waits.get(department.code);
      const isLeft = Boolean(department.no_counter) && !isClosed;
      minutes.classList.toggle("is-left", isLeft);
      if (isLeft) return write(minutes, words.no_counter);
      return write(minutes, isClosed || !wait ? "" : wait.low === wait.high ? wait.high : wait.low + "–" + wait.high);
    }

    called(cell, call) {
      const text = call ? call.number + " → " + this.counter(call) : "–";
      if (cell.textContent === text) return;
      motcua.empty(cell);
      const parts = call ? [["waiting-number", call.number], ["waiting-to", " → "], ["waiting-counter", this.counter(call)]] : [["waiting-to", "–"]];
      parts.forEach(([kind, part]) => cell.appendChild(make("span", kind, part)));
    }

    counter(call) {
      if (motcua.isNumbered(call.counter)) return call.counter;
      const name = this.names.counter(call.counter) || call.counter;
      return name.length <= SHORT_ENOUGH ? name : call.counter; // whole beside the number, or its code
    }
  }

  motcua.WaitingView = WaitingView;
})();
