// Names of departments, procedures, priority reasons and counters, in the page's language.
(function () {
  "use strict";
  const motcua = window.motcua;

  const ASK_AGAIN_AFTER = 5000;

  const fetchJson = (url) =>
    fetch(url, { headers: { Accept: "application/json" } }).then((answer) =>
      answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status))),
    );
  const byCode = (list) => new Map(list.map((one) => [one.code, one]));

  class CentreNames {
    constructor(onChange) {
      this.onChange = onChange;
      this.departments = new Map();
      this.procedures = new Map();
      this.reasons = new Map();
      this.counters = new Map();
    }

    // -> whether it came; else it is asked for again, and what is known stays.
    load() {
      return Promise.all([fetchJson("/api/v1/centre"), fetchJson("/api/v1/counters")])
        .then(([centre, list]) => {
          this.departments = byCode(centre.departments);
          this.procedures = byCode(centre.procedures);
          this.reasons = byCode(centre.priority_reasons);
          this.counters = byCode(list.counters);
          this.onChange();
          return true;
        })
        .catch(() => {
          setTimeout(() => this.load(), ASK_AGAIN_AFTER);
          return false;
        });
    }

    nameIn(map, code) {
      return motcua.shortOf(map.get(code)) || code || "";
    }

    department(code) {
      return this.nameIn(this.departments, code);
    }

    // In a line of a list: the card of who is called shows all of it.
    briefly(code) {
      const one = this.departments.get(code);
      return one ? motcua.optionText(one) : code || "";
    }

    procedureBriefly(code) {
      const one = this.procedures.get(code);
      return one ? motcua.optionText(one) : code;
    }

    procedure(code) {
      return this.nameIn(this.procedures, code);
    }

    reason(code) {
      return this.nameIn(this.reasons, code);
    }

    counter(code) {
      return this.nameIn(this.counters, code);
    }

    // For where there is room: a name that opens to all of it.
    putDepartment(element, code) {
      this.put(element, this.departments.get(code), code);
    }

    putProcedure(element, code) {
      this.put(element, this.procedures.get(code), code);
    }

    put(element, one, code) {
      const key = code + motcua.shortOf(one);
      if (element.dataset.shown === key) return;
      element.dataset.shown = key;
      motcua.keepFocus(element, () => {
        motcua.empty(element);
        element.appendChild(one ? motcua.named(one, code) : document.createTextNode(code || ""));
      });
    }

    papers(code) {
      const one = this.procedures.get(code);
      return one ? one.papers.map((paper) => motcua.textOf(paper)) : [];
    }

    // Where a visitor can be sent from this counter by `self`, who is not offered, whichever counter they sat at.
    targets(ownCounter, self) {
      const departments = Array.from(this.departments.values(), (one) => ({
        kind: "department", code: one.code, mark: one.prefix, name: motcua.shortOf(one), whole: motcua.textOf(one.name), also: one.code,
      }));
      const counters = Array.from(this.counters.values())
        .filter((one) => one.code !== ownCounter)
        .map((one) => ({
          kind: "counter", code: one.code, mark: one.code, name: motcua.shortOf(one), whole: motcua.textOf(one.name),
          also: one.departments.map((code) => this.department(code)).join(", "),
        }));
      const people = Array.from(this.counters.values())
        .filter((one) => one.clerk && one.clerk !== self && one.code !== ownCounter)
        .map((one) => ({ kind: "staff", code: one.clerk, mark: one.code, name: one.clerk, also: motcua.shortOf(one) }));
      return departments.concat(counters, people);
    }
  }

  // Asks at once, then at most every `pause` milliseconds, never twice at a time; the last wish is always met.
  motcua.conflated = function (ask, pause) {
    let isWanted = false;
    let isRunning = false;
    const run = function () {
      isWanted = false;
      isRunning = true;
      const rested = new Promise((resolve) => setTimeout(resolve, pause));
      Promise.all([ask(), rested]).then(() => {
        isRunning = false;
        if (isWanted) run();
      });
    };
    return function () {
      if (isRunning) isWanted = true;
      else run();
    };
  };

  motcua.fetchJson = fetchJson;
  motcua.CentreNames = CentreNames;
})();
