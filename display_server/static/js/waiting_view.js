// The waiting list: of each department the number called last, where, how many wait, and for how long.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, setText, words } = motcua;

  const POLL_MS = 10000;
  const PAGE_MS = 8000;
  const MAX_ROWS = 6; // as many as fit in type that is read at ten metres
  const MAX_NAME = 10; // letters

  class WaitingView {
    constructor(names, url) {
      this.names = names;
      this.url = url;
      this.waits = new Map();
      this.refresh();
      this.rows = new Map();
      this.page = 0;
      /** @type {[Json[], Call[]] | null} */
      this.drawn = null;
    }

    // Waits change slowly; they do not come with every state.
    refresh() {
      clearTimeout(this.asking);
      motcua
        .getJson(this.url, { cache: "no-store" })
        .then((hall) => hall.departments.forEach((one) => this.waits.set(one.code, one.wait)))
        .then(() => this.drawn && this.draw(this.drawn[0], this.drawn[1]))
        .catch(() => {}) // loaded again later; the band shows that the server is lost
        .then(() => {
          clearTimeout(this.asking);
          this.asking = setTimeout(() => this.refresh(), POLL_MS);
        });
    }

    // A counter has opened: its minutes are loaded at once.
    refreshAfterOpening(all) {
      const unserved = new Set(all.filter((one) => one.no_counter).map((one) => one.code));
      const opened = Array.from(this.unserved || []).some((code) => !unserved.has(code));
      this.unserved = unserved;
      if (opened) this.refresh();
    }

    // More queues than have room in readable type are shown in turns.
    draw(every, calls) {
      this.drawn = [every, calls];
      this.refreshAfterOpening(every);
      // Where nobody waits and nobody was called there is nothing to read.
      const busy = every.filter((one) => one.waiting > 0 || calls.some((call) => call.department === one.code && call.open));
      const all = busy.length ? busy : every.slice(0, MAX_ROWS);
      const pages = Math.ceil(all.length / MAX_ROWS);
      if (pages > 1 && !this.turning) this.turning = setInterval(() => this.nextPage(), PAGE_MS);
      this.page = pages ? this.page % pages : 0;
      const size = Math.ceil(all.length / Math.max(1, pages));
      const departments = all.slice(this.page * size, (this.page + 1) * size);
      const key = departments.map((one) => one.code + this.names.department(one.code)).join();
      if (key !== this.key) this.layOut(departments, key);
      departments.forEach((one) => this.row(one, calls.find((call) => call.department === one.code)));
    }

    nextPage() {
      this.page += 1;
      if (this.drawn) this.draw(this.drawn[0], this.drawn[1]);
    }

    layOut(departments, key) {
      this.key = key;
      this.rows.clear();
      const body = byId("waiting");
      motcua.clear(body);
      departments.forEach((one) => {
        const row = body.appendChild(createElement("tr"));
        row.appendChild(createElement("td", "waiting-prefix", this.names.prefix(one.code)));
        const head = row.appendChild(createElement("th", "waiting-name"));
        head.scope = "row";
        const name = head.appendChild(createElement("span", "waiting-text"));
        this.rows.set(one.code, {
          row,
          name,
          called: row.appendChild(createElement("td", "waiting-called")),
          count: row.appendChild(createElement("td", "waiting-count")),
          minutes: row.appendChild(createElement("td", "waiting-minutes")),
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
      setText(count, isClosed ? words.department_closed : department.waiting);
      const wait = this.waits.get(department.code);
      const isUnserved = Boolean(department.no_counter) && !isClosed;
      minutes.classList.toggle("is-unserved", isUnserved);
      if (isUnserved) return setText(minutes, words.no_counter);
      return setText(minutes, isClosed || !wait ? "" : wait.low === wait.high ? wait.high : wait.low + "–" + wait.high);
    }

    called(cell, call) {
      const text = call ? call.number + " → " + this.counter(call) : "–";
      if (cell.textContent === text) return;
      motcua.clear(cell);
      const parts = call ? [["waiting-number", call.number], ["waiting-to", " → "], ["waiting-counter", this.counter(call)]] : [["waiting-to", "–"]];
      parts.forEach(([kind, part]) => cell.appendChild(createElement("span", kind, part)));
    }

    counter(call) {
      if (motcua.isNumbered(call.counter)) return call.counter;
      const name = this.names.counter(call.counter) || call.counter;
      return name.length <= MAX_NAME ? name : call.counter; // whole beside the number, or its code
    }
  }

  motcua.WaitingView = WaitingView;
})();
