// The counters of the centre with what they do now; each leads to its page.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, setText, words } = motcua;
  const settings = /** @type {Record<string, string>} */ (document.body.dataset);
  const endpoints = motcua.hallEndpoints("/api/v1/hall?centre=" + encodeURIComponent(settings.centre));

  const RETRY_MS = 3000;
  const tail = settings.lang ? "?lang=" + encodeURIComponent(settings.lang) : "";
  const names = new motcua.HallDirectory(endpoints.names, () => {
    list.forEach(drawDepartments);
    drawLeft();
  });
  const cards = new Map();
  const own = settings.own ? settings.own.split(",") : [];
  let list = [];
  let queues = [];

  function refresh() {
    return fetch("/api/v1/counters", { headers: { Accept: "application/json" } }).then(handleResponse, () => failed());
  }

  function handleResponse(response) {
    if (response.status === 401) return signedOut();
    if (!response.ok) return failed();
    return response.json().then((body) => {
      // Who works at some counters is offered those.
      list = body.counters.filter((one) => !own.length || own.includes(one.code));
      motcua.showStatus(list.length ? "" : words.none, true);
      draw();
    });
  }

  function draw() {
    if (Array.from(cards.keys()).join() !== list.map((one) => one.code).join()) layOut();
    list.forEach((one) => state(one.code, one.state));
    list.forEach(drawDepartments);
    drawLeft();
  }

  function layOut() {
    cards.clear();
    motcua.clear(byId("counters"));
    const headings = [];
    list.forEach((one) => byId("counters").appendChild(card(one, headings)));
    headings.forEach(([element, text]) => motcua.fit(element, text));
  }

  function card(one, headings) {
    const row = createElement("li");
    const link = row.appendChild(createElement("a", "counter-card sheet"));
    link.href = "/counter/" + encodeURIComponent(one.code) + tail;
    const head = link.appendChild(createElement("span", "counter-head"));
    headings.push([head.appendChild(createElement("b", "counter-name")), motcua.shortOf(one)]);
    const parts = { state: head.appendChild(createElement("span", "chip")), departments: link.appendChild(createElement("span", "muted")), left: link.appendChild(createElement("span", "counter-left")) };
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
      const texts = one.departments.filter((code) => left.has(code)).map((code) => motcua.format(words.left, { queue: names.department(code) || code, n: left.get(code) }));
      if (parts) setText(parts.left, texts.length ? texts.join(" · ") + " – " + words.no_counter : "");
    });
  }

  function state(code, now) {
    const parts = cards.get(code);
    if (!parts) return;
    setText(parts.state, words["state_" + now]);
    parts.state.dataset.state = now;
  }

  function signedOut() {
    motcua.showStatus(words.signed_out, true);
    byId("sign-in").hidden = false;
    byId("sign-in").href = settings.signIn;
  }

  function failed() {
    motcua.showStatus(words.failed, true);
    setTimeout(refresh, RETRY_MS);
  }

  refresh();
  names.load();
  new motcua.StateStream({
    endpoints,
    silentSeconds: 10,
    onState: (hall) => {
      hall.counters.forEach((one) => state(one.code, one.state));
      queues = hall.departments;
      drawLeft();
    },
    onConnection: () => {},
  }).start();
})();
