// Draws the line (next first), those set aside and those who did not come.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, fill, words } = motcua;

  // Fewer are seen at a glance.
  const LONG_LINE = 6;

  class CounterLists {
    // onCall(ticket): a visitor of a list is to be called. onWhole(): all who wait are to be fetched from now on.
    constructor(names, onCall, onWhole) {
      this.names = names;
      this.onCall = onCall;
      this.waits = [];
      this.keys = {};
      this.sought = "";
      byId("line-more").addEventListener("click", onWhole);
      byId("line-filter").addEventListener("input", () => {
        this.sought = motcua.plainText(byId("line-filter").value.trim());
        if (this.sought) onWhole();
        if (this.counter) this.draw(this.counter);
      });
    }

    draw(counter) {
      if (counter !== this.counter) this.takenAt = performance.now();
      this.counter = counter;
      this.waits = [];
      write(byId("waiting-count"), counter.waiting_count);
      byId("line-empty").hidden = counter.waiting_count > 0;
      const more = counter.waiting_count - counter.waiting.length;
      byId("line-more").hidden = more <= 0 || Boolean(this.sought);
      byId("line-filter-row").hidden = counter.waiting_count < LONG_LINE && !this.sought;
      write(byId("line-more"), fill(words.more_waiting, { n: more }));
      byId("next-why").hidden = !counter.next_reason;
      write(byId("next-why"), counter.next_reason ? fill(words.next_because, { why: motcua.textOf(counter.next_reason.text) }) : "");
      this.severalDepartments = counter.departments.length > 1;
      const found = counter.waiting.filter((one) => this.fits(one));
      byId("line-none").hidden = !this.sought || found.length > 0;
      // Who was looked for is to be called; otherwise the order of the line decides.
      this.list("waiting", found, Boolean(this.sought));
      this.aside("parked", counter.parked);
      this.aside("missed", counter.missed);
      this.tick();
    }

    aside(name, tickets) {
      byId(name + "-box").hidden = !tickets.length;
      write(byId(name + "-count"), tickets.length);
      this.list(name, tickets, true);
    }

    fits(ticket) {
      if (!this.sought) return true;
      const names = [this.names.department(ticket.department), ticket.procedure && this.names.procedure(ticket.procedure)];
      return motcua.plainText([ticket.number].concat(names).join(" ")).includes(this.sought);
    }

    // Rows are made anew only when somebody comes or goes: a button that is being pressed stays under the finger.
    list(name, tickets, withButton) {
      const key = withButton + JSON.stringify(tickets.map((one) => [one.id, one.number, one.priority, one.note, this.about(one)]));
      const list = byId(name);
      if (key !== this.keys[name]) {
        this.keys[name] = key;
        const focused = list.contains(document.activeElement) ? document.activeElement.dataset.ticket : null;
        motcua.empty(list);
        tickets.forEach((ticket) => list.appendChild(this.row(ticket, withButton)));
        this.giveFocusBack(list, focused);
      }
      tickets.forEach((ticket, at) => this.waits.push([list.children[at].querySelector(".row-wait"), ticket]));
    }

    giveFocusBack(list, ticketId) {
      const button = ticketId && list.querySelector(`[data-ticket="${ticketId}"]`);
      if (button) button.focus();
    }

    about(ticket) {
      const parts = [];
      if (ticket.state === "waiting" && ticket.counter) parts.push(words.sent_to);
      if (ticket.procedure) parts.push(this.names.procedureBriefly(ticket.procedure));
      if (this.severalDepartments) parts.push(this.names.briefly(ticket.department));
      if (ticket.note) parts.push(ticket.note);
      return parts.join(" · ");
    }

    row(ticket, withButton) {
      const row = make("li", "row");
      const line = row.appendChild(make("span", "row-main"));
      line.appendChild(make("b", "row-number", ticket.number));
      if (ticket.priority) {
        const mark = line.appendChild(make("span", "mark is-priority is-small", "★ " + words.priority));
        mark.title = this.names.reason(ticket.priority);
      }
      if (ticket.language !== "vi") line.appendChild(make("span", "mark is-small", ticket.language.toUpperCase()));
      line.appendChild(make("span", "row-wait"));
      const about = this.about(ticket);
      if (about) row.appendChild(make("span", "row-about", about));
      if (withButton) row.appendChild(this.button(ticket));
      return row;
    }

    button(ticket) {
      const button = make("button", "button action", words.call);
      button.type = "button";
      button.dataset.ticket = ticket.id;
      button.setAttribute("aria-label", fill(words.call_number, { number: ticket.number }));
      button.addEventListener("click", () => this.onCall(ticket));
      return button;
    }

    // The server's minutes, carried on while nothing else changes.
    tick() {
      const passed = (performance.now() - this.takenAt) / 1000;
      this.waits.forEach(([element, ticket]) => write(element, motcua.minutesInWords(ticket.waited_seconds + passed)));
    }
  }

  motcua.CounterLists = CounterLists;
})();
