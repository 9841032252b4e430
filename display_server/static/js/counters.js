// A clerk chooses a counter; the one of last time comes first.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, words, textOf } = motcua;

  const RETRY = 3000;
  const last = motcua.recall("motcua.counter");

  function card(counter) {
    const link = make("a", counter.code === last ? "card is-last" : "card");
    link.href = "/counter/" + encodeURIComponent(counter.code) + location.search;
    link.appendChild(make("strong", "", textOf(counter.name)));
    link.appendChild(make("span", "", words[counter.state]));
    if (counter.code === last) link.appendChild(make("span", "card-last", words.last_time));
    const item = make("li");
    item.appendChild(link);
    return item;
  }

  function show(counters) {
    const list = byId("counters");
    motcua.empty(list);
    const first = counters.filter((one) => one.code === last);
    first.concat(counters.filter((one) => one.code !== last)).forEach((one) => list.appendChild(card(one)));
    byId("told").hidden = true;
    if (first.length) list.querySelector("a").focus();
  }

  async function load() {
    try {
      const answer = await fetch("/api/v1/counters", { headers: { Accept: "application/json" } });
      if (answer.status === 401) return location.assign("/sign-in?next=/counter");
      if (!answer.ok) throw new Error(String(answer.status));
      show((await answer.json()).counters);
    } catch (error) {
      byId("told").textContent = words.failed;
      byId("told").hidden = false;
      setTimeout(load, RETRY);
    }
    return undefined;
  }

  load();
})();
