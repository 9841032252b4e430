// A department or a procedure out of a thousand: letters without marks will do; arrows and Enter, or a touch.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, fill, write, words } = motcua;

  const MOST_ROWS = 60;

  const folded = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase();
  const everyName = (one) => [...Object.values(one.name), ...Object.values(one.short), ...(one.also || []), one.code].join(" ");

  // How many wait, and for how long; or why nobody can tell.
  motcua.lineWords = function (one, people) {
    if (one.no_wait) return people + " · " + words[one.no_wait];
    if (!one.wait || one.wait.high === 0) return people;
    const { low, high } = one.wait;
    return people + " · " + fill(low > 0 && low < high ? words.minutes : words.minutes_most, { low, high });
  };
  motcua.waitingWords = (one) => motcua.lineWords(one, one.waiting ? fill(words.waiting, { n: one.waiting }) : words.nobody);

  class NumberSearch {
    // onChoice({department, procedure}): codes; procedure null for the department as such.
    constructor(onChoice) {
      this.onChoice = onChoice;
      this.entries = [];
      this.departments = new Map();
      this.rows = [];
      this.active = -1;
      this.chosen = null;
      byId("search").addEventListener("input", () => this.draw());
      byId("search").addEventListener("keydown", (event) => this.key(event));
    }

    take(centre) {
      this.departments = new Map(centre.departments.map((one) => [one.code, one]));
      if (centre.procedures) this.procedures = centre.procedures;
      this.entries = centre.departments.map((one) => this.entry(one, one, null));
      (this.procedures || []).forEach((one) => {
        const department = this.departments.get(one.department);
        if (department) this.entries.push(this.entry(one, department, one.code));
      });
    }

    entry(one, department, procedure) {
      return { one, department: department.code, procedure, text: folded(everyName(one) + (procedure ? "" : " " + department.prefix)) };
    }

    // Those with every word, the ones that begin with what was typed first.
    found() {
      const typed = folded(byId("search").value.trim());
      if (!typed) return this.entries.filter((entry) => !entry.procedure);
      const parts = typed.split(/\s+/);
      const fits = this.entries.filter((entry) => parts.every((part) => entry.text.includes(part)));
      const rank = (entry) => (entry.text.startsWith(typed) ? 0 : 2) + (entry.procedure ? 1 : 0);
      return fits.sort((one, other) => rank(one) - rank(other));
    }

    draw() {
      const all = this.found();
      this.shown = all.slice(0, MOST_ROWS);
      const list = byId("choices");
      motcua.empty(list);
      this.rows = this.shown.map((entry, place) => list.appendChild(this.row(entry, place)));
      if (!all.length) list.appendChild(make("li", "nothing soft", this.entries.length ? words.nothing : words.empty));
      write(byId("more"), all.length > MOST_ROWS ? fill(words.more, { n: all.length - MOST_ROWS }) : "");
      list.scrollTop = 0;
      this.mark(byId("search").value.trim() && all.length ? 0 : -1);
    }

    row(entry, place) {
      const department = this.departments.get(entry.department);
      const row = make("li");
      row.id = "choice-" + place;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(this.isChosen(entry)));
      row.appendChild(make("b", "", department.prefix));
      const name = row.appendChild(make("span", "name", motcua.shortOf(entry.one)));
      if (entry.procedure) name.appendChild(make("small", "", motcua.shortOf(department)));
      if (motcua.textOf(entry.one.name) !== motcua.shortOf(entry.one)) row.title = motcua.textOf(entry.one.name);
      row.appendChild(make("span", department.no_wait === "no_counter" ? "line is-without" : "line", motcua.waitingWords(department)));
      row.addEventListener("click", () => this.choose(entry));
      return row;
    }

    isChosen(entry) {
      return Boolean(this.chosen) && this.chosen.department === entry.department && this.chosen.procedure === entry.procedure;
    }

    // Other counts: the rows stay where they are.
    refresh(centre) {
      this.take(centre);
      this.rows.forEach((row, place) => {
        const department = this.departments.get(this.shown[place].department);
        if (department) write(row.querySelector(".line"), motcua.waitingWords(department));
        if (department) row.querySelector(".line").classList.toggle("is-without", department.no_wait === "no_counter");
      });
    }

    key(event) {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 }[event.key];
      if (step && this.rows.length) {
        event.preventDefault();
        this.mark(Math.min(Math.max(this.active + step, 0), this.rows.length - 1));
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (this.active >= 0) this.choose(this.shown[this.active]);
      } else if (event.key === "Escape" && byId("search").value) {
        event.preventDefault();
        byId("search").value = "";
        this.draw();
      }
    }

    mark(place) {
      this.active = place;
      this.rows.forEach((row, at) => row.classList.toggle("is-active", at === place));
      if (place < 0) return byId("search").removeAttribute("aria-activedescendant");
      byId("search").setAttribute("aria-activedescendant", "choice-" + place);
      if (this.rows[place]) this.rows[place].scrollIntoView({ block: "nearest" });
    }

    choose(entry) {
      this.chosen = { department: entry.department, procedure: entry.procedure };
      this.rows.forEach((row, place) => row.setAttribute("aria-selected", String(this.isChosen(this.shown[place]))));
      this.mark(this.shown.indexOf(entry));
      this.onChoice(this.chosen);
    }

    clear() {
      this.chosen = null;
      byId("search").value = "";
      this.draw();
    }

    procedure(code) {
      return (this.procedures || []).find((one) => one.code === code) || null;
    }
  }

  motcua.NumberSearch = NumberSearch;
})();
