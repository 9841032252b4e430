// The counters of the centre with what they do now; each leads to its page.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, write, words } = motcua;
  const settings = document.body.dataset;
  const doors = motcua.hallDoors("/api/v1/hall?centre=" + encodeURIComponent(settings.centre));

  const TRY_AGAIN_AFTER = 3000;
  const tail = settings.lang ? "?lang=" + encodeURIComponent(settings.lang) : "";
  const names = new motcua.HallNames(doors.names, () => {
    list.forEach(drawDepartments);
    drawLeft();
  });
  const cards = new Map();
  const own = settings.own ? settings.own.split(",") : [];
  let list = [];
  let queues = [];

  function load() {
    return fetch("/api/v1/counters", { headers: { Accept: "application/json" } }).then(take, () => failed());
  }

  function take(answer) {
    if (answer.status === 401) return signedOut();
    if (!answer.ok) return failed();
    return answer.json().then((body) => {
      // Who works at some counters is offered those.
      list = body.counters.filter((one) => !own.length || own.includes(one.code));
      tell(list.length ? "" : words.none);
      draw();
    });
  }

  function draw() {
    if (Array.from(cards.keys()).join() !== list.map((one) => one.code).join()) lay();
    list.forEach((one) => state(one.code, one.state));
    list.forEach(drawDepartments);
    drawLeft();
  }

  function lay() {
    cards.clear();
    motcua.empty(byId("counters"));
    const headings = [];
    list.forEach((one) => byId("counters").appendChild(card(one, headings)));
    headings.forEach(([element, text]) => motcua.fit(element, text));
  }

  function card(one, headings) {
    const row = make("li");
    const link = row.appendChild(make("a", "counter-card sheet"));
    link.href = "/counter/" + encodeURIComponent(one.code) + tail;
    const head = link.appendChild(make("span", "counter-head"));
    headings.push([head.appendChild(make("b", "counter-name")), motcua.shortOf(one)]);
    const parts = { state: head.appendChild(make("span", "chip")), departments: link.appendChild(make("span", "soft")), left: link.appendChild(make("span", "counter-left")) };
    cards.set(one.code, parts);
    return row;
  }

  function drawDepartments(one) {
    const parts = cards.get(one.code);
    if (parts) motcua.fit(parts.departments, one.departments.map((code) => names.department(code) || code).join(" · "));
  }

  // Who chooses a counter sees where people wait and nobody serves.
  function drawLeft() {
    const left = new Map(queues.filter((one) => one.no_counter && one.waiting).map((one) => [one.code, one.waiting]));
    list.forEach((one) => {
      const parts = cards.get(one.code);
      const told = one.departments.filter((code) => left.has(code)).map((code) => motcua.fill(words.left, { queue: names.department(code) || code, n: left.get(code) }));
      if (parts) write(parts.left, told.length ? told.join(" · ") + " – " + words.no_counter : "");
    });
  }

  function state(code, now) {
    const parts = cards.get(code);
    if (!parts) return;
    write(parts.state, words["state_" + now]);
    parts.state.dataset.state = now;
  }

  function tell(text) {
    byId("told").hidden = !text;
    write(byId("told"), text);
  }

  function signedOut() {
    tell(words.signed_out);
    byId("sign-in").hidden = false;
    byId("sign-in").href = settings.signIn;
  }

  function failed() {
    tell(words.failed);
    setTimeout(load, TRY_AGAIN_AFTER);
  }

  load();
  names.load();
  new motcua.HallStream({
    doors,
    silentSeconds: 10,
    onState: (hall) => {
      hall.counters.forEach((one) => state(one.code, one.state));
      queues = hall.departments;
      drawLeft();
    },
    onConnection: () => {},
  }).start();
})();
