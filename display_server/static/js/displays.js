// Staff's page of the screens: pair one, give it its picture, see within seconds which is dark.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make, fill, words, write } = motcua;

  const EVERY = 3000;
  const DOOR = "/api/v1/admin/screens";
  const ESSENTIAL = [
    "number", "counter", "list_number", "list_counter", "queue_prefix", "queue_count", "waiting_called", "waiting_count",
  ];
  const cards = new Map();
  let editing = null;

  // --- The form: a new screen, or one that is changed.
  function chosen() {
    const layout = byId("layout").value;
    const uses = (id) => byId(id).closest("[data-for]").dataset.for.split(" ").includes(layout);
    const listed = byId("counters").value.split(/[\s,;]+/).filter(Boolean);
    return {
      layout,
      counter: uses("counter") ? byId("counter").value : null,
      rating: byId("rating").checked,
      voice: uses("voice") ? byId("voice").value : "",
      arrow: (uses("arrow") && byId("arrow").value) || null,
      area: uses("area") ? byId("area").value : "",
      counters: uses("counters") ? listed : [],
      departments: uses("departments") ? Array.from(byId("departments").selectedOptions, (one) => one.value) : [],
      diagonal_inches: Number(byId("diagonal").value) || null,
      farthest_metres: Number(byId("farthest").value) || null,
    };
  }

  function put(settings) {
    ["layout", "area"].forEach((id) => (byId(id).value = settings[id]));
    byId("counter").value = settings.counter || byId("counter").options[0].value;
    byId("arrow").value = settings.arrow || "";
    byId("rating").checked = settings.rating;
    byId("voice").value = settings.voice;
    byId("counters").value = settings.counters.join(", ");
    Array.from(byId("departments").options).forEach((one) => (one.selected = settings.departments.includes(one.value)));
    byId("diagonal").value = settings.diagonal_inches || "";
    byId("farthest").value = settings.farthest_metres || "";
    follow();
  }

  function address(settings) {
    const query = new URLSearchParams({ still: "1", layout: settings.layout, lang: motcua.language });
    ["counter", "arrow", "area"].forEach((key) => settings[key] && query.set(key, settings[key]));
    ["counters", "departments"].forEach((key) => settings[key].length && query.set(key, settings[key].join(",")));
    return "/hall?" + query;
  }

  function follow() {
    const layout = byId("layout").value;
    document.querySelectorAll("[data-for]").forEach((part) => {
      part.hidden = !part.dataset.for.split(" ").includes(layout);
    });
    // A board of results is one of the departments that hand them out: without any it is not to be had.
    const lacks = layout === "results" && !byId("departments").selectedOptions.length;
    byId("departments").setCustomValidity(lacks ? words.needs_departments : "");
    byId("departments-hint").hidden = !lacks;
    preview(byId("preview"), lacks ? "about:blank" : address(chosen()));
  }

  function preview(frame, wanted, isUpright) {
    if (frame.dataset.address !== wanted) {
      frame.dataset.address = wanted;
      frame.src = wanted;
    }
    frame.parentNode.classList.toggle("is-upright", Boolean(isUpright));
    frame.style.setProperty("transform", "scale(" + frame.parentNode.clientWidth / (isUpright ? 720 : 1280) + ")");
  }

  function edit(screen) {
    editing = screen;
    byId("code-row").hidden = byId("form-hint").hidden = Boolean(screen);
    byId("cancel").hidden = !screen;
    write(byId("form-title"), screen ? screen.name : byId("form-title").dataset.new);
    write(byId("submit"), screen ? words.save : words.pair);
    byId("name").value = screen ? screen.name : "";
    byId("code").value = "";
    write(byId("form-told"), "");
    if (screen) put(screen.settings);
  }

  async function send(path, body) {
    const answer = await motcua.fetchDoor(path, body);
    if (answer.ok) {
      show(await answer.json());
      return null;
    }
    return { 404: words.not_found, 409: words.name_taken, 422: words.invalid, 429: words.too_many }[answer.status] || words.failed;
  }

  async function submit(event) {
    event.preventDefault();
    const name = byId("name").value.trim();
    const body = { name, settings: chosen() };
    if (!editing) body.code = byId("code").value.replace(/\s/g, "");
    const told = fill(editing ? words.saved : words.paired, { name });
    const wrong = await send(editing ? DOOR + "/" + editing.id : DOOR, body).catch(() => words.failed);
    write(byId("form-told"), wrong || "");
    if (wrong) return;
    write(byId("told"), told);
    edit(null);
  }

  async function revoke(screen) {
    if (!window.confirm(fill(words.sure, { name: screen.name }))) return;
    const wrong = await send(DOOR + "/" + screen.id + "/revoke", {}).catch(() => words.failed);
    write(byId("told"), wrong || fill(words.revoked, { name: screen.name }));
    if (editing && editing.id === screen.id) edit(null);
  }

  // --- The list.
  function card(screen) {
    const item = make("li");
    const frame = item.appendChild(make("div", "preview")).appendChild(make("iframe"));
    frame.loading = "lazy";
    frame.tabIndex = -1;
    const parts = {
      item,
      frame,
      name: item.appendChild(make("h2")),
      what: item.appendChild(make("p", "soft")),
      told: item.appendChild(make("p", "screen-told")),
      screen,
    };
    const row = item.appendChild(make("p", "field-row"));
    row.appendChild(make("button", "button", words.edit)).addEventListener("click", () => edit(parts.screen));
    row.appendChild(make("button", "button", words.revoke)).addEventListener("click", () => revoke(parts.screen));
    cards.set(screen.id, parts);
    byId("screens").appendChild(item);
    return parts;
  }

  function dark(seconds) {
    if (seconds < 120) return fill(words.dark, { n: seconds });
    if (seconds < 7200) return fill(words.dark_minutes, { n: Math.floor(seconds / 60) });
    return fill(words.dark_hours, { n: Math.floor(seconds / 3600) });
  }

  function trouble(screen) {
    return screen.trouble.map((kind) => {
      if (kind === "dark") return dark(screen.dark_seconds);
      if (kind === "small") return tooSmall(screen, true);
      if (kind === "problem") return screen.report.problems.join("; ");
      return words[kind];
    });
  }

  // "Too small for the last row: queue, number 12.1′ …". isEssential: what nobody can do without, else names and the like.
  function tooSmall(screen, isEssential) {
    const kinds = screen.too_small.filter((kind) => kind in words.texts && ESSENTIAL.includes(kind) === isEssential);
    const size = (kind) => (kind === "number" ? screen.report.arc_minutes : screen.report.texts[kind]);
    const list = kinds.map((kind) => words.texts[kind] + " " + size(kind) + "′").join(", ");
    return list && fill(isEssential ? words.small : words.small_names, { list });
  }

  function draw(screen) {
    const parts = cards.get(screen.id) || card(screen);
    const { settings, report } = screen;
    parts.screen = screen;
    write(parts.name, screen.name);
    parts.frame.title = screen.name;
    const detail = [words.layouts[settings.layout], settings.counter || settings.area || settings.counters.join(", ")];
    if (report) detail.push(report.width + "×" + report.height);
    const names = report && tooSmall(screen, false);
    if (names) detail.push(names);
    write(parts.what, detail.filter(Boolean).join(" · "));
    const wrong = trouble(screen);
    write(parts.told, wrong.join(" · ") || (report ? words.well : words.waits));
    parts.told.classList.toggle("is-wrong", wrong.length > 0);
    parts.item.classList.toggle("has-trouble", wrong.length > 0);
    preview(parts.frame, address(settings), report && report.height > report.width);
  }

  function show(answer) {
    const there = new Set(answer.screens.map((one) => one.id));
    cards.forEach((parts, id) => {
      if (there.has(id)) return;
      parts.item.remove();
      cards.delete(id);
    });
    answer.screens.forEach(draw);
    const inOrder = answer.screens.slice().sort((one, other) => one.name.localeCompare(other.name, "vi", { numeric: true }));
    if (inOrder.map((one) => one.id).join() !== Array.from(cards.keys()).join()) inOrder.forEach(place);
    byId("none").hidden = answer.screens.length > 0;
    motcua.draftReady();
  }

  // In the order of their names, "2" before "10"; only a change of the order moves a card.
  function place(screen) {
    const parts = cards.get(screen.id);
    cards.delete(screen.id);
    cards.set(screen.id, parts);
    byId("screens").appendChild(parts.item);
  }

  async function load() {
    try {
      const answer = await motcua.fetchDoor(DOOR);
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      if (byId("told").textContent === words.failed) write(byId("told"), "");
    } catch (error) {
      write(byId("told"), words.failed);
    }
    setTimeout(load, EVERY);
  }

  byId("form-title").dataset.new = byId("form-title").textContent;
  byId("form").addEventListener("submit", submit);
  byId("form").addEventListener("change", follow);
  byId("cancel").addEventListener("click", () => edit(null));
  window.addEventListener("resize", follow);
  motcua.draftsOf(() => editing && editing.id, (id) => {
    if (cards.has(id)) edit(cards.get(id).screen);
    return cards.has(id);
  });
  follow();
  load();
})();
