// What every display does beside its layout: it reports its state, follows its settings, moves against burn-in, and
// darkens when the centre is closed.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId } = motcua;

  const SHIFT_MS = 60000;
  // In tenths of a rem; a small circle, so that no edge stays where it was.
  const SHIFTS = [[0, 0], [3, 1], [4, -2], [1, -4], [-3, -3], [-4, 1], [-1, 4]];
  const DARK_AFTER_MS = 10 * 60000;
  const DARK_MOVE_MS = 30000;
  // Be Vietnam Pro: height of the capitals as a share of the font size.
  const CAPITALS = 0.7;
  const MM_PER_INCH = 25.4;
  const ARCMIN_PER_RADIAN = 60 * 180 / Math.PI;
  const PAIR = "/hall/pair";

  const data = /** @type {Record<string, string>} */ (document.body.dataset);
  const LAYOUT = data.layout; // a media display without media shows the board meanwhile

  class DisplayAgent {
    // seen() -> {version, seq, connected, muted}: what the page shows now.
    constructor(getState) {
      this.getState = getState;
      this.settings = data.settings;
      this.problems = [];
      this.closedSince = null;
      this.isDark = false;
      if (data.enrolled === "1") this.report();
      setInterval(() => this.shift(), SHIFT_MS);
    }

    // The layout of the picture or its files have a fault that staff should know of.
    reportProblem(problem) {
      if (!this.problems.includes(problem)) this.problems = this.problems.concat(problem).slice(-5);
    }

    report() {
      const repeat = () => setTimeout(() => this.report(), Number(data.reportSeconds) * 1000);
      fetch("/api/v1/hall/report", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(this.state()),
      })
        .then((response) => {
          if (response.status === 401) return motcua.restartPairing();
          return response.ok ? response.json().then((settings) => this.applySettings(settings)) : null;
        })
        .catch(() => {}) // the band shows that the server is lost
        .then(repeat);
    }

    state() {
      return Object.assign(this.getState(), {
        layout: LAYOUT,
        visible: document.visibilityState === "visible",
        width: Math.round(window.innerWidth * (window.devicePixelRatio || 1)),
        height: Math.round(window.innerHeight * (window.devicePixelRatio || 1)),
        arc_minutes: motcua.visualAngle(JSON.parse(this.settings)).number || null,
        texts: motcua.visualAngle(JSON.parse(this.settings)),
        problems: this.problems,
      });
    }

    // Staff gave the display another layout. An address with a layout of its own stays as it is.
    applySettings(settings) {
      if (location.search || location.pathname !== "/hall") return; // shows what its address says
      const kept = JSON.parse(this.settings);
      const differs = Object.keys(settings).some((key) => JSON.stringify(settings[key]) !== JSON.stringify(kept[key]));
      if (differs) location.reload();
    }

    shift() {
      const [x, y] = SHIFTS[Math.floor(performance.now() / SHIFT_MS) % SHIFTS.length];
      document.body.style.setProperty("transform", "translate(" + x / 10 + "rem, " + y / 10 + "rem)");
    }

    // Closed for ten minutes with nobody at a counter: the picture rests.
    updateDark(hall, now) {
      const busy = hall.open || hall.counters.some((one) => one.number);
      if (busy) this.closedSince = null;
      else if (this.closedSince === null) this.closedSince = now;
      const isDark = data.dark === "1" && this.closedSince !== null && now - this.closedSince >= DARK_AFTER_MS;
      if (isDark === this.isDark) return;
      this.isDark = isDark;
      byId("dark").hidden = !isDark;
      clearInterval(this.darkTimer);
      if (isDark) {
        this.moveDarkText();
        this.darkTimer = setInterval(() => this.moveDarkText(), DARK_MOVE_MS);
      }
    }

    moveDarkText() {
      const words = byId("dark-text").style;
      words.setProperty("left", 4 + Math.random() * 40 + "%");
      words.setProperty("top", 6 + Math.random() * 56 + "%");
    }
  }

  // Every kind of text of a call, of the list and of a queue; the code of a counter for its own display.
  const TEXTS = {
    number: "#number", counter: "#counter, #code", way: "#direction-words", department: "#department", language: "#secondary, #state-secondary",
    list_number: ".called-number", list_counter: ".called-counter",
    queue_prefix: ".queue-prefix", queue_count: ".queue-count", queue_name: ".queue-name",
    waiting_called: ".waiting-number, .waiting-counter", waiting_count: ".waiting-count:not(:empty)", waiting_name: ".waiting-text", waiting_minutes: ".waiting-minutes:not(:empty)",
  };

  // How large the smallest of each kind stands before the farthest seat, in minutes of arc; {} where that is unknown.
  motcua.visualAngle = function (settings) {
    /** @type {Record<string, number>} */
    const found = {};
    if (!settings.diagonal_inches || !settings.farthest_metres) return found;
    const across = Math.sqrt(screen.width * screen.width + screen.height * screen.height);
    const mmPerPixel = (settings.diagonal_inches * MM_PER_INCH) / across;
    Object.keys(TEXTS).forEach((kind) => {
      const sizes = Array.from(document.querySelectorAll(TEXTS[kind]))
        // How large the number will be is known before the first call.
        .filter((one) => kind === "number" || (one.getClientRects().length && one.textContent.trim()))
        .map((one) => parseFloat(getComputedStyle(one).fontSize));
      if (!sizes.length) return;
      const capitals = Math.min.apply(null, sizes) * CAPITALS * mmPerPixel;
      found[kind] = Math.round(Math.atan(capitals / (settings.farthest_metres * 1000)) * ARCMIN_PER_RADIAN * 10) / 10;
    });
    return found;
  };

  // This screen is not admitted any more: it shows a code again. A preview only stays as it is. Both the
  // stream and the report may find this out: only the first one navigates.
  let isLeaving = false;
  motcua.restartPairing = function () {
    if (data.preview === "1" || isLeaving) return;
    isLeaving = true;
    location.assign(PAIR);
  };

  motcua.DisplayAgent = DisplayAgent;
})();
