// Names of departments, procedures, priority reasons and counters, in the page's language.
(function () {
  "use strict";
  const motcua = window.motcua;

  const RETRY_MS = 5000;

  const byCode = (list) => new Map(list.map((one) => [one.code, one]));

  class CentreDirectory {
    constructor(onChange) {
      this.onChange = onChange;
      this.departments = new Map();
      this.procedures = new Map();
      this.reasons = new Map();
      this.counters = new Map();
    }

    // -> whether it was loaded; else it is loaded again later, and what is known stays.
    load() {
      return Promise.all([motcua.getJson("/api/v1/centre"), motcua.getJson("/api/v1/counters")])
        .then(([centre, list]) => {
          this.departments = byCode(centre.departments);
          this.procedures = byCode(centre.procedures);
          this.reasons = byCode(centre.priority_reasons);
          this.counters = byCode(list.counters);
          this.onChange();
          return true;
        })
        .catch(() => {
          setTimeout(() => this.load(), RETRY_MS);
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
    departmentOption(code) {
      const one = this.departments.get(code);
      return one ? motcua.optionText(one) : code || "";
    }

    procedureOption(code) {
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
      this.putName(element, this.departments.get(code), code);
    }

    putProcedure(element, code) {
      this.putName(element, this.procedures.get(code), code);
    }

    putName(element, one, code) {
      const key = code + motcua.shortOf(one);
      if (element.dataset.shown === key) return;
      element.dataset.shown = key;
      motcua.keepFocus(element, () => {
        motcua.clear(element);
        element.appendChild(one ? motcua.named(one, code) : document.createTextNode(code || ""));
      });
    }

    requiredDocuments(code) {
      const one = this.procedures.get(code);
      return one ? one.papers.map((text) => motcua.textOf(text)) : [];
    }

    // Where a visitor can be sent from this counter by `self`, who is not offered, whichever counter they sat at.
    targets(ownCounter, ownName) {
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
        .filter((one) => one.clerk && one.clerk !== ownName && one.code !== ownCounter)
        .map((one) => ({ kind: "staff", code: one.clerk, mark: one.code, name: one.clerk, whole: "", also: motcua.shortOf(one) }));
      return departments.concat(counters, people);
    }
  }

  motcua.CentreDirectory = CentreDirectory;
})();
