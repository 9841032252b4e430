// Draws the counter's own state and the visitor who is there.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, setText, format, words } = motcua;

  // Reasons whose words hold the minutes already.
  const REASONS_WITHOUT_MINUTES = ["oldest", "priority", "waited_too_long"];
  const OPEN_VISIT = ["called", "serving"];
  // The centre's clock, wherever this browser stands.
  const clockTime = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", timeZone: document.body.dataset.timezone,
  });

  motcua.isOpenVisit = (call) => Boolean(call) && OPEN_VISIT.includes(call.state);

  motcua.formatMinutes = function (seconds) {
    const minutes = Math.max(0, Math.floor(seconds / 60));
    if (minutes < 60) return format(words.minutes, { n: minutes });
    return format(words.hours, { h: Math.floor(minutes / 60), n: minutes % 60 });
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
      this.nextKey = () => ""; // the key that calls the next visitor
      const box = byId("card").parentElement;
      box.addEventListener("scroll", () => this.updateMoreButton());
      window.addEventListener("resize", () => this.updateMoreButton());
      byId("below").addEventListener("click", () => box.scrollBy({ top: box.clientHeight * 0.8, behavior: "smooth" }));
    }

    draw(counter) {
      this.counter = counter;
      const call = motcua.isOpenVisit(counter.call) ? counter.call : null;
      const shown = call ? call.state : counter.state;
      setText(byId("state"), words["state_" + shown]);
      byId("state").dataset.state = shown;
      byId("state").hidden = Boolean(call);
      document.title = (call ? call.number + " · " : "") + document.body.dataset.name;
      byId("card").hidden = !call;
      byId("nobody").hidden = Boolean(call);
      if (call) this.visitor(call);
      else this.nobody(counter);
      this.day(counter.day);
      this.tick();
      this.updateMoreButton();
    }

    // More of the card than there is room for: a sign says so, and a touch on it shows the rest.
    updateMoreButton() {
      const box = byId("card").parentElement;
      byId("below").hidden = box.scrollHeight - box.clientHeight - box.scrollTop < 12;
    }

    day(day) {
      const mean = motcua.formatMinutes(day.mean_seconds);
      setText(byId("day"), day.served ? format(words.own_day, { n: day.served, time: mean }) : "");
    }

    visitor(call) {
      setText(byId("visit-state"), words["state_" + call.state]);
      byId("visit-state").dataset.state = call.state;
      setText(byId("number"), call.number);
      byId("number").dataset.length = Math.max(4, call.number.length);
      this.marks(call);
      this.names.putDepartment(byId("department"), call.department);
      this.procedure(call.procedure);
      byId("itinerary").hidden = !call.itinerary.length;
      const onward = call.itinerary.map((code) => this.names.department(code)).join(", ");
      setText(byId("itinerary"), format(words.afterwards, { departments: onward }));
      byId("note").hidden = !call.note;
      setText(byId("note-words"), call.note || "");
      const waited = format(words.waited, { time: motcua.formatMinutes(call.waited_seconds) });
      setText(byId("waited"), REASONS_WITHOUT_MINUTES.includes(call.reason.code) ? "" : waited + " · ");
      setText(byId("why"), motcua.textOf(call.reason.text));
    }

    marks(call) {
      const marks = [];
      if (call.priority) marks.push(["mark is-priority", format(words.priority_reason, { reason: this.names.reason(call.priority) })]);
      if (call.recall) marks.push(["mark", words.called_again]);
      if (call.language !== "vi") marks.push(["mark", this.speaks(call.language)]);
      const key = JSON.stringify(marks);
      if (key === this.marksKey) return;
      this.marksKey = key;
      motcua.clear(byId("marks"));
      marks.forEach(([kind, text]) => byId("marks").appendChild(createElement("span", kind, text)));
    }

    speaks(language) {
      return language === "en" ? words.language_en : format(words.language_other, { language: language.toUpperCase() });
    }

    procedure(code) {
      byId("procedure").hidden = !code;
      if (!code) return;
      this.names.putProcedure(byId("procedure-name"), code);
      const documents = this.names.requiredDocuments(code);
      const key = documents.join("\n");
      if (key === this.documentsKey) return;
      this.documentsKey = key;
      motcua.clear(byId("required-documents"));
      documents.forEach((text) => byId("required-documents").appendChild(createElement("li", "", text)));
    }

    nobody(counter) {
      const titles = { break: words.counter_on_break, closed: words.counter_closed };
      setText(byId("nobody-title"), titles[counter.state] || words.nobody_here);
      const count = counter.waiting_count;
      const hint = count ? format(words.some_wait, { n: count, key: this.nextKey() }) : words.nobody_waits;
      setText(byId("nobody-hint"), [this.pause(counter), hint].filter(Boolean).join(" · "));
    }

    pause(counter) {
      if (counter.state !== "break") return "";
      const until = counter.back_at ? clockTime.format(new Date(counter.back_at)) : "";
      return [counter.break_reason, until && format(words.back_at, { time: until })].filter(Boolean).join(" · ");
    }

    // Every second: the time since the call.
    tick() {
      const call = this.counter && this.counter.call;
      if (!motcua.isOpenVisit(call) || !this.clock.known()) return;
      const time = stopwatch((this.clock.now() - Date.parse(call.called_at)) / 1000);
      setText(byId("timer"), format(call.state === "serving" ? words.since_serving : words.since_called, { time }));
      const coming = this.graceText();
      byId("coming").hidden = !coming;
      setText(byId("coming"), coming);
    }

    // Seconds until the visitor may be marked as a no-show; 0: now.
    graceSeconds() {
      const { announcement } = this.counter;
      if (!announcement || !this.clock.known()) return 0;
      return Math.max(0, Math.ceil((Date.parse(announcement.no_show_from) - this.clock.now()) / 1000));
    }

    // Why the visitor may not be marked as a no-show yet; empty: they may.
    graceText() {
      const n = this.graceSeconds();
      if (!n) return "";
      const { before } = this.counter.announcement;
      if (before === null) return format(words.left_to_come, { n });
      return before ? format(words.not_announced, { n: before }) : words.not_announced_next;
    }
  }

  motcua.CounterView = CounterView;
})();
