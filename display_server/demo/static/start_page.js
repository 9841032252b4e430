// The kiosk's picture while it can be seen, taps on it, and once a second everything else.

const FRAME_PAUSE = 250, FRAME_PAUSE_AFTER_TAP = 90, LIVELY_AFTER_TAP = 1500, STATE_PAUSE = 1000, MOST_SLIPS = 5;
const element = (id) => document.getElementById(id);
const pause = (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds));

// ---- kiosk
const screen = element("screen"), kiosk = element("kiosk");
let lastTap = -LIVELY_AFTER_TAP, frame = "", kioskIsSeen = true;
new IntersectionObserver((entries) => { kioskIsSeen = entries.at(-1).isIntersecting; }).observe(kiosk);

async function showFrame() {
  const answer = await fetch("/kiosk/frame.png");
  if (!answer.ok) throw new Error(answer.status);
  if (answer.headers.get("ETag") === frame) return;
  const before = screen.src;
  screen.src = URL.createObjectURL(await answer.blob());
  await screen.decode();
  kiosk.style.aspectRatio = `${screen.naturalWidth} / ${screen.naturalHeight}`;
  frame = answer.headers.get("ETag");
  if (before) URL.revokeObjectURL(before);
}

async function watchKiosk() {
  for (;;) {
    if (document.visibilityState === "visible" && kioskIsSeen) {
      element("kiosk-away").hidden = await showFrame().then(() => true, () => false);
    }
    await pause(performance.now() - lastTap < LIVELY_AFTER_TAP ? FRAME_PAUSE_AFTER_TAP : FRAME_PAUSE);
  }
}

kiosk.addEventListener("click", (event) => {
  if (event.detail === 0) return;  // the keyboard: there is no place to tap
  const box = kiosk.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
  const ring = kiosk.appendChild(document.createElement("i"));
  ring.style.left = `${100 * x}%`;
  ring.style.top = `${100 * y}%`;
  ring.addEventListener("animationend", () => ring.remove());
  lastTap = performance.now();
  post("/kiosk/tap", { x: Math.min(Math.max(x, 0), 1), y: Math.min(Math.max(y, 0), 1) });
});

// ---- printer
const slips = element("slips"), large = element("large"), roll = element("roll");
const troubles = { out: "Hết giấy · Out of paper", low: "Sắp hết giấy · Paper low", ok: "Sẵn sàng · Ready" };
let isFirstLook = true;

function showSlips(found) {
  const fresh = found.slice(0, MOST_SLIPS).filter((slip) => !element(slip.name)).reverse();
  for (const slip of fresh) slips.prepend(paper(slip));
  if (found.length) slips.querySelector(".none")?.remove();
  [...slips.querySelectorAll(".slip")].slice(MOST_SLIPS).forEach((old) => old.remove());
  isFirstLook = false;
}

function paper(slip) {
  const button = document.createElement("button");
  button.type = "button";
  button.id = slip.name;
  button.className = isFirstLook ? "slip" : "slip new";
  const image = new Image(slip.width, slip.height);
  image.src = `/slips/${slip.name}`;
  image.alt = `Phiếu · slip ${slip.name.replace(/\D/g, "")}`;
  button.appendChild(document.createElement("span")).append(image);
  button.addEventListener("click", () => {
    Object.assign(large.querySelector("img"), { src: image.src, alt: image.alt });
    large.showModal();
  });
  return button;
}
large.addEventListener("click", (event) => { if (event.target === large) large.close(); });

function showPrinter(conditions) {
  const paperState = conditions?.paper ?? "out";
  element("lamp").classList.toggle("trouble", paperState !== "ok");
  element("printer-state").textContent = conditions ? troubles[paperState] : "Không trả lời · No answer";
  roll.setAttribute("aria-pressed", String(conditions?.paper === "out"));
}
roll.addEventListener("click", async () => {
  const isOut = roll.getAttribute("aria-pressed") === "true";
  await post("/printer", { paper: isOut ? "ok" : "out" });
  look();
});

// ---- hall
let lastCall = 0;

function showHall(hall) {
  element("waiting").textContent = hall ? `${hall.waiting} người đang chờ · waiting` : "Máy chủ không trả lời · the server does not answer";
  if (!hall) return;
  const names = Object.fromEntries(hall.counters.map((counter) => [counter.code, counter.name.vi]));
  for (const counter of hall.counters) showCounter(counter);
  const [latest, ...earlier] = hall.calls;
  if (!latest || latest.id === lastCall) return;
  lastCall = latest.id;
  for (const hint of document.querySelectorAll("[data-called]")) hint.hidden = false;
  const now = element("now");
  now.replaceChildren(word("strong", latest.number), word("span", `→ ${names[latest.counter]}`));
  now.classList.remove("fresh");
  void now.offsetWidth;
  now.classList.add("fresh");
  element("earlier").replaceChildren(...earlier.map((call) => {
    const row = word("span", "");
    row.append(word("b", call.number), word("span", names[call.counter]));
    return row;
  }));
}

function showCounter(counter) {
  const link = document.querySelector(`[data-counter="${CSS.escape(counter.code)}"]`);
  if (!link) return;
  link.classList.toggle("busy", Boolean(counter.number));
  link.querySelector("small").textContent = counter.number ?? "";
}

function word(kind, text) {
  return Object.assign(document.createElement(kind), { textContent: text });
}

// ---- everything else
function showParts(parts) {
  for (const item of document.querySelectorAll("[data-part]")) {
    item.className = parts?.[item.dataset.part] ? "runs" : "away";
  }
}

async function look() {
  const state = await fetch("/state").then((answer) => answer.json()).catch(() => null);
  showParts(state?.parts);
  showHall(state?.hall);
  showPrinter(state?.printer);
  if (state) showSlips(state.slips);
}

async function watchState() {
  for (;;) {
    if (document.visibilityState === "visible") await look();
    await pause(STATE_PAUSE);
  }
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
}

for (const button of document.querySelectorAll(".copy")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1200);
  });
}

watchKiosk();
watchState();
