// A browser as far as the logic of the scripts needs one: no layout, no network, and time that only moves when told.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const SCRIPTS = new URL("../../../display_server/static/js/", import.meta.url);
const settle = () => new Promise((resolve) => void setImmediate(resolve)); // what waits for a promise goes on

export class Time {
  constructor() {
    this.now = 1_000_000;
    this.timers = new Map();
    this.last = 0;
  }

  set(act, delay, repeats) {
    this.last += 1;
    this.timers.set(this.last, { act, at: this.now + (delay || 0), every: repeats ? delay : null });
    return this.last;
  }

  // Milliseconds; every timer runs at its own moment.
  async pass(milliseconds) {
    const end = this.now + milliseconds;
    await settle();
    for (;;) {
      const [id, timer] = [...this.timers].sort((one, other) => one[1].at - other[1].at)[0] || [];
      if (!timer || timer.at > end) break;
      this.now = timer.at;
      if (timer.every === null) this.timers.delete(id);
      else timer.at += timer.every;
      timer.act();
      await settle();
    }
    this.now = end;
  }
}

export class Element {
  constructor(tag, rows = {}) {
    Object.assign(this, { tag, className: "", textContent: "", dataset: {}, hidden: false, childNodes: [], scrollLeft: 0 }, rows);
  }

  get firstChild() {
    return this.childNodes[0] || null;
  }

  get lastChild() {
    return this.childNodes[this.childNodes.length - 1] || null;
  }

  appendChild(child) {
    this.childNodes.push(child);
    return child;
  }

  removeChild(child) {
    this.childNodes.splice(this.childNodes.indexOf(child), 1);
  }

  setAttribute() {}
}

class Storage {
  constructor() {
    this.items = {};
  }

  getItem(key) {
    return key in this.items ? this.items[key] : null;
  }

  setItem(key, value) {
    this.items[key] = value;
  }

  removeItem(key) {
    delete this.items[key];
  }
}

// The scripts in a world of their own. `elements`: by id; `globals`: what else a script finds.
export function load(names, { time = new Time(), elements = {}, globals = {} } = {}) {
  const world = {
    document: {
      getElementById: (id) => elements[id] || null,
      createElement: (tag) => new Element(tag),
      documentElement: { lang: "vi" },
      body: { dataset: {} },
    },
    Date: class extends Date {
      static now() {
        return time.now;
      }
    },
    performance: { now: () => time.now },
    setTimeout: (act, delay) => time.set(act, delay, false),
    setInterval: (act, delay) => time.set(act, delay, true),
    clearTimeout: (id) => time.timers.delete(id),
    crypto: { getRandomValues: (bytes) => bytes.map(() => Math.floor(Math.random() * 256)) },
    AbortController,
    console,
    localStorage: new Storage(),
    sessionStorage: new Storage(),
    ...globals,
  };
  world.window = world;
  const context = vm.createContext(world);
  ["page", ...names].forEach((name) => {
    const file = new URL(name + ".js", SCRIPTS);
    vm.runInContext(readFileSync(file, "utf-8"), context, { filename: file.pathname });
  });
  return { motcua: world.motcua, time, world };
}
