// The devices of the centre: enrol one by its code, rename, revoke.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, format, words, apiRequest, showStatus } = motcua;

  const API_URL = "/api/v1/admin/devices";
  const POLL_MS = 5000;
  const COUNTER_DEVICES = ["counter", "button"];
  const MESSAGES = { 404: words.not_found, 409: words.taken, 422: words.invalid, 429: words.too_many };

  function updateForm() {
    byId("counter-row").hidden = !COUNTER_DEVICES.includes(byId("kind").value);
  }

  function fill(device) {
    byId("new-only").hidden = byId("form-hint").hidden = Boolean(device);
    byId("name").value = device ? device.name : "";
    byId("code").value = "";
    if (device) byId("name").focus();
  }

  // "Mozilla/5.0 (X11; …) … Chrome/120.0 …" -> "Chrome/120.0": a browser names its ancestors first.
  function softwareName(text) {
    if (!text.startsWith("Mozilla")) return text;
    const known = /(Edg|OPR|SamsungBrowser|Firefox|Chrome|Version)\/[\d.]+/.exec(text);
    return known ? known[0] : text.slice(0, 40);
  }

  let devices = [];
  let drawn = "";

  function render(response) {
    const text = JSON.stringify(response.devices);
    if (text === drawn) return; // a button that is being pressed stays where it is
    drawn = text;
    const inOrder = response.devices.slice().sort((one, other) => one.name.localeCompare(other.name, "vi", { numeric: true }));
    const rows = inOrder.map((device) =>
      motcua.tableRow(
        [
          device.name,
          words.kinds[device.kind],
          device.counter || "",
          softwareName(device.program),
          device.stuck ? words.stuck : motcua.formatWhen(device.last_seen),
        ],
        [[words.edit, () => form.edit(device)], [words.revoke, () => revoke(device)]],
      ),
    );
    byId("devices").replaceChildren(...rows);
    devices = response.devices;
    motcua.restoreDraft();
  }

  function revoke(device) {
    if (!window.confirm(format(words.sure, device))) return;
    apiRequest(API_URL + "/" + device.id + "/revoke", {}, MESSAGES).then((response) => {
      render(response);
      showStatus(format(words.revoked, device));
      form.dropped(device.id);
    }, (error) => showStatus(error.message, true));
  }

  function enrol(name) {
    const kind = byId("kind").value;
    const counter = COUNTER_DEVICES.includes(kind) ? byId("counter").value : null;
    return apiRequest(API_URL, { code: byId("code").value.replace(/\s/g, ""), kind, name, counter }, MESSAGES);
  }

  async function save(device) {
    const name = byId("name").value.trim();
    render(await (device ? apiRequest(API_URL + "/" + device.id, { name }, MESSAGES) : enrol(name)));
    return format(device ? words.saved : words.added, { name });
  }

  const form = new motcua.EntryForm({
    fill, save, find: (id) => devices.find((one) => one.id === id), labels: { add: words.add, change: words.save },
  });
  byId("kind").addEventListener("change", updateForm);
  updateForm();
  motcua.pollList({ url: API_URL, render, interval: POLL_MS });
})();
