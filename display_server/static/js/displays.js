// Staff's page of the displays: pair one, choose its layout, see within seconds which is offline.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, format, words, setText, apiRequest, showStatus } = motcua;

  const POLL_MS = 3000;
  const API_URL = "/api/v1/admin/screens";
  const ESSENTIAL = [
    "number", "counter", "list_number", "list_counter", "queue_prefix", "queue_count", "waiting_called", "waiting_count",
  ];
  const cards = new Map();
  const MESSAGES = { 404: words.not_found, 409: words.name_taken, 422: words.invalid, 429: words.too_many };

  // --- The form: a new display, or one that is changed.
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

  function fillSettings(settings) {
    ["layout", "area"].forEach((id) => (byId(id).value = settings[id]));
    byId("counter").value = settings.counter || byId("counter").options[0].value;
    byId("arrow").value = settings.arrow || "";
    byId("rating").checked = settings.rating;
    byId("voice").value = settings.voice;
    byId("counters").value = settings.counters.join(", ");
    Array.from(byId("departments").options).forEach((one) => (one.selected = settings.departments.includes(one.value)));
    byId("diagonal").value = settings.diagonal_inches || "";
    byId("farthest").value = settings.farthest_metres || "";
    updateForm();
  }

  function address(settings) {
    const query = new URLSearchParams({ still: "1", layout: settings.layout, lang: motcua.language });
    ["counter", "arrow", "area"].forEach((key) => settings[key] && query.set(key, settings[key]));
    ["counters", "departments"].forEach((key) => settings[key].length && query.set(key, settings[key].join(",")));
    return "/hall?" + query;
  }

  function updateForm() {
    const layout = byId("layout").value;
    /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-for]")).forEach((part) => {
      part.hidden = !(part.dataset.for || "").split(" ").includes(layout);
    });
    // A board of results is one of the departments that hand them out: without any it is not to be had.
    const lacks = layout === "results" && !byId("departments").selectedOptions.length;
    byId("departments").setCustomValidity(lacks ? words.needs_departments : "");
    byId("departments-hint").hidden = !lacks;
    preview(byId("preview"), lacks ? "about:blank" : address(chosen()));
  }

  function preview(frame, url, isUpright) {
    if (frame.dataset.address !== url) {
      frame.dataset.address = url;
      frame.src = url;
    }
    frame.parentNode.classList.toggle("is-upright", Boolean(isUpright));
    frame.style.setProperty("transform", "scale(" + frame.parentNode.clientWidth / (isUpright ? 720 : 1280) + ")");
  }

  function fill(display) {
    byId("code-row").hidden = byId("form-hint").hidden = Boolean(display);
    byId("name").value = display ? display.name : "";
    byId("code").value = "";
    if (display) fillSettings(display.settings);
  }

  async function save(display) {
    const name = byId("name").value.trim();
    const body = { name, settings: chosen() };
    if (!display) body.code = byId("code").value.replace(/\s/g, "");
    render(await apiRequest(display ? API_URL + "/" + display.id : API_URL, body, MESSAGES));
    return format(display ? words.saved : words.paired, { name });
  }

  function revoke(display) {
    if (!window.confirm(format(words.sure, { name: display.name }))) return;
    apiRequest(API_URL + "/" + display.id + "/revoke", {}, MESSAGES).then((response) => {
      render(response);
      showStatus(format(words.revoked, { name: display.name }));
      form.dropped(display.id);
    }, (error) => showStatus(error.message, true));
  }

  // --- The list.
  function card(display) {
    const item = createElement("li");
    const frame = item.appendChild(createElement("div", "preview")).appendChild(createElement("iframe"));
    frame.loading = "lazy";
    frame.tabIndex = -1;
    const parts = {
      item,
      frame,
      name: item.appendChild(createElement("h2")),
      what: item.appendChild(createElement("p", "muted")),
      status: item.appendChild(createElement("p", "display-status")),
      display,
    };
    const row = item.appendChild(createElement("p", "field-row"));
    row.appendChild(createElement("button", "button", words.edit)).addEventListener("click", () => form.edit(parts.display));
    row.appendChild(createElement("button", "button", words.revoke)).addEventListener("click", () => revoke(parts.display));
    cards.set(display.id, parts);
    byId("displays").appendChild(item);
    return parts;
  }

  function offlineText(seconds) {
    if (seconds < 120) return format(words.dark, { n: seconds });
    if (seconds < 7200) return format(words.dark_minutes, { n: Math.floor(seconds / 60) });
    return format(words.dark_hours, { n: Math.floor(seconds / 3600) });
  }

  function problemTexts(display) {
    return display.trouble.map((kind) => {
      if (kind === "dark") return offlineText(display.dark_seconds);
      if (kind === "small") return tooSmall(display, true);
      if (kind === "problem") return display.report.problems.join("; ");
      return words[kind];
    });
  }

  // "Too small for the last row: queue, number 12.1′ …". isEssential: what nobody can do without, else names and the like.
  function tooSmall(display, isEssential) {
    const kinds = display.too_small.filter((kind) => kind in words.texts && ESSENTIAL.includes(kind) === isEssential);
    const size = (kind) => (kind === "number" ? display.report.arc_minutes : display.report.texts[kind]);
    const list = kinds.map((kind) => words.texts[kind] + " " + size(kind) + "′").join(", ");
    return list && format(isEssential ? words.small : words.small_names, { list });
  }

  function draw(display) {
    const parts = cards.get(display.id) || card(display);
    const { settings, report } = display;
    parts.display = display;
    setText(parts.name, display.name);
    parts.frame.title = display.name;
    const detail = [words.layouts[settings.layout], settings.counter || settings.area || settings.counters.join(", ")];
    if (report) detail.push(report.width + "×" + report.height);
    const names = report && tooSmall(display, false);
    if (names) detail.push(names);
    setText(parts.what, detail.filter(Boolean).join(" · "));
    const wrong = problemTexts(display);
    setText(parts.status, wrong.join(" · ") || (report ? words.well : words.waits));
    parts.status.classList.toggle("is-error", wrong.length > 0);
    parts.item.classList.toggle("has-problem", wrong.length > 0);
    preview(parts.frame, address(settings), report && report.height > report.width);
  }

  function render(response) {
    const there = new Set(response.screens.map((one) => one.id));
    cards.forEach((parts, id) => {
      if (there.has(id)) return;
      parts.item.remove();
      cards.delete(id);
    });
    response.screens.forEach(draw);
    const inOrder = response.screens.slice().sort((one, other) => one.name.localeCompare(other.name, "vi", { numeric: true }));
    if (inOrder.map((one) => one.id).join() !== Array.from(cards.keys()).join()) inOrder.forEach(place);
    byId("none").hidden = response.screens.length > 0;
    motcua.restoreDraft();
  }

  // In the order of their names, "2" before "10"; only a change of the order moves a card.
  function place(display) {
    const parts = cards.get(display.id);
    cards.delete(display.id);
    cards.set(display.id, parts);
    byId("displays").appendChild(parts.item);
  }

  const form = new motcua.EntryForm({
    fill, save, find: (id) => (cards.has(id) ? cards.get(id).display : null), labels: { add: words.pair, change: words.save },
  });
  byId("form").addEventListener("change", updateForm);
  window.addEventListener("resize", updateForm);
  updateForm();
  motcua.pollList({ url: API_URL, render, interval: POLL_MS });
})();
