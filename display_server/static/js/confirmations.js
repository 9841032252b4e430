// What only a person can know: that a restored hall is the one that works, and that the clock is right.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, fill, words } = motcua;

  const day = new Intl.DateTimeFormat(motcua.language === "en" ? "en-GB" : "vi-VN", { timeZone: "UTC", dateStyle: "long" });
  const shown = (date) => day.format(new Date(date));
  let clockDay = "";

  // Called by the page with each overview.
  motcua.showConfirmations = function (overview) {
    byId("sending").hidden = !overview.sending_paused;
    const isBehind = overview.clock_day < overview.business_day;
    if (!isBehind && byId("clock-told").hidden) byId("clock").hidden = true;
    if (!isBehind) return;
    clockDay = overview.clock_day;
    byId("clock").hidden = false;
    write(byId("clock-said"), fill(words.clock_day, { clock: shown(clockDay), day: shown(overview.business_day) }));
    if (byId("clock-confirm")) write(byId("clock-confirm"), fill(words.clock_right, { clock: shown(clockDay) }));
  };

  async function confirm(button, path, body) {
    button.disabled = true;
    try {
      const answer = await motcua.fetchDoor(path, body);
      if (!answer.ok) throw new Error(String(answer.status));
      return await answer.json();
    } finally {
      button.disabled = false;
    }
  }

  function listen(id, act) {
    const button = byId(id);
    if (button) button.addEventListener("click", () => act(button).catch(() => write(byId("told"), words.failed)));
  }

  listen("sending-confirm", async (button) => {
    await confirm(button, "/api/v1/admin/sending/confirm", {});
    byId("sending").hidden = true;
  });

  listen("clock-confirm", async (button) => {
    const { twice } = await confirm(button, "/api/v1/admin/clock/confirm", { day: clockDay });
    if (!twice.length) {
      byId("clock").hidden = true;
      return;
    }
    byId("clock-told").hidden = false;
    write(byId("clock-told"), fill(words.twice, { numbers: twice.join(", ") }));
  });
})();
