// Draws the clerk's page: the visitor here, who waits, who was set aside.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, fill, words, textOf } = motcua;

  // Which keys make sense with which visitor; the server has the last word.
  const STEPS = {
    nobody: ["call-next", "call"],
    called: ["call-next", "call", "recall", "start", "finish", "no-show", "park", "transfer"],
    serving: ["call-next", "call", "finish", "park", "transfer"],
  };

  class CounterView {
    // onCall(ticket): a ticket of one of the lists is to be called.
    constructor(clock, onCall) {
      this.clock = clock;
      this.onCall = onCall;
      this.centre = { departments: new Map(), procedures: new Map(), reasons: new Map() };
    }

    takeCentre(centre) {
      const byCode = (list) => new Map(list.map((one) => [one.code, one]));
      this.centre = {
        departments: byCode(centre.departments),
        procedures: byCode(centre.procedures),
        reasons: byCode(centre.priority_reasons),
      };
    }

    name(group, code) {
      const one = this.centre[group].get(code);
      return one ? textOf(one.name) : code || "";
    }

    draw(counter) {
      const chip = byId("state");
      chip.dataset.state = counter.state;
      write(chip, words[counter.state]);
      this.visitor(counter.call);
      this.line("waiting", counter.waiting, counter.waiting_count);
      this.line("parked", counter.parked, counter.parked.length);
      this.line("missed", counter.missed, counter.missed.length);
      document.title = (counter.call ? counter.call.number + " · " : "") + fill(words.waiting_count, { n: counter.waiting_count });
    }

    visitor(call) {
      byId("visitor").classList.toggle("is-empty", !call);
      byId("facts").hidden = !call;
      write(byId("number"), call ? call.number : words.nobody_here);
      motcua.empty(byId("marks"));
      if (!call) return;
      this.mark(words[call.state], "is-state");
      if (call.priority) this.mark(words.priority + ": " + this.name("reasons", call.priority), "is-priority");
      if (call.language !== "vi") this.mark(words.languages[call.language] || call.language, "is-language");
      this.fact("department", this.name("departments", call.department));
      this.fact("procedure", this.name("procedures", call.procedure));
      this.fact("waited", this.duration(call.waited_seconds));
      this.fact("reason", textOf(call.reason.text));
      this.fact("note", call.note);
    }

    mark(text, className) {
      byId("marks").appendChild(make("span", className, text));
    }

    fact(name, text) {
      const element = byId("fact-" + name);
      write(element, text || "");
      element.parentNode.hidden = !text;
    }

    duration(seconds) {
      return seconds < 60 ? words.below_minute : fill(words.minutes, { n: Math.floor(seconds / 60) });
    }

    line(id, tickets, count) {
      write(byId(id + "-count"), count);
      const list = byId(id);
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.ticket : null;
      motcua.empty(list);
      if (!tickets.length) list.appendChild(make("li", "line-none", id === "waiting" ? words.line_empty : words.none));
      tickets.forEach((ticket, place) => list.appendChild(this.row(ticket, id === "waiting" && place === 0)));
      const again = focused && list.querySelector(`[data-ticket="${focused}"]`);
      if (again) again.focus();
    }

    row(ticket, isNext) {
      const row = make("li", isNext ? "is-next" : "");
      row.appendChild(make("strong", "", ticket.number));
      const what = row.appendChild(make("span", "line-what"));
      if (ticket.priority) what.appendChild(make("span", "line-priority", words.priority + " · "));
      what.appendChild(document.createTextNode(this.rowText(ticket)));
      const button = row.appendChild(make("button", "plain", words.call));
      button.type = "button";
      button.dataset.ticket = ticket.id;
      button.setAttribute("aria-label", fill(words.call_number, { number: ticket.number }));
      button.addEventListener("click", () => this.onCall(ticket));
      return row;
    }

    rowText(ticket) {
      const waited = fill(words.waited, { time: this.duration(ticket.waited_seconds) });
      return [waited, ticket.counter ? words.sent_to : "", ticket.note].filter(Boolean).join(" · ");
    }

    keys(counter, sending) {
      const allowed = new Set(STEPS[counter.call ? counter.call.state : "nobody"] || STEPS.nobody);
      const isOpen = counter.state !== "closed" && counter.state !== "break";
      if (!isOpen) ["call-next", "call"].forEach((step) => allowed.delete(step));
      if (isOpen) ["break", "close"].forEach((step) => allowed.add(step));
      else allowed.add("open");
      if (counter.state === "break") allowed.add("close");
      document.querySelectorAll("[data-step]").forEach((button) => {
        button.disabled = sending || !allowed.has(button.dataset.step);
      });
      document.querySelectorAll("[data-ticket]").forEach((button) => {
        button.disabled = sending || !isOpen;
      });
    }
  }

  motcua.CounterView = CounterView;
})();
