// Staff's page of the kiosks: which printer is out of paper, before a visitor finds out; and a slip once more.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, format, words, setText, apiFetch, renderList } = motcua;

  const POLL_MS = 3000;
  const API_URL = "/api/v1/admin/kiosks";
  const time = new Intl.DateTimeFormat("vi-VN", { timeZone: document.body.dataset.timezone, hour: "2-digit", minute: "2-digit" });

  function problemTexts(kiosk) {
    return kiosk.trouble.map((name, place) => {
      const n = name === "silent" ? kiosk.silent_seconds : kiosk.report.rejected;
      const text = format(words.trouble[name] || name, { n });
      const since = place === 0 && name !== "silent" && kiosk.report.problem_since;
      return since ? text + " (" + format(words.since, { time: time.format(new Date(since)) }) + ")" : text;
    });
  }

  function facts(report) {
    const text = [];
    if (report.slips_waiting) text.push(format(words.slips, { n: report.slips_waiting }));
    if (report.to_hand_in) text.push(format(words.to_hand_in, { n: report.to_hand_in }));
    text.push(format(words.version, { v: report.version }));
    return text.join(" · ");
  }

  // A touch puts the number into the form: who prints it again sees which one it is.
  function heldSlips(numbers) {
    const text = createElement("p", "", words.held + " ");
    numbers.forEach((number) => {
      const button = text.appendChild(createElement("button", "button held-slip", number));
      button.type = "button";
      button.addEventListener("click", () => {
        byId("number").value = number;
        byId("number").focus();
      });
    });
    return text;
  }

  function card(kiosk) {
    const wrong = problemTexts(kiosk);
    const item = createElement("li", wrong.length ? "has-problem" : "");
    item.appendChild(createElement("h2", "", kiosk.name));
    const message = wrong.join(" · ") || (kiosk.report ? words.well : words.waits);
    item.appendChild(createElement("p", wrong.length ? "display-status is-error" : "display-status", message));
    if (kiosk.report) {
      if (kiosk.report.held.length) item.appendChild(heldSlips(kiosk.report.held));
      kiosk.report.rejections.forEach((one) => item.appendChild(createElement("p", "is-error", one.number + ": " + one.reason)));
      item.appendChild(createElement("p", "muted", facts(kiosk.report)));
    }
    return item;
  }

  function reprintRow(one) {
    const text = format(words.states[one.state], { reason: words.ends[one.reason] || one.reason });
    return createElement("li", one.state === "failed" ? "is-error" : "", one.number + " · " + one.kiosk + " · " + text);
  }

  function render(response) {
    renderList("kiosks", response.kiosks.map(card));
    renderList("reprints", response.reprints.map(reprintRow));
    byId("none").hidden = response.kiosks.length > 0;
  }

  // One reprint keeps one `request_id`, also when it has to be sent twice.
  let request = null;

  async function submit(event) {
    event.preventDefault();
    const number = byId("number").value.trim().toUpperCase();
    const wrong = await reprint(number).catch(() => words.failed);
    setText(byId("form-status"), wrong || "");
    if (wrong) return;
    byId("number").value = "";
    request = null;
    refresh();
  }

  async function reprint(number) {
    const found = await apiFetch("/api/v1/admin/history?number=" + encodeURIComponent(number));
    if (!found.ok) return { 404: words.not_found, 422: words.invalid }[found.status] || words.failed;
    const ticket = (await found.json()).ticket;
    if (!request || request.number !== number) request = { number, id: motcua.newRequestId() };
    const response = await apiFetch("/api/v1/admin/tickets/" + ticket.id + "/reprint", { request_id: request.id });
    if (response.status === 409) return format(words.no_kiosk, { number });
    if (!response.ok) return words.failed;
    motcua.showStatus(format(words.asked, { number, kiosk: (await response.json()).kiosk }));
    return null;
  }

  byId("form").addEventListener("submit", submit);
  const refresh = motcua.pollList({ url: API_URL, render, interval: POLL_MS });
})();
