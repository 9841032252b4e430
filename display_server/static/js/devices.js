// The devices of the centre: enrol one by its code, rename, revoke.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, fill, words, write, askDoor, tell } = motcua;

  const DOOR = "/api/v1/admin/devices";
  const EVERY = 5000;
  const AT_A_COUNTER = ["counter", "button"];
  let editing = null;

  function follow() {
    byId("counter-row").hidden = !AT_A_COUNTER.includes(byId("kind").value);
  }

  function edit(device) {
    editing = device;
    write(byId("form-title"), device ? device.name : byId("form-title").dataset.new);
    write(byId("submit"), device ? words.save : words.add);
    byId("new-only").hidden = byId("form-hint").hidden = Boolean(device);
    byId("cancel").hidden = !device;
    byId("name").value = device ? device.name : "";
    byId("code").value = "";
    write(byId("form-told"), "");
    if (device) byId("name").focus();
  }

  // "Mozilla/5.0 (X11; …) … Chrome/120.0 …" -> "Chrome/120.0": a browser names its ancestors first.
  function program(text) {
    if (!text.startsWith("Mozilla")) return text;
    const known = /(Edg|OPR|SamsungBrowser|Firefox|Chrome|Version)\/[\d.]+/.exec(text);
    return known ? known[0] : text.slice(0, 40);
  }

  let devices = [];
  let drawn = "";

  function show(answer) {
    const text = JSON.stringify(answer.devices);
    if (text === drawn) return; // a button that is being pressed stays where it is
    drawn = text;
    const inOrder = answer.devices.slice().sort((one, other) => one.name.localeCompare(other.name, "vi", { numeric: true }));
    const rows = inOrder.map((device) =>
      motcua.row(
        [
          device.name,
          words.kinds[device.kind],
          device.counter || "",
          program(device.program),
          device.stuck ? words.stuck : motcua.when(device.last_seen),
        ],
        [[words.edit, () => edit(device)], [words.revoke, () => revoke(device)]],
      ),
    );
    byId("devices").replaceChildren(...rows);
    devices = answer.devices;
    motcua.draftReady();
  }

  function revoke(device) {
    if (!window.confirm(fill(words.sure, device))) return;
    askDoor(DOOR + "/" + device.id + "/revoke", {}).then((answer) => {
      show(answer);
      tell(fill(words.revoked, device));
      if (editing && editing.id === device.id) edit(null);
    }, (error) => tell(error.message, true));
  }

  function fresh(name) {
    const kind = byId("kind").value;
    const counter = AT_A_COUNTER.includes(kind) ? byId("counter").value : null;
    return askDoor(DOOR, { code: byId("code").value.replace(/\s/g, ""), kind, name, counter });
  }

  async function submit(event) {
    event.preventDefault();
    const name = byId("name").value.trim();
    const told = fill(editing ? words.saved : words.added, { name });
    try {
      show(await (editing ? askDoor(DOOR + "/" + editing.id, { name }) : fresh(name)));
      tell(told);
      edit(null);
    } catch (error) {
      write(byId("form-told"), error.message);
    }
  }

  let isLost = false;

  function load() {
    askDoor(DOOR).then((answer) => {
      show(answer);
      if (isLost) tell("");
      isLost = false;
    }, (error) => {
      isLost = true;
      tell(error.message, true);
    }).then(() => setTimeout(load, EVERY));
  }

  byId("form-title").dataset.new = byId("form-title").textContent;
  byId("form").addEventListener("submit", submit);
  byId("kind").addEventListener("change", follow);
  byId("cancel").addEventListener("click", () => edit(null));
  motcua.draftsOf(() => editing && editing.id, (id) => {
    const device = devices.find((one) => one.id === id);
    if (device) edit(device);
    return Boolean(device);
  });
  follow();
  load();
})();
