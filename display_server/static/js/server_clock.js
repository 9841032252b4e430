// The server's time, carried on by the browser's monotonic clock: the screen's own clock may be wrong by a day.
(function () {
  "use strict";
  const motcua = window.motcua;

  class ServerClock {
    constructor() {
      this.base = NaN;
      this.at = 0;
    }

    set(iso) {
      this.base = Date.parse(iso);
      this.at = performance.now();
    }

    known() {
      return !Number.isNaN(this.base);
    }

    now() {
      return this.base + performance.now() - this.at;
    }
  }

  motcua.timeOf = (iso, timezone) =>
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: timezone }).format(new Date(iso));

  // Keeps "07:30" and the date on the screen in the centre's time zone.
  motcua.showTime = function (clock, timezone, timeElement, dateElement) {
    const language = motcua.language === "en" ? "en-GB" : "vi-VN";
    const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: timezone });
    const date = new Intl.DateTimeFormat(language, {
      weekday: "long", day: "numeric", month: "numeric", year: "numeric", timeZone: timezone,
    });
    const show = function () {
      if (!clock.known()) return;
      const now = new Date(clock.now());
      motcua.setText(timeElement, time.format(now));
      if (dateElement) motcua.setText(dateElement, date.format(now));
    };
    show();
    return setInterval(show, 1000);
  };

  motcua.ServerClock = ServerClock;
})();
