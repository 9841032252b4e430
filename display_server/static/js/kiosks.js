// Staff's page of the kiosks: which printer is out of paper, before a visitor finds out; and a slip once more.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, fill, words, write, fetchDoor } = motcua;

  const EVERY = 3000;
  const DOOR = "/api/v1/admin/kiosks";
  const time = new Intl.DateTimeFormat("vi-VN", { timeZone: document.body.dataset.timezone, hour: "2-digit", minute: "2-digit" });

  function trouble(kiosk) {
    return kiosk.trouble.map((name, place) => {
      const n = name === "silent" ? kiosk.silent_seconds : kiosk.report.rejected;
      const told = fill(words.trouble[name] || name, { n });
      const since = place === 0 && name !== "silent" && kiosk.report.problem_since;
      return since ? told + " (" + fill(words.since, { time: time.format(new Date(since)) }) + ")" : told;
    });
  }

  function facts(report) {
    const told = [];
    if (report.slips_waiting) told.push(fill(words.slips, { n: report.slips_waiting }));
    if (report.to_hand_in) told.push(fill(words.to_hand_in, { n: report.to_hand_in }));
    told.push(fill(words.version, { v: report.version }));
    return told.join(" · ");
  }

  // A touch puts the number into the form: who prints it again sees which one it is.
  function held(numbers) {
    const told = make("p", "", words.held + " ");
    numbers.forEach((number) => {
      const button = told.appendChild(make("button", "button held-slip", number));
      button.type = "button";
      button.addEventListener("click", () => {
        byId("number").value = number;
        byId("number").focus();
      });
    });
    return told;
  }

  function card(kiosk) {
    const wrong = trouble(kiosk);
    const item = make("li", wrong.length ? "has-trouble" : "");
    item.appendChild(make("h2", "", kiosk.name));
    const said = wrong.join(" · ") || (kiosk.report ? words.well : words.waits);
    item.appendChild(make("p", wrong.length ? "screen-told is-wrong" : "screen-told", said));
    if (kiosk.report) {
      if (kiosk.report.held.length) item.appendChild(held(kiosk.report.held));
      kiosk.report.rejections.forEach((one) => item.appendChild(make("p", "is-wrong", one.number + ": " + one.reason)));
      item.appendChild(make("p", "soft", facts(kiosk.report)));
    }
    return item;
  }

  function asked(one) {
    const told = fill(words.states[one.state], { reason: words.ends[one.reason] || one.reason });
    return make("li", one.state === "failed" ? "is-wrong" : "", one.number + " · " + one.kiosk + " · " + told);
  }

  function refill(id, items) {
    const list = byId(id);
    motcua.empty(list);
    items.forEach((item) => list.appendChild(item));
  }

  function show(answer) {
    refill("kiosks", answer.kiosks.map(card));
    refill("reprints", answer.reprints.map(asked));
    byId("none").hidden = answer.kiosks.length > 0;
  }

  // One asking is one `request_id`, also when it has to be sent twice.
  let wish = null;

  async function submit(event) {
    event.preventDefault();
    const number = byId("number").value.trim().toUpperCase();
    const wrong = await reprint(number).catch(() => words.failed);
    write(byId("form-told"), wrong || "");
    if (wrong) return;
    byId("number").value = "";
    wish = null;
    load();
  }

  async function reprint(number) {
    const found = await fetchDoor("/api/v1/admin/history?number=" + encodeURIComponent(number));
    if (!found.ok) return { 404: words.not_found, 422: words.invalid }[found.status] || words.failed;
    const ticket = (await found.json()).ticket;
    if (!wish || wish.number !== number) wish = { number, id: motcua.newRequestId() };
    const answer = await fetchDoor("/api/v1/admin/tickets/" + ticket.id + "/reprint", { request_id: wish.id });
    if (answer.status === 409) return fill(words.no_kiosk, { number });
    if (!answer.ok) return words.failed;
    write(byId("told"), fill(words.asked, { number, kiosk: (await answer.json()).kiosk }));
    return null;
  }

  async function keepLoading() {
    await load();
    setTimeout(keepLoading, EVERY);
  }

  async function load() {
    try {
      const answer = await fetchDoor(DOOR);
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      if (byId("told").textContent === words.failed) write(byId("told"), "");
    } catch (error) {
      write(byId("told"), words.failed);
    }
  }

  byId("form").addEventListener("submit", submit);
  keepLoading();
})();
