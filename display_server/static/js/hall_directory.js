// Names of the centre, its departments and counters: fetched once, and again when the state names an unknown one.
(function () {
  "use strict";
  const motcua = window.motcua;

  const RETRY_MS = 10000;

  class HallDirectory {
    constructor(url, onChange) {
      this.url = url;
      this.onChange = onChange;
      this.centre = null;
      this.departments = new Map();
      this.counters = new Map();
      this.lastLoadedAt = -Infinity;
    }

    load() {
      this.lastLoadedAt = performance.now();
      return motcua
        .getJson(this.url)
        .then((names) => this.update(names))
        .catch(() => setTimeout(() => this.load(), RETRY_MS));
    }

    update(names) {
      this.centre = names.centre;
      this.departments = new Map(names.departments.map((one) => [one.code, one]));
      this.counters = new Map(names.counters.map((one) => [one.code, one]));
      this.onChange();
    }

    checkAgainst(state) {
      const unknown =
        state.departments.some((one) => !this.departments.has(one.code)) ||
        state.counters.some((one) => !this.counters.has(one.code));
      if (unknown && performance.now() - this.lastLoadedAt > RETRY_MS) this.load();
    }

    department(code, language) {
      return motcua.shortOf(this.departments.get(code), language);
    }

    counter(code, language) {
      return motcua.shortOf(this.counters.get(code), language);
    }

    prefix(code) {
      const one = this.departments.get(code);
      return (one && one.prefix) || code;
    }
  }

  // The endpoints of one hall; `hall` may carry ?centre=CODE where one server holds several.
  motcua.hallEndpoints = function (hall) {
    const [path, query] = hall.split("?");
    const tail = query ? "?" + query : "";
    return {
      state: hall,
      stream: path + "/stream" + tail,
      names: path + "/names" + tail,
      media: path + "/media" + tail,
      voice: (seq, form) => {
        const more = form === "full" ? "" : (tail ? "&" : "?") + "form=" + form;
        return path + "/voice/" + seq + ".mp3" + tail + more;
      },
      notice: (id) => path + "/voice/notices/" + id + ".mp3" + tail,
      chime: path + "/voice/chime.mp3" + tail,
      speaker: path + "/speaker" + tail,
      announced: path + "/announced",
      callsAfter: (seq) => path + "/calls" + tail + (tail ? "&" : "?") + "after=" + seq,
    };
  };

  // A counter whose code is a number is shown as a number; any other by its name.
  motcua.isNumbered = (counter) => /^\d{1,3}$/.test(counter);

  motcua.HallDirectory = HallDirectory;
})();
