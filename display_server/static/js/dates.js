// Days and times as they are written in Vietnam, 28/11/2026 20:45, whatever the language of the browser: its own fields
// for dates follow that language.
(function () {
  "use strict";
  const motcua = window.motcua;

  const DAY = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/;
  const TIME = /(?:^|\s)(\d{1,2})[:h](\d{2})(?=\s|$)/;
  const two = (value) => String(value).padStart(2, "0");

  // "28/11/2026" -> "2026-11-28"; null: no such day.
  motcua.dayOf = function (text) {
    const found = DAY.exec(text);
    if (!found) return null;
    const [day, month, year] = found.slice(1).map(Number);
    const made = new Date(Date.UTC(year, month - 1, day));
    const isReal = made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
    return isReal ? year + "-" + two(month) + "-" + two(day) : null;
  };

  // "28/11/2026 20:45" or "20:45 28/11/2026" -> "2026-11-28T20:45"; null: no such moment.
  motcua.momentOf = function (text) {
    const time = TIME.exec(text);
    const day = time && motcua.dayOf(text.replace(time[0], " "));
    if (!day || Number(time[1]) > 23 || Number(time[2]) > 59) return null;
    return day + "T" + two(time[1]) + ":" + time[2];
  };

  // "2026-11-28T20:45" -> "28/11/2026 20:45"
  motcua.momentText = function (local) {
    const [day, time] = local.split("T");
    return day.split("-").reverse().join("/") + (time ? " " + time : "");
  };
})();
