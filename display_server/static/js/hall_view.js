// Draws the hall's board: the current call, who waits where.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, fill, words } = motcua;

  // As many as fit in type that is read at ten metres on a 55-inch display.
  const MOST_QUEUES = 4;
  const TURN_EVERY = 8000;

  class HallView {
    constructor(names) {
      this.names = names;
      this.otherLanguage = motcua.language === "vi" ? "en" : "vi";
      this.tiles = new Map();
    }

    centre() {
      if (this.names.centre) motcua.fit(byId("centre"), motcua.shortOf(this.names.centre));
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
      motcua.fit(byId("department"), this.names.department(call.department));
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
      counter.classList.toggle("is-name", !short);
      // A number is never cut; a name may be.
      if (short) motcua.unfit(counter, call.counter);
      else motcua.fit(counter, this.names.counter(call.counter) || call.counter);
    }

    other(call) {
      const short = motcua.isNumbered(call.counter);
      const language = call.language === "en" ? "en" : this.otherLanguage;
      const group = language === "en" ? "english_invitation" : "other_invitation";
      const counter = short ? call.counter : this.names.counter(call.counter, language) || call.counter;
      byId("other").lang = language;
      motcua.fit(byId("other"), fill(words[short ? group : group + "_to"], { number: call.number, counter }));
    }

    nobody(open) {
      write(byId("nobody-title"), open ? words.nobody : words.closed);
      write(byId("nobody-other"), open ? words.nobody_other : words.closed_other);
      write(byId("nobody-hint"), open ? words.nobody_hint : words.closed_hint);
    }

    // Only where somebody waits; more of them than have room are shown in turns.
    queues(every) {
      this.every = every;
      const all = every.filter((one) => one.waiting > 0);
      const pages = Math.ceil(all.length / MOST_QUEUES);
      if (pages > 1 && !this.turning) this.turning = setInterval(() => this.turn(), TURN_EVERY);
      this.page = pages ? (this.page || 0) % pages : 0;
      const size = Math.ceil(all.length / Math.max(1, pages));
      const departments = all.slice(this.page * size, (this.page + 1) * size);
      const key = pages + departments.map((one) => one.code + this.names.department(one.code)).join();
      if (key !== this.queuesKey) this.layQueues(departments, key, pages);
      departments.forEach((one) => this.queue(one));
    }

    queue(department) {
      const { tile, count, told } = this.tiles.get(department.code);
      write(count, department.waiting);
      // Who waits there is not served at present.
      write(told, department.no_counter ? words.no_counter : "");
      tile.classList.toggle("is-left", Boolean(department.no_counter));
    }

    turn() {
      this.page += 1;
      this.queues(this.every);
    }

    layQueues(departments, key, pages) {
      this.queuesKey = key;
      this.tiles.clear();
      const list = byId("queues");
      motcua.empty(list);
      byId("queues-page").hidden = pages < 2;
      write(byId("queues-page"), this.page + 1 + "/" + pages);
      if (!departments.length) list.appendChild(make("li", "is-none", words.nobody_waits));
      departments.forEach((one) => list.appendChild(this.tile(one)));
      departments.forEach((one) => motcua.fit(this.tiles.get(one.code).name, this.names.department(one.code)));
    }

    tile(department) {
      const tile = make("li", "is-waiting");
      const parts = {
        tile,
        prefix: tile.appendChild(make("span", "queue-prefix", this.names.prefix(department.code))),
        name: tile.appendChild(make("span", "queue-name")),
        count: tile.appendChild(make("span", "queue-count")),
        told: tile.appendChild(make("span", "queue-told")),
      };
      this.tiles.set(department.code, parts);
      return tile;
    }
  }

  motcua.HallView = HallView;
})();
