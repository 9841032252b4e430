// The waiting list: of each department the number called last, where, how many wait, and for how long.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, words } = motcua;

  const ASK_EVERY = 10000;

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
      fetch(this.url, { cache: "no-store", headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
        .then((hall) => hall.departments.forEach((one) => this.waits.set(one.code, one.wait)))
        .catch(() => {}) // asked again; the band tells of a lost server
        .then(() => setTimeout(() => this.ask(), ASK_EVERY));
    }

    draw(departments, calls) {
      const key = departments.map((one) => one.code + this.names.department(one.code)).join();
      if (key !== this.key) this.lay(departments, key);
      departments.forEach((one) => this.row(one, calls.find((call) => call.department === one.code)));
    }

    lay(departments, key) {
      this.key = key;
      this.rows.clear();
      const body = byId("waiting");
      motcua.empty(body);
      body.dataset.length = departments.length > 16 ? "long" : departments.length > 9 ? "middle" : "short";
      body.style.setProperty("--rows", Math.max(6, departments.length));
      departments.forEach((one) => {
        const row = body.appendChild(make("tr"));
        row.appendChild(make("td", "waiting-prefix", this.names.prefix(one.code)));
        row.appendChild(make("th", "waiting-name", this.names.department(one.code))).scope = "row";
        this.rows.set(one.code, {
          row,
          called: row.appendChild(make("td", "waiting-called")),
          count: row.appendChild(make("td", "waiting-count")),
          minutes: row.appendChild(make("td", "waiting-minutes")),
        });
      });
    }

    row(department, call) {
      const { row, called, count, minutes } = this.rows.get(department.code);
      const isClosed = !department.open && !department.waiting;
      row.className = isClosed ? "is-closed" : "";
      write(called, call ? call.number + " → " + this.counter(call) : "–");
      write(count, isClosed ? words.department_closed : department.waiting);
      const wait = this.waits.get(department.code);
      write(minutes, isClosed || !wait ? "" : wait.low === wait.high ? wait.high : wait.low + "–" + wait.high);
    }

    counter(call) {
      return motcua.isNumbered(call.counter) ? call.counter : this.names.counter(call.counter) || call.counter;
    }
  }

  motcua.WaitingView = WaitingView;
})();
