// What only a person can know: that a restored hall is the one that works, and that the clock is right.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, setText, format, words } = motcua;

  const day = new Intl.DateTimeFormat(motcua.language === "en" ? "en-GB" : "vi-VN", { timeZone: "UTC", dateStyle: "long" });
  const formatDay = (date) => day.format(new Date(date));
  let clockDay = "";

  // Called with each overview.
  motcua.showConfirmations = function (overview) {
    byId("sending").hidden = !overview.sending_paused;
    const isBehind = overview.clock_day < overview.business_day;
    if (!isBehind && byId("clock-status").hidden) byId("clock").hidden = true;
    if (!isBehind) return;
    clockDay = overview.clock_day;
    byId("clock").hidden = false;
    setText(byId("clock-text"), format(words.clock_day, { clock: formatDay(clockDay), day: formatDay(overview.business_day) }));
    if (byId("clock-confirm")) setText(byId("clock-confirm"), format(words.clock_right, { clock: formatDay(clockDay) }));
  };

  async function confirm(button, path, body) {
    button.disabled = true;
    try {
      const response = await motcua.apiFetch(path, body);
      if (!response.ok) throw new Error(String(response.status));
      return await response.json();
    } finally {
      button.disabled = false;
    }
  }

  function onClick(id, act) {
    const button = byId(id);
    if (button) button.addEventListener("click", () => act(button).catch(() => setText(byId("status"), words.failed)));
  }

  onClick("sending-confirm", async (button) => {
    await confirm(button, "/api/v1/admin/sending/confirm", {});
    byId("sending").hidden = true;
  });

  onClick("clock-confirm", async (button) => {
    const { twice } = await confirm(button, "/api/v1/admin/clock/confirm", { day: clockDay });
    if (!twice.length) {
      byId("clock").hidden = true;
      return;
    }
    byId("clock-status").hidden = false;
    setText(byId("clock-status"), format(words.twice, { numbers: twice.join(", ") }));
  });
})();
