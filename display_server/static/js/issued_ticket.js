// The number that was given, large, with its code; and what becomes of its slip.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, fill, write, words } = motcua;

  const BLOCKING = ["silent", "unreachable", "stalled", "paper_out", "cover_open", "cutter_error", "error", "offline", "two_kiosks"];

  // What is wrong with a kiosk, in words; empty when it can print.
  motcua.troubleOf = function (kiosk) {
    const wrong = kiosk.trouble.filter((name) => BLOCKING.includes(name));
    if (wrong.length) return fill(words.trouble[wrong[0]], { n: kiosk.silent_seconds });
    return kiosk.can_print ? "" : words.not_heard;
  };

  // [text, "is-good" | "is-wrong" | ""] for the newest order of a number.
  motcua.slipWords = function (orders, kiosks) {
    const order = orders[0];
    if (!order) return [words.slip.none, ""];
    const kiosk = kiosks.find((one) => one.name === order.kiosk);
    const trouble = kiosk ? motcua.troubleOf(kiosk) : "";
    if (order.state === "failed") return [fill(words.slip.failed, { kiosk: order.kiosk, reason: words.ends[order.reason] || order.reason }), "is-wrong"];
    if (order.state === "printed") {
      const told = fill(words.slip.printed, { kiosk: order.kiosk });
      return [order.is_copy ? told + " (" + words.copy + ")" : told, "is-good"];
    }
    if (order.state === "asked") return [fill(trouble ? words.slip.asked_silent : words.slip.asked, { kiosk: order.kiosk }), trouble ? "is-wrong" : ""];
    return [fill(trouble ? words.slip.told_trouble : words.slip.told, { kiosk: order.kiosk, trouble }), trouble ? "is-wrong" : ""];
  };

  class NumberCard {
    constructor(search) {
      this.search = search;
      this.id = null;
    }

    // `ticket` from the server; the code comes with its own answer.
    show(ticket) {
      this.id = ticket.id;
      this.line(ticket);
      write(byId("card-number"), ticket.number);
      const department = this.search.departments.get(ticket.department);
      const procedure = this.search.procedure(ticket.procedure);
      write(byId("card-department"), department ? motcua.textOf(department.name) : ticket.department);
      write(byId("card-procedure"), procedure ? motcua.textOf(procedure.name) : "");
      write(byId("card-slip"), "");
      byId("card-code").setAttribute("hidden", "");
      byId("card-code-told").hidden = true;
      byId("card-no-code").hidden = true;
      byId("form").hidden = true;
      byId("card").hidden = false;
    }

    line(ticket) {
      if (ticket.state !== "waiting") return write(byId("card-line"), words.states[ticket.state]);
      const people = ticket.ahead === 0 ? words.ahead_none : ticket.ahead === 1 ? words.ahead_one : fill(words.ahead, { n: ticket.ahead });
      byId("card-line").classList.toggle("is-without", ticket.no_wait === "no_counter");
      return write(byId("card-line"), motcua.lineWords(ticket, people));
    }

    code(code) {
      const picture = byId("card-code");
      byId("card-code-told").hidden = !code;
      byId("card-no-code").hidden = Boolean(code);
      if (!code) return picture.setAttribute("hidden", "");
      picture.setAttribute("viewBox", "0 0 " + code.size + " " + code.size);
      picture.querySelector("path").setAttribute("d", code.path);
      return picture.removeAttribute("hidden");
    }

    slip(orders, kiosks) {
      const [text, kind] = motcua.slipWords(orders, kiosks);
      write(byId("card-slip"), text);
      byId("card-slip").className = "given-slip " + kind;
    }

    hide() {
      this.id = null;
      byId("card").hidden = true;
      byId("form").hidden = false;
    }
  }

  // One line of the list of today's numbers. open(ticket): it is shown again.
  motcua.givenRow = function ({ ticket, orders }, kiosks, department, open) {
    const row = make("li");
    row.appendChild(make("b", "", ticket.number));
    const told = row.appendChild(make("span", "", (department ? motcua.optionText(department) : ticket.department) + " · " + words.states[ticket.state]));
    const [text, kind] = motcua.slipWords(orders, kiosks);
    told.appendChild(make("small", kind === "is-wrong" ? "is-wrong" : "soft", text));
    const button = row.appendChild(make("button", "button", words.open));
    button.type = "button";
    button.setAttribute("aria-label", words.open + ": " + ticket.number);
    button.addEventListener("click", () => open(ticket));
    return row;
  };

  motcua.NumberCard = NumberCard;
})();
