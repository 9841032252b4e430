// Draws the queue (next first), those on hold and the no-shows.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, setText, format, words } = motcua;

  // Fewer are seen at a glance.
  const LONG_QUEUE = 6;

  class CounterQueue {
    // onCall(ticket): a visitor of a list is to be called. onWhole(): all who wait are to be fetched from now on.
    constructor(names, onCall, onFullQueue) {
      this.names = names;
      this.onCall = onCall;
      this.waitTimes = [];
      this.keys = {};
      this.query = "";
      this.receivedAt = 0;
      byId("queue-more").addEventListener("click", onFullQueue);
      byId("queue-filter").addEventListener("input", () => {
        this.query = motcua.plainText(byId("queue-filter").value.trim());
        if (this.query) onFullQueue();
        if (this.counter) this.draw(this.counter);
      });
    }

    draw(counter) {
      if (counter !== this.counter) this.receivedAt = performance.now();
      this.counter = counter;
      this.waitTimes = [];
      setText(byId("waiting-count"), counter.waiting_count);
      byId("queue-empty").hidden = counter.waiting_count > 0;
      const more = counter.waiting_count - counter.waiting.length;
      byId("queue-more").hidden = more <= 0 || Boolean(this.query);
      byId("queue-filter-row").hidden = counter.waiting_count < LONG_QUEUE && !this.query;
      setText(byId("queue-more"), format(words.more_waiting, { n: more }));
      byId("next-why").hidden = !counter.next_reason;
      setText(byId("next-why"), counter.next_reason ? format(words.next_because, { why: motcua.textOf(counter.next_reason.text) }) : "");
      this.severalDepartments = counter.departments.length > 1;
      const found = counter.waiting.filter((one) => this.matches(one));
      byId("queue-none").hidden = !this.query || found.length > 0;
      // Who was looked for is to be called; otherwise the order of the line decides.
      this.list("waiting", found, Boolean(this.query));
      this.drawHeld("parked", counter.parked);
      this.drawHeld("missed", counter.missed);
      this.tick();
    }

    drawHeld(name, tickets) {
      byId(name + "-box").hidden = !tickets.length;
      setText(byId(name + "-count"), tickets.length);
      this.list(name, tickets, true);
    }

    matches(ticket) {
      if (!this.query) return true;
      const names = [this.names.department(ticket.department), ticket.procedure && this.names.procedure(ticket.procedure)];
      return motcua.plainText([ticket.number].concat(names).join(" ")).includes(this.query);
    }

    // Rows are made anew only when somebody comes or goes: a button that is being pressed stays under the finger.
    list(name, tickets, withButton) {
      const key = withButton + JSON.stringify(tickets.map((one) => [one.id, one.number, one.priority, one.note, this.about(one)]));
      const list = byId(name);
      if (key !== this.keys[name]) {
        this.keys[name] = key;
        const focused = motcua.focusedIn(list, "ticket");
        motcua.clear(list);
        tickets.forEach((ticket) => list.appendChild(this.row(ticket, withButton)));
        this.restoreFocus(list, focused);
      }
      tickets.forEach((ticket, at) => this.waitTimes.push([list.children[at].querySelector(".row-wait"), ticket]));
    }

    restoreFocus(list, ticketId) {
      const button = ticketId && list.querySelector(`[data-ticket="${ticketId}"]`);
      if (button) button.focus();
    }

    about(ticket) {
      const parts = [];
      if (ticket.state === "waiting" && ticket.counter) parts.push(words.sent_to);
      if (ticket.procedure) parts.push(this.names.procedureOption(ticket.procedure));
      if (this.severalDepartments) parts.push(this.names.departmentOption(ticket.department));
      if (ticket.note) parts.push(ticket.note);
      return parts.join(" · ");
    }

    row(ticket, withButton) {
      const row = createElement("li", "row");
      const line = row.appendChild(createElement("span", "row-main"));
      line.appendChild(createElement("b", "row-number", ticket.number));
      if (ticket.priority) {
        const mark = line.appendChild(createElement("span", "mark is-priority is-small", "★ " + words.priority));
        mark.title = this.names.reason(ticket.priority);
      }
      if (ticket.language !== "vi") line.appendChild(createElement("span", "mark is-small", ticket.language.toUpperCase()));
      line.appendChild(createElement("span", "row-wait"));
      const about = this.about(ticket);
      if (about) row.appendChild(createElement("span", "row-about", about));
      if (withButton) row.appendChild(this.button(ticket));
      return row;
    }

    button(ticket) {
      const button = createElement("button", "button action", words.call);
      button.type = "button";
      button.dataset.ticket = ticket.id;
      button.setAttribute("aria-label", format(words.call_number, { number: ticket.number }));
      button.addEventListener("click", () => this.onCall(ticket));
      return button;
    }

    // The server's minutes, carried on while nothing else changes.
    tick() {
      const passed = (performance.now() - this.receivedAt) / 1000;
      this.waitTimes.forEach(([element, ticket]) => setText(element, motcua.formatMinutes(ticket.waited_seconds + passed)));
    }
  }

  motcua.CounterQueue = CounterQueue;
})();
