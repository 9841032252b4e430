// Draws the counter's own state and the visitor who is there.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, fill, words } = motcua;

  // Reasons whose words hold the minutes already.
  const SAY_THE_WAIT = ["oldest", "priority", "waited_too_long"];
  const OPEN_VISIT = ["called", "serving"];
  // The centre's clock, wherever this browser stands.
  const clockTime = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", timeZone: document.body.dataset.timezone,
  });

  motcua.isOpenVisit = (call) => Boolean(call) && OPEN_VISIT.includes(call.state);

  motcua.minutesInWords = function (seconds) {
    const minutes = Math.max(0, Math.floor(seconds / 60));
    if (minutes < 60) return fill(words.minutes, { n: minutes });
    return fill(words.hours, { h: Math.floor(minutes / 60), n: minutes % 60 });
  };

  const stopwatch = function (seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const parts = [Math.floor(whole / 60), whole % 60].map((part) => String(part).padStart(2, "0"));
    return parts.join(":");
  };

  class CounterView {
    constructor(names, clock) {
      this.names = names;
      this.clock = clock;
      const box = byId("card").parentElement;
      box.addEventListener("scroll", () => this.below());
      window.addEventListener("resize", () => this.below());
      byId("below").addEventListener("click", () => box.scrollBy({ top: box.clientHeight * 0.8, behavior: "smooth" }));
    }

    draw(counter) {
      this.counter = counter;
      const call = motcua.isOpenVisit(counter.call) ? counter.call : null;
      const shown = call ? call.state : counter.state;
      write(byId("state"), words["state_" + shown]);
      byId("state").dataset.state = shown;
      byId("state").hidden = Boolean(call);
      document.title = (call ? call.number + " · " : "") + document.body.dataset.name;
      byId("card").hidden = !call;
      byId("nobody").hidden = Boolean(call);
      if (call) this.visitor(call);
      else this.nobody(counter);
      this.day(counter.day);
      this.tick();
      this.below();
    }

    // More of the card than there is room for: a sign says so, and a touch on it shows the rest.
    below() {
      const box = byId("card").parentElement;
      byId("below").hidden = box.scrollHeight - box.clientHeight - box.scrollTop < 12;
    }

    day(day) {
      const mean = motcua.minutesInWords(day.mean_seconds);
      write(byId("day"), day.served ? fill(words.own_day, { n: day.served, time: mean }) : "");
    }

    visitor(call) {
      write(byId("visit-state"), words["state_" + call.state]);
      byId("visit-state").dataset.state = call.state;
      write(byId("number"), call.number);
      byId("number").dataset.length = Math.max(4, call.number.length);
      this.marks(call);
      this.names.putDepartment(byId("department"), call.department);
      this.procedure(call.procedure);
      byId("itinerary").hidden = !call.itinerary.length;
      const onward = call.itinerary.map((code) => this.names.department(code)).join(", ");
      write(byId("itinerary"), fill(words.afterwards, { departments: onward }));
      byId("note").hidden = !call.note;
      write(byId("note-words"), call.note || "");
      const waited = fill(words.waited, { time: motcua.minutesInWords(call.waited_seconds) });
      write(byId("waited"), SAY_THE_WAIT.includes(call.reason.code) ? "" : waited + " · ");
      write(byId("why"), motcua.textOf(call.reason.text));
    }

    marks(call) {
      const marks = [];
      if (call.priority) marks.push(["mark is-priority", fill(words.priority_reason, { reason: this.names.reason(call.priority) })]);
      if (call.recall) marks.push(["mark", words.called_again]);
      if (call.language !== "vi") marks.push(["mark", this.speaks(call.language)]);
      const key = JSON.stringify(marks);
      if (key === this.marksKey) return;
      this.marksKey = key;
      motcua.empty(byId("marks"));
      marks.forEach(([kind, text]) => byId("marks").appendChild(make("span", kind, text)));
    }

    speaks(language) {
      return language === "en" ? words.language_en : fill(words.language_other, { language: language.toUpperCase() });
    }

    procedure(code) {
      byId("procedure").hidden = !code;
      if (!code) return;
      this.names.putProcedure(byId("procedure-name"), code);
      const papers = this.names.papers(code);
      const key = papers.join("\n");
      if (key === this.papersKey) return;
      this.papersKey = key;
      motcua.empty(byId("papers"));
      papers.forEach((paper) => byId("papers").appendChild(make("li", "", paper)));
    }

    nobody(counter) {
      const titles = { break: words.counter_on_break, closed: words.counter_closed };
      write(byId("nobody-title"), titles[counter.state] || words.nobody_here);
      const count = counter.waiting_count;
      const hint = count ? fill(words.some_wait, { n: count, key: this.nextKey() }) : words.nobody_waits;
      write(byId("nobody-hint"), [this.pause(counter), hint].filter(Boolean).join(" · "));
    }

    pause(counter) {
      if (counter.state !== "break") return "";
      const until = counter.back_at ? clockTime.format(new Date(counter.back_at)) : "";
      return [counter.break_reason, until && fill(words.back_at, { time: until })].filter(Boolean).join(" · ");
    }

    // Every second: the time since the call.
    tick() {
      const call = this.counter && this.counter.call;
      if (!motcua.isOpenVisit(call) || !this.clock.known()) return;
      const time = stopwatch((this.clock.now() - Date.parse(call.called_at)) / 1000);
      write(byId("timer"), fill(call.state === "serving" ? words.since_serving : words.since_called, { time }));
      const coming = this.coming();
      byId("coming").hidden = !coming;
      write(byId("coming"), coming);
    }

    // Seconds until the visitor may be said not to be here; 0: now.
    secondsToCome() {
      const { announcement } = this.counter;
      if (!announcement || !this.clock.known()) return 0;
      return Math.max(0, Math.ceil((Date.parse(announcement.no_show_from) - this.clock.now()) / 1000));
    }

    // Why the visitor may not be said to be absent yet; empty: they may.
    coming() {
      const n = this.secondsToCome();
      if (!n) return "";
      const { before } = this.counter.announcement;
      if (before === null) return fill(words.left_to_come, { n });
      return before ? fill(words.not_announced, { n: before }) : words.not_announced_next;
    }
  }

  motcua.CounterView = CounterView;
})();
