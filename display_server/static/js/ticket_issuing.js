// Staff give a number: one wish is one request_id, also when the answer was lost, the page reloaded or the key pressed twice.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, fill, write, words } = motcua;

  const LOOK_EVERY = 3000;
  const ASK_CENTRE_EVERY = 6000;
  const PREFERRED = "motcua.numbers.kiosk";
  const WISHED = "motcua.numbers.wished";
  const SHOWN = "motcua.numbers.shown";
  const me = document.body.dataset.member;

  let centre = null;
  let kiosks = [];
  let isBusy = false;
  const search = new motcua.NumberSearch((chosen) => {
    drawChosen();
    byId("give").focus();
    tell(chosen ? "" : words.choose);
  });
  const card = new motcua.NumberCard(search);

  function presserOf(memory) {
    return new motcua.Presser({
      url: (step) => step,
      csrf: document.querySelector('meta[name="csrf-token"]').content,
      memory: motcua.Presser.sessionMemory(memory + " " + me),
      onAgain: (attempt) => sending(fill(words.again, { n: attempt }), true),
    });
  }
  const giver = presserOf("motcua.numbers.give");
  const printer = presserOf("motcua.numbers.print");

  function tell(text) {
    byId("told").hidden = !text;
    write(byId("told"), text);
  }

  function sending(text, canGiveUp) {
    byId("sending").hidden = !text;
    write(byId("sending-words"), text);
    byId("give-up").hidden = !canGiveUp;
  }

  function option(value, text) {
    const one = make("option", "", text);
    one.value = value;
    return one;
  }

  // Options anew, the choice kept where it is still there.
  function choices(id, options, wanted) {
    const list = byId(id);
    const key = options.map((one) => one.value + one.textContent).join("|");
    if (list.dataset.key === key) return;
    const before = list.value;
    motcua.empty(list);
    options.forEach((one) => list.appendChild(one));
    list.dataset.key = key;
    const keep = list.dataset.touched || wanted === undefined ? before : wanted;
    list.value = options.some((one) => one.value === keep) ? keep : options[0] ? options[0].value : "";
  }

  function drawCentre(isFirst) {
    if (isFirst) {
      search.take(centre);
      search.draw();
      choices("priority", [option("", words.no_priority), ...centre.priority_reasons.map((one) => option(one.code, motcua.textOf(one.name)))]);
      choices("language", centre.languages.map((code) => option(code, nameOf(code))));
    } else search.refresh(centre);
    drawChosen();
    if (!centre.open) tell(closedWords(centre.opens_at));
    else if (byId("told").dataset.closed) tell("");
    byId("told").dataset.closed = centre.open ? "" : "yes";
  }

  function nameOf(language) {
    const name = new Intl.DisplayNames([language], { type: "language" }).of(language);
    return name.charAt(0).toUpperCase() + name.slice(1);
  }

  function closedWords(opensAt) {
    if (!opensAt) return words.closed_now;
    const style = { timeZone: document.body.dataset.timezone, weekday: "long", day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false };
    const time = new Intl.DateTimeFormat(motcua.language, style).format(new Date(opensAt));
    return fill(words.closed_until, { time });
  }

  function drawChosen() {
    const { chosen } = search;
    const department = chosen && search.departments.get(chosen.department);
    const procedure = chosen && chosen.procedure && search.procedure(chosen.procedure);
    const name = department ? department.prefix + " · " + motcua.shortOf(department) : words.chosen_none;
    write(byId("chosen"), procedure ? motcua.shortOf(procedure) + " (" + name + ")" : name);
    write(byId("chosen-line"), department ? motcua.waitingWords(department) : "");
    byId("chosen-line").classList.toggle("is-without", Boolean(department) && department.no_wait === "no_counter");
  }

  function drawKiosks() {
    const named = kiosks.map((one) => option(String(one.id), one.name + " – " + (motcua.troubleOf(one) || words.ready)));
    const ready = kiosks.filter((one) => one.can_print).map((one) => String(one.id));
    const preferred = motcua.recall(PREFERRED);
    const wanted = ready.includes(preferred) ? preferred : ready[0] || "";
    choices("where", [...named, option("", words.on_screen)], wanted);
    choices("card-where", named.map((one) => one.cloneNode(true)), wanted);
    byId("card-print").disabled = !kiosks.length || isBusy;
    const list = byId("where-told");
    const broken = kiosks.filter((one) => !one.can_print).map((one) => one.name + ": " + motcua.troubleOf(one));
    const told = kiosks.length && !ready.length ? [...broken, words.none_prints] : kiosks.length ? broken : [words.no_kiosks];
    motcua.empty(list);
    told.forEach((text) => list.appendChild(make("li", "", text)));
  }

  function drawGiven(given) {
    const list = byId("given");
    motcua.keepFocus(list, () => {
      motcua.empty(list);
      given.forEach((one) => list.appendChild(motcua.givenRow(one, kiosks, search.departments.get(one.ticket.department), open)));
      if (!given.length) list.appendChild(make("li", "soft", words.none_given));
    });
  }

  async function read(path) {
    const answer = await motcua.fetchDoor(path);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  async function askCentre() {
    const known = centre ? "?known=" + centre.catalogue : "";
    const found = await read("/api/v1/centre" + known);
    const isFirst = !centre || found.procedures !== null;
    centre = found;
    drawCentre(isFirst);
  }

  async function look() {
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

  async function keep(ask, pause) {
    await ask().then(() => ask.failed && tell(""), () => tell(words.lost)).catch(() => {});
    ask.failed = byId("told").textContent === words.lost;
    setTimeout(() => keep(ask, pause), pause);
  }

  async function open(ticket) {
    card.show(ticket);
    motcua.note(SHOWN, String(ticket.id), sessionStorage);
    byId("card-number").focus();
    window.scrollTo(0, 0);
    const found = await read("/api/v1/numbers/" + ticket.id).catch(() => null);
    if (!found || card.id !== ticket.id) return;
    card.code(found.code);
    card.slip(found.orders, kiosks);
  }

  // What a refusal means, in words; empty where the page goes on by itself.
  function refused(answer) {
    const problem = motcua.problemOf(answer);
    if (answer.status === 0) return words.given_up;
    if (problem === "closed") return closedWords(answer.body.opens_at);
    if (answer.status === 404) return words.gone;
    if (answer.status === 429) return words.too_many;
    if (problem === "wrong-state") return words.print_other_day;
    if (problem === "csrf") return words.too_old;
    return answer.status === 403 ? words.forbidden : fill(words.failed, { status: answer.status });
  }

  // One thing at a time; a page that is signed out comes back here and goes on with the same request.
  async function deliver(presser, press) {
    isBusy = true;
    byId("give").disabled = true;
    sending(words.sending, false);
    tell("");
    const answer = await presser.deliver(press);
    isBusy = false;
    byId("give").disabled = false;
    sending("", false);
    if (answer.status === 401) location.assign("/sign-in?next=" + location.pathname);
    else if (motcua.problemOf(answer) === "csrf") location.reload();
    else if (answer.status >= 300 || answer.status === 0) tell(refused(answer));
    return answer.status === 200 || answer.status === 201 ? answer.body : null;
  }

  const freshPress = (step, body) => ({ step, body: { request_id: motcua.newRequestId(), ...body }, at: Date.now() });

  async function give(press) {
    const ticket = await deliver(giver, press);
    if (!ticket) return askCentre().catch(() => {});
    await open(ticket);
    const kiosk = motcua.recall(WISHED, sessionStorage);
    if (kiosk) await print(ticket.id, kiosk, ticket.request_id.slice(0, 50) + ".slip");
    return look().catch(() => {});
  }

  async function print(ticket, kiosk, requestId) {
    motcua.note(PREFERRED, kiosk);
    const body = { kiosk_id: Number(kiosk), ...(requestId ? { request_id: requestId } : {}) };
    const order = await deliver(printer, freshPress("/api/v1/numbers/" + ticket + "/print", body));
    if (order && card.id === ticket) card.slip([order], kiosks);
    drawKiosks();
  }

  function submit(event) {
    event.preventDefault();
    if (isBusy) return;
    if (!search.chosen) {
      tell(words.choose);
      byId("search").focus();
      return;
    }
    const { department, procedure } = search.chosen;
    motcua.note(WISHED, byId("where").value, sessionStorage);
    const priority = byId("priority").value || null;
    give(freshPress("/api/v1/tickets", { department, procedure, priority, language: byId("language").value }));
  }

  function nextVisitor() {
    card.hide();
    motcua.note(SHOWN, null, sessionStorage);
    tell("");
    search.clear();
    byId("priority").value = "";
    drawChosen();
    byId("search").focus();
  }

  // What a reload, or a session's end, has cut off goes on; else the number that was shown is shown again.
  async function goOn() {
    const cutOff = giver.unfinished();
    if (cutOff) return give(cutOff);
    const shown = Number(motcua.recall(SHOWN, sessionStorage));
    if (!shown) return byId("search").focus();
    const found = await read("/api/v1/numbers/" + shown).catch(() => null);
    if (found) return open(found.ticket);
    return motcua.note(SHOWN, null, sessionStorage);
  }

  ["where", "card-where"].forEach((id) => byId(id).addEventListener("change", () => (byId(id).dataset.touched = "yes")));
  byId("form").addEventListener("submit", submit);
  byId("card-print").addEventListener("click", () => {
    if (!isBusy && byId("card-where").value) print(card.id, byId("card-where").value).then(look).catch(() => {});
  });
  byId("next").addEventListener("click", nextVisitor);
  byId("give-up").addEventListener("click", () => [giver, printer].forEach((one) => one.giveUp()));
  drawChosen();
  keep(askCentre, ASK_CENTRE_EVERY);
  askCentre().then(goOn, goOn);
  keep(look, LOOK_EVERY);
})();
