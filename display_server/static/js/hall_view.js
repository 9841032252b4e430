// Draws the hall's board: the current call, who waits where.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, setText, format, words } = motcua;

  // As many as fit in type that is read at ten metres on a 55-inch display.
  const MAX_QUEUES = 4;
  const PAGE_MS = 8000;

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
      setText(number, call.number);
      number.dataset.length = Math.max(4, call.number.length);
      this.direction(call);
      motcua.fit(byId("department"), this.names.department(call.department));
      this.other(call);
      byId("priority").hidden = !call.priority;
      byId("recall").hidden = !call.recall;
      byId("call-card").classList.toggle("for-english", call.language === "en");
      if (arriving) motcua.restartAnimation(byId("call-card"), "is-arriving");
    }

    direction(call) {
      const short = motcua.isNumbered(call.counter);
      setText(byId("direction-words"), short ? words.to_counter : words.to);
      const counter = byId("counter");
      counter.classList.toggle("is-name", !short);
      // A number is never cut; a name may be.
      if (short) motcua.unfit(counter, call.counter);
      else motcua.fit(counter, this.names.counter(call.counter) || call.counter);
    }

    other(call) {
      const short = motcua.isNumbered(call.counter);
      const language = call.language === "en" ? "en" : this.otherLanguage;
      const group = language === "en" ? "english_invitation" : "secondary_invitation";
      const counter = short ? call.counter : this.names.counter(call.counter, language) || call.counter;
      byId("secondary").lang = language;
      motcua.fit(byId("secondary"), format(words[short ? group : group + "_to"], { number: call.number, counter }));
    }

    nobody(open) {
      setText(byId("nobody-title"), open ? words.nobody : words.closed);
      setText(byId("nobody-secondary"), open ? words.nobody_secondary : words.closed_secondary);
      setText(byId("nobody-hint"), open ? words.nobody_hint : words.closed_hint);
    }

    // Only where somebody waits; more of them than have room are shown in turns.
    queues(every) {
      this.every = every;
      const all = every.filter((one) => one.waiting > 0);
      const pages = Math.ceil(all.length / MAX_QUEUES);
      if (pages > 1 && !this.turning) this.turning = setInterval(() => this.nextPage(), PAGE_MS);
      this.page = pages ? (this.page || 0) % pages : 0;
      const size = Math.ceil(all.length / Math.max(1, pages));
      const departments = all.slice(this.page * size, (this.page + 1) * size);
      const key = pages + departments.map((one) => one.code + this.names.department(one.code)).join();
      if (key !== this.queuesKey) this.layQueues(departments, key, pages);
      departments.forEach((one) => this.queue(one));
    }

    queue(department) {
      const { tile, count, note } = this.tiles.get(department.code);
      setText(count, department.waiting);
      // Who waits there is not served at present.
      setText(note, department.no_counter ? words.no_counter : "");
      tile.classList.toggle("is-unserved", Boolean(department.no_counter));
    }

    nextPage() {
      this.page += 1;
      this.queues(this.every);
    }

    layQueues(departments, key, pages) {
      this.queuesKey = key;
      this.tiles.clear();
      const list = byId("queues");
      motcua.clear(list);
      byId("queues-page").hidden = pages < 2;
      setText(byId("queues-page"), this.page + 1 + "/" + pages);
      if (!departments.length) list.appendChild(createElement("li", "is-none", words.nobody_waits));
      departments.forEach((one) => list.appendChild(this.tile(one)));
      departments.forEach((one) => motcua.fit(this.tiles.get(one.code).name, this.names.department(one.code)));
    }

    tile(department) {
      const tile = createElement("li", "is-waiting");
      const parts = {
        tile,
        prefix: tile.appendChild(createElement("span", "queue-prefix", this.names.prefix(department.code))),
        name: tile.appendChild(createElement("span", "queue-name")),
        count: tile.appendChild(createElement("span", "queue-count")),
        note: tile.appendChild(createElement("span", "queue-note")),
      };
      this.tiles.set(department.code, parts);
      return tile;
    }
  }

  motcua.HallView = HallView;
})();
