// The waiting list: of each department the number called last, where, how many wait, and for how long.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, words } = motcua;

  class WaitingView {
    constructor(names) {
      this.names = names;
      this.rows = new Map();
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
      const wait = department.wait;
      write(minutes, isClosed ? "" : wait.low === wait.high ? wait.high : wait.low + "–" + wait.high);
    }

    counter(call) {
      return motcua.isNumbered(call.counter) ? call.counter : this.names.counter(call.counter) || call.counter;
    }
  }

  motcua.WaitingView = WaitingView;
})();
