// Draws the hall's board: the current call, who waits where.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, fill, words } = motcua;

  const QUEUES_IN_ONE_ROW = 6;
  const QUEUES_IN_TWO_ROWS = 20;

  class HallView {
    constructor(names) {
      this.names = names;
      this.otherLanguage = motcua.language === "vi" ? "en" : "vi";
      this.tiles = new Map();
    }

    centre() {
      if (this.names.centre) write(byId("centre"), motcua.textOf(this.names.centre.name));
    }

    // `arriving`: the call has just been made, and may draw the eye.
    current(call, arriving) {
      byId("call-card").hidden = !call;
      byId("nobody").hidden = Boolean(call);
      if (!call) return;
      const number = byId("number");
      write(number, call.number);
      number.dataset.length = Math.max(4, call.number.length);
      this.way(call);
      write(byId("department"), this.names.department(call.department));
      this.other(call);
      byId("priority").hidden = !call.priority;
      byId("recall").hidden = !call.recall;
      byId("call-card").classList.toggle("for-english", call.language === "en");
      if (arriving) motcua.drawEye(byId("call-card"), "is-arriving");
    }

    way(call) {
      const short = motcua.isNumbered(call.counter);
      write(byId("way-words"), short ? words.to_counter : words.to);
      const counter = byId("counter");
      write(counter, short ? call.counter : this.names.counter(call.counter) || call.counter);
      counter.classList.toggle("is-name", !short);
    }

    other(call) {
      const short = motcua.isNumbered(call.counter);
      const language = call.language === "en" ? "en" : this.otherLanguage;
      const group = language === "en" ? "english_invitation" : "other_invitation";
      const counter = short ? call.counter : this.names.counter(call.counter, language) || call.counter;
      byId("other").lang = language;
      write(byId("other"), fill(words[short ? group : group + "_to"], { number: call.number, counter }));
    }

    nobody(open) {
      write(byId("nobody-title"), open ? words.nobody : words.closed);
      write(byId("nobody-other"), open ? words.nobody_other : words.closed_other);
      write(byId("nobody-hint"), open ? words.nobody_hint : words.closed_hint);
    }

    queues(departments) {
      const key = departments.map((one) => one.code + this.names.department(one.code)).join();
      if (key !== this.queuesKey) this.layQueues(departments, key);
      departments.forEach((one) => this.queue(one));
    }

    layQueues(departments, key) {
      this.queuesKey = key;
      this.tiles.clear();
      const list = byId("queues");
      motcua.empty(list);
      const rows = departments.length > QUEUES_IN_TWO_ROWS ? 3 : departments.length > QUEUES_IN_ONE_ROW ? 2 : 1;
      list.dataset.rows = document.body.dataset.queueRows = rows;
      list.style.setProperty("--columns", Math.ceil(departments.length / rows));
      list.style.setProperty("--columns-upright", Math.min(departments.length, departments.length > QUEUES_IN_ONE_ROW ? 3 : 2));
      departments.forEach((one) => list.appendChild(this.tile(one)));
    }

    tile(department) {
      const tile = make("li");
      const parts = {
        tile,
        prefix: tile.appendChild(make("span", "queue-prefix", this.names.prefix(department.code))),
        name: tile.appendChild(make("span", "queue-name", this.names.department(department.code))),
        count: tile.appendChild(make("span", "queue-count")),
      };
      this.tiles.set(department.code, parts);
      return tile;
    }

    queue(department) {
      const { tile, count } = this.tiles.get(department.code);
      const isClosed = !department.open && !department.waiting;
      tile.className = isClosed ? "is-closed" : department.waiting ? "is-waiting" : "";
      write(count, isClosed ? words.department_closed : department.waiting);
    }
  }

  motcua.HallView = HallView;
})();
