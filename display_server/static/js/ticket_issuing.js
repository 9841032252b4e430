// Staff issue a ticket: one request keeps one request_id, also when the response was lost or the page reloaded.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, format, setText, words } = motcua;

  const POLL_MS = 3000;
  const CENTRE_POLL_MS = 6000;
  const PREFERRED_KIOSK = "motcua.numbers.kiosk";
  const REQUESTED_KIOSK = "motcua.numbers.wished";
  const SHOWN_TICKET = "motcua.numbers.shown";
  const me = document.body.dataset.member;

  let centre = null;
  let kiosks = [];
  let isBusy = false;
  const search = new motcua.ProcedureSearch((chosen) => {
    drawChosen();
    byId("give").focus();
    showStatus(chosen ? "" : words.choose);
  });
  const card = new motcua.IssuedTicketCard(search);

  function senderFor(memory) {
    return new motcua.ActionSender({
      url: (step) => step,
      csrf: motcua.csrfToken(),
      memory: motcua.sessionMemory(memory + " " + me),
      onRetry: (attempt) => showSending(format(words.again, { n: attempt }), true),
    });
  }
  const ticketSender = senderFor("motcua.numbers.give");
  const printSender = senderFor("motcua.numbers.print");

  const showStatus = (text) => motcua.showStatus(text, true);

  function showSending(text, canGiveUp) {
    byId("sending").hidden = !text;
    setText(byId("sending-words"), text);
    byId("cancel-sending").hidden = !canGiveUp;
  }

  function option(value, text) {
    const one = createElement("option", "", text);
    one.value = value;
    return one;
  }

  // Options anew, the choice kept where it is still there.
  function choices(id, options, preferredValue) {
    const list = byId(id);
    const key = options.map((one) => one.value + one.textContent).join("|");
    if (list.dataset.key === key) return;
    const before = list.value;
    motcua.clear(list);
    options.forEach((one) => list.appendChild(one));
    list.dataset.key = key;
    const keep = list.dataset.touched || preferredValue === undefined ? before : preferredValue;
    list.value = options.some((one) => one.value === keep) ? keep : options[0] ? options[0].value : "";
  }

  function drawCentre(isFirst) {
    if (isFirst) {
      search.update(centre);
      search.draw();
      choices("priority", [option("", words.no_priority), ...centre.priority_reasons.map((one) => option(one.code, motcua.textOf(one.name)))]);
      choices("language", centre.languages.map((code) => option(code, nameOf(code))));
    } else search.refresh(centre);
    drawChosen();
    if (!centre.open) showStatus(closedWords(centre.opens_at));
    else if (byId("status").dataset.closed) showStatus("");
    byId("status").dataset.closed = centre.open ? "" : "yes";
  }

  function nameOf(language) {
    const name = new Intl.DisplayNames([language], { type: "language" }).of(language) || language;
    return name.charAt(0).toUpperCase() + name.slice(1);
  }

  function closedWords(opensAt) {
    if (!opensAt) return words.closed_now;
    /** @type {Intl.DateTimeFormatOptions} */
    const style = { timeZone: document.body.dataset.timezone, weekday: "long", day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false };
    const time = new Intl.DateTimeFormat(motcua.language, style).format(new Date(opensAt));
    return format(words.closed_until, { time });
  }

  function drawChosen() {
    const { chosen } = search;
    const department = chosen && search.departments.get(chosen.department);
    const procedure = chosen && chosen.procedure && search.procedure(chosen.procedure);
    const name = department ? department.prefix + " · " + motcua.shortOf(department) : words.chosen_none;
    setText(byId("chosen"), procedure ? motcua.shortOf(procedure) + " (" + name + ")" : name);
    setText(byId("chosen-queue"), department ? motcua.waitingText(department) : "");
    byId("chosen-queue").classList.toggle("is-without", Boolean(department) && department.no_wait === "no_counter");
  }

  function drawKiosks() {
    const named = kiosks.map((one) => option(String(one.id), one.name + " – " + (motcua.kioskProblem(one) || words.ready)));
    const ready = kiosks.filter((one) => one.can_print).map((one) => String(one.id));
    const preferred = motcua.storageGet(PREFERRED_KIOSK) || "";
    const preferredValue = ready.includes(preferred) ? preferred : ready[0] || "";
    choices("where", [...named, option("", words.on_screen)], preferredValue);
    choices("card-where", named.map((one) => one.cloneNode(true)), preferredValue);
    byId("card-print").disabled = !kiosks.length || isBusy;
    const list = byId("where-status");
    const broken = kiosks.filter((one) => !one.can_print).map((one) => one.name + ": " + motcua.kioskProblem(one));
    const texts = kiosks.length && !ready.length ? [...broken, words.none_prints] : kiosks.length ? broken : [words.no_kiosks];
    motcua.clear(list);
    texts.forEach((text) => list.appendChild(createElement("li", "", text)));
  }

  function drawGiven(issued) {
    const list = byId("given");
    motcua.keepFocus(list, () => {
      motcua.clear(list);
      issued.forEach((one) => list.appendChild(motcua.issuedTicketRow(one, kiosks, search.departments.get(one.ticket.department), open)));
      if (!issued.length) list.appendChild(createElement("li", "muted", words.none_given));
    });
  }

  async function read(path) {
    const response = await motcua.apiFetch(path);
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  async function askCentre() {
    const known = centre ? "?known=" + centre.catalogue : "";
    const found = await read("/api/v1/centre" + known);
    const isFirst = !centre || found.procedures !== null;
    centre = found;
    drawCentre(isFirst);
  }

  async function poll() {
    const found = await read("/api/v1/numbers");
    kiosks = found.kiosks;
    drawKiosks();
    drawGiven(found.given);
    if (card.id === null) return;
    const own = found.given.find((one) => one.ticket.id === card.id) || (await read("/api/v1/numbers/" + card.id));
    if (own.ticket.id !== card.id) return;
    card.line(own.ticket);
    card.slip(own.orders, kiosks);
  }

  async function pollEvery(ask, pause) {
    await ask().then(() => ask.failed && showStatus(""), () => showStatus(words.lost)).catch(() => {});
    ask.failed = byId("status").textContent === words.lost;
    setTimeout(() => pollEvery(ask, pause), pause);
  }

  async function open(ticket) {
    card.show(ticket);
    motcua.storageSet(SHOWN_TICKET, String(ticket.id), sessionStorage);
    byId("card-number").focus();
    window.scrollTo(0, 0);
    const found = await read("/api/v1/numbers/" + ticket.id).catch(() => null);
    if (!found || card.id !== ticket.id) return;
    card.code(found.code);
    card.slip(found.orders, kiosks);
  }

  // What a refusal means, in words; empty where the page goes on by itself.
  function refusalText(response) {
    const problem = motcua.problemType(response);
    if (response.status === 0) return words.given_up;
    if (problem === "closed") return closedWords(response.body.opens_at);
    if (response.status === 404) return words.gone;
    if (response.status === 429) return words.too_many;
    if (problem === "wrong-state") return words.print_other_day;
    if (problem === "csrf") return words.too_old;
    return response.status === 403 ? words.forbidden : format(words.failed, { status: response.status });
  }

  // One thing at a time; a page that is signed out comes back here and goes on with the same request.
  /** @param {ActionSender} sender */
  async function deliver(sender, action) {
    isBusy = true;
    byId("give").disabled = true;
    showSending(words.sending, false);
    showStatus("");
    const response = await sender.sendAction(action);
    isBusy = false;
    byId("give").disabled = false;
    showSending("", false);
    if (response.status === 401) location.assign("/sign-in?next=" + location.pathname);
    else if (motcua.problemType(response) === "csrf") location.reload();
    else if (response.status >= 300 || response.status === 0) showStatus(refusalText(response));
    return response.status === 200 || response.status === 201 ? response.body : null;
  }

  const newAction = (step, body) => ({ step, body: { request_id: motcua.newRequestId(), ...body }, at: Date.now() });

  async function issue(action) {
    const ticket = await deliver(ticketSender, action);
    if (!ticket) return askCentre().catch(() => {});
    await open(ticket);
    const kiosk = motcua.storageGet(REQUESTED_KIOSK, sessionStorage);
    if (kiosk) await print(ticket.id, kiosk, ticket.request_id.slice(0, 50) + ".slip");
    return poll().catch(() => {});
  }

  async function print(ticket, kiosk, requestId) {
    motcua.storageSet(PREFERRED_KIOSK, kiosk);
    const body = { kiosk_id: Number(kiosk), ...(requestId ? { request_id: requestId } : {}) };
    const order = await deliver(printSender, newAction("/api/v1/numbers/" + ticket + "/print", body));
    if (order && card.id === ticket) card.slip([order], kiosks);
    drawKiosks();
  }

  function submit(event) {
    event.preventDefault();
    if (isBusy) return;
    if (!search.chosen) {
      showStatus(words.choose);
      byId("search").focus();
      return;
    }
    const { department, procedure } = search.chosen;
    motcua.storageSet(REQUESTED_KIOSK, byId("where").value, sessionStorage);
    const priority = byId("priority").value || null;
    issue(newAction("/api/v1/tickets", { department, procedure, priority, language: byId("language").value }));
  }

  function nextVisitor() {
    card.hide();
    motcua.storageSet(SHOWN_TICKET, null, sessionStorage);
    showStatus("");
    search.clear();
    byId("priority").value = "";
    drawChosen();
    byId("search").focus();
  }

  // What a reload, or a session's end, has cut off goes on; else the number that was shown is shown again.
  async function resume() {
    const interrupted = ticketSender.interruptedAction();
    if (interrupted) return issue(interrupted);
    const shown = Number(motcua.storageGet(SHOWN_TICKET, sessionStorage));
    if (!shown) return byId("search").focus();
    const found = await read("/api/v1/numbers/" + shown).catch(() => null);
    if (found) return open(found.ticket);
    return motcua.storageSet(SHOWN_TICKET, null, sessionStorage);
  }

  ["where", "card-where"].forEach((id) => byId(id).addEventListener("change", () => (byId(id).dataset.touched = "yes")));
  byId("form").addEventListener("submit", submit);
  byId("card-print").addEventListener("click", () => {
    if (!isBusy && byId("card-where").value) print(card.id, byId("card-where").value).then(poll).catch(() => {});
  });
  byId("next").addEventListener("click", nextVisitor);
  byId("cancel-sending").addEventListener("click", () => [ticketSender, printSender].forEach((one) => one.cancel()));
  drawChosen();
  pollEvery(askCentre, CENTRE_POLL_MS);
  askCentre().then(resume, resume);
  pollEvery(poll, POLL_MS);
})();
