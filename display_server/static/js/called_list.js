// The numbers called, newest first, as many as the list has room for. When more visitors are expected at their counters
// than that, the list turns its pages.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, setText, words } = motcua;

  const PAGE_MS = 5000;
  // Who was called so recently may still be on the way.
  const EXPECTED_MS = 180000;

  class CalledList {
    constructor(names) {
      this.names = names;
      this.list = byId("called");
      this.page = 0;
      setInterval(() => this.nextPage(), PAGE_MS);
    }

    // calls: newest first. current: shown large, not listed. isOver(call): its visit has ended.
    draw(calls, current, isOver, now) {
      const seen = new Set(current ? [current.ticket_id] : []);
      const rows = calls.filter((call) => !seen.has(call.ticket_id) && seen.add(call.ticket_id));
      byId("called-none").hidden = rows.length > 0;
      const isExpected = (call) => !isOver(call) && now - Date.parse(call.called_at) <= EXPECTED_MS;
      this.put(this.chosen(rows, rows.filter(isExpected)));
    }

    chosen(rows, expected) {
      const room = this.capacity() - expected.length;
      const others = rows.filter((call) => !expected.includes(call)).slice(0, Math.max(0, room));
      return expected.concat(others).sort((one, other) => other.seq - one.seq);
    }

    put(rows) {
      const key = JSON.stringify(rows.map((call) => [call.seq, call.priority, this.counterName(call)]));
      if (key === this.key) return;
      this.key = key;
      motcua.clear(this.list);
      rows.forEach((call) => {
        const counter = this.list.appendChild(this.row(call)).lastChild;
        // A number is never cut; a name may be.
        if (!motcua.isNumbered(call.counter)) motcua.fit(counter, this.counterName(call));
      });
      this.show(Math.min(this.page, this.pages() - 1));
    }

    row(call) {
      const row = createElement("li");
      const number = createElement("span", "called-number", call.number);
      number.dataset.length = call.number.length;
      row.appendChild(number);
      const content = row.appendChild(createElement("span", "called-middle"));
      if (call.priority) content.appendChild(createElement("span", "called-priority", words.priority));
      content.appendChild(createElement("span", "called-to", "→")).setAttribute("aria-hidden", "true");
      const short = motcua.isNumbered(call.counter);
      row.appendChild(createElement("span", short ? "called-counter" : "called-counter is-name", this.counterName(call)));
      return row;
    }

    counterName(call) {
      return motcua.isNumbered(call.counter) ? call.counter : this.names.counter(call.counter) || call.counter;
    }

    // How many rows are seen at once.
    capacity() {
      const probe = this.list.firstChild || this.list.appendChild(createElement("li"));
      const { width, height } = probe.getBoundingClientRect();
      const across = Math.max(1, Math.floor(this.list.clientWidth / width + 0.01));
      const down = Math.max(1, Math.floor(this.list.clientHeight / height + 0.01));
      if (probe.childNodes.length === 0) this.list.removeChild(probe);
      return height ? across * down : 1;
    }

    pages() {
      return Math.max(1, Math.ceil(this.list.childNodes.length / this.capacity()));
    }

    nextPage() {
      if (this.list.firstChild) this.show((this.page + 1) % this.pages());
    }

    // Rows without room stand in further columns beside the box.
    show(page) {
      const pages = this.pages();
      this.page = Math.max(0, page);
      const first = this.list.childNodes[this.page * this.capacity()];
      this.list.scrollLeft = first ? first.offsetLeft - this.list.firstChild.offsetLeft : 0;
      byId("called-page").hidden = pages < 2;
      setText(byId("called-page"), this.page + 1 + "/" + pages);
    }
  }

  motcua.CalledList = CalledList;
})();
