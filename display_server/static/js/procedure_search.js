// A department or a procedure out of a thousand: letters without marks will do; arrows and Enter, or a touch.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, format, setText, words } = motcua;

  const MAX_ROWS = 60;

  const normalized = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase();
  const allNames = (one) => [...Object.values(one.name), ...Object.values(one.short), ...(one.also || []), one.code].join(" ");

  // How many wait, and for how long; or why that is unknown.
  motcua.queueText = function (one, people) {
    if (one.no_wait) return people + " · " + words[one.no_wait];
    if (!one.wait || one.wait.high === 0) return people;
    const { low, high } = one.wait;
    return people + " · " + format(low > 0 && low < high ? words.minutes : words.minutes_most, { low, high });
  };
  motcua.waitingText = (one) => motcua.queueText(one, one.waiting ? format(words.waiting, { n: one.waiting }) : words.nobody);

  class ProcedureSearch {
    // onChoice({department, procedure}): codes; procedure null for the department as such.
    constructor(onChoice) {
      this.onChoice = onChoice;
      this.entries = [];
      this.departments = new Map();
      this.rows = [];
      this.active = -1;
      /** @type {Json} */
      this.chosen = null;
      /** @type {Json[]} */
      this.shown = [];
      byId("search").addEventListener("input", () => this.draw());
      byId("search").addEventListener("keydown", (event) => this.key(event));
    }

    update(centre) {
      this.departments = new Map(centre.departments.map((one) => [one.code, one]));
      if (centre.procedures) this.procedures = centre.procedures;
      this.entries = centre.departments.map((one) => this.entry(one, one, null));
      (this.procedures || []).forEach((one) => {
        const department = this.departments.get(one.department);
        if (department) this.entries.push(this.entry(one, department, one.code));
      });
    }

    entry(one, department, procedure) {
      return { one, department: department.code, procedure, text: normalized(allNames(one) + (procedure ? "" : " " + department.prefix)) };
    }

    // Those with every word, the ones that begin with what was typed first.
    found() {
      const typed = normalized(byId("search").value.trim());
      if (!typed) return this.entries.filter((entry) => !entry.procedure);
      const parts = typed.split(/\s+/);
      const fits = this.entries.filter((entry) => parts.every((part) => entry.text.includes(part)));
      const rank = (entry) => (entry.text.startsWith(typed) ? 0 : 2) + (entry.procedure ? 1 : 0);
      return fits.sort((one, other) => rank(one) - rank(other));
    }

    draw() {
      const all = this.found();
      this.shown = all.slice(0, MAX_ROWS);
      const list = byId("choices");
      motcua.clear(list);
      this.rows = this.shown.map((entry, index) => list.appendChild(this.row(entry, index)));
      if (!all.length) list.appendChild(createElement("li", "nothing muted", this.entries.length ? words.nothing : words.empty));
      setText(byId("more"), all.length > MAX_ROWS ? format(words.more, { n: all.length - MAX_ROWS }) : "");
      list.scrollTop = 0;
      this.setActive(byId("search").value.trim() && all.length ? 0 : -1);
    }

    row(entry, index) {
      const department = this.departments.get(entry.department);
      const row = createElement("li");
      row.id = "choice-" + index;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(this.isChosen(entry)));
      row.appendChild(createElement("b", "", department.prefix));
      const name = row.appendChild(createElement("span", "name", motcua.shortOf(entry.one)));
      if (entry.procedure) name.appendChild(createElement("small", "", motcua.shortOf(department)));
      if (motcua.textOf(entry.one.name) !== motcua.shortOf(entry.one)) row.title = motcua.textOf(entry.one.name);
      row.appendChild(createElement("span", department.no_wait === "no_counter" ? "queue is-without" : "queue", motcua.waitingText(department)));
      row.addEventListener("click", () => this.choose(entry));
      return row;
    }

    isChosen(entry) {
      return Boolean(this.chosen) && this.chosen.department === entry.department && this.chosen.procedure === entry.procedure;
    }

    // Other counts: the rows stay where they are.
    refresh(centre) {
      this.update(centre);
      this.rows.forEach((row, index) => {
        const department = this.departments.get(this.shown[index].department);
        if (department) setText(row.querySelector(".queue"), motcua.waitingText(department));
        if (department) row.querySelector(".queue").classList.toggle("is-without", department.no_wait === "no_counter");
      });
    }

    key(event) {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 }[event.key];
      if (step && this.rows.length) {
        event.preventDefault();
        this.setActive(Math.min(Math.max(this.active + step, 0), this.rows.length - 1));
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (this.active >= 0) this.choose(this.shown[this.active]);
      } else if (event.key === "Escape" && byId("search").value) {
        event.preventDefault();
        byId("search").value = "";
        this.draw();
      }
    }

    setActive(index) {
      this.active = index;
      this.rows.forEach((row, at) => row.classList.toggle("is-active", at === index));
      if (index < 0) return byId("search").removeAttribute("aria-activedescendant");
      byId("search").setAttribute("aria-activedescendant", "choice-" + index);
      if (this.rows[index]) this.rows[index].scrollIntoView({ block: "nearest" });
    }

    choose(entry) {
      this.chosen = { department: entry.department, procedure: entry.procedure };
      this.rows.forEach((row, index) => row.setAttribute("aria-selected", String(this.isChosen(this.shown[index]))));
      this.setActive(this.shown.indexOf(entry));
      this.onChoice(this.chosen);
    }

    clear() {
      /** @type {Json} */
      this.chosen = null;
      /** @type {Json[]} */
      this.shown = [];
      byId("search").value = "";
      this.draw();
    }

    procedure(code) {
      return (this.procedures || []).find((one) => one.code === code) || null;
    }
  }

  motcua.ProcedureSearch = ProcedureSearch;
})();
