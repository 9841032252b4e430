// The number that was given, large, with its code; and what becomes of its slip.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, format, setText, words } = motcua;

  const BLOCKING_PROBLEMS = ["silent", "unreachable", "stalled", "paper_out", "cover_open", "cutter_error", "error", "offline", "two_kiosks"];

  // What is wrong with a kiosk, in words; empty when it can print.
  motcua.kioskProblem = function (kiosk) {
    const problems = kiosk.trouble.filter((name) => BLOCKING_PROBLEMS.includes(name));
    if (problems.length) return format(words.trouble[problems[0]], { n: kiosk.silent_seconds });
    return kiosk.can_print ? "" : words.not_heard;
  };

  // [text, "is-good" | "is-error" | ""] for the newest order of a number.
  motcua.slipText = function (orders, kiosks) {
    const order = orders[0];
    if (!order) return [words.slip.none, ""];
    const kiosk = kiosks.find((one) => one.name === order.kiosk);
    const problem = kiosk ? motcua.kioskProblem(kiosk) : "";
    if (order.state === "failed") return [format(words.slip.failed, { kiosk: order.kiosk, reason: words.ends[order.reason] || order.reason }), "is-error"];
    if (order.state === "printed") {
      const message = format(words.slip.printed, { kiosk: order.kiosk });
      return [order.is_copy ? message + " (" + words.copy + ")" : message, "is-good"];
    }
    if (order.state === "asked") return [format(problem ? words.slip.asked_silent : words.slip.asked, { kiosk: order.kiosk }), problem ? "is-error" : ""];
    return [format(problem ? words.slip.told_trouble : words.slip.told, { kiosk: order.kiosk, trouble: problem }), problem ? "is-error" : ""];
  };

  class IssuedTicketCard {
    constructor(search) {
      this.search = search;
      this.id = null;
    }

    // `ticket` from the server; the code comes with its own answer.
    show(ticket) {
      this.id = ticket.id;
      this.line(ticket);
      setText(byId("card-number"), ticket.number);
      const department = this.search.departments.get(ticket.department);
      const procedure = this.search.procedure(ticket.procedure);
      setText(byId("card-department"), department ? motcua.textOf(department.name) : ticket.department);
      setText(byId("card-procedure"), procedure ? motcua.textOf(procedure.name) : "");
      setText(byId("card-slip"), "");
      byId("card-code").setAttribute("hidden", "");
      byId("card-code-hint").hidden = true;
      byId("card-no-code").hidden = true;
      byId("form").hidden = true;
      byId("card").hidden = false;
    }

    line(ticket) {
      if (ticket.state !== "waiting") return setText(byId("card-queue"), words.states[ticket.state]);
      const people = ticket.ahead === 0 ? words.ahead_none : ticket.ahead === 1 ? words.ahead_one : format(words.ahead, { n: ticket.ahead });
      byId("card-queue").classList.toggle("is-without", ticket.no_wait === "no_counter");
      return setText(byId("card-queue"), motcua.queueText(ticket, people));
    }

    code(code) {
      const picture = byId("card-code");
      byId("card-code-hint").hidden = !code;
      byId("card-no-code").hidden = Boolean(code);
      if (!code) return picture.setAttribute("hidden", "");
      picture.setAttribute("viewBox", "0 0 " + code.size + " " + code.size);
      picture.querySelector("path").setAttribute("d", code.path);
      return picture.removeAttribute("hidden");
    }

    slip(orders, kiosks) {
      const [text, kind] = motcua.slipText(orders, kiosks);
      setText(byId("card-slip"), text);
      byId("card-slip").className = "given-slip " + kind;
    }

    hide() {
      this.id = null;
      byId("card").hidden = true;
      byId("form").hidden = false;
    }
  }

  // One row of the list of today's tickets. open(ticket): it is shown again.
  motcua.issuedTicketRow = function ({ ticket, orders }, kiosks, department, open) {
    const row = createElement("li");
    row.appendChild(createElement("b", "", ticket.number));
    const message = row.appendChild(createElement("span", "", (department ? motcua.optionText(department) : ticket.department) + " · " + words.states[ticket.state]));
    const [text, kind] = motcua.slipText(orders, kiosks);
    message.appendChild(createElement("small", kind === "is-error" ? "is-error" : "muted", text));
    const button = row.appendChild(createElement("button", "button", words.open));
    button.type = "button";
    button.setAttribute("aria-label", words.open + ": " + ticket.number);
    button.addEventListener("click", () => open(ticket));
    return row;
  };

  motcua.IssuedTicketCard = IssuedTicketCard;
})();
