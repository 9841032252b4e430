import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./browser.js";

test("throttle runs at once, then at most once an interval, and the last call is not lost", async () => {
  const { motcua, time } = load([]);
  const began = time.now;
  const runs = [];
  const run = motcua.throttle(() => runs.push(time.now - began), 350);
  [0, 1, 2, 3].forEach(() => run());
  await time.pass(1000);
  run();
  await time.pass(1000);
  assert.deepEqual(runs, [0, 350, 1000]);
});

test("throttle never runs twice at a time, however long one run takes", async () => {
  const { motcua, time } = load([]);
  let running = 0;
  let most = 0;
  let count = 0;
  const run = motcua.throttle(async () => {
    running += 1;
    count += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => void time.set(resolve, 5000, false));
    running -= 1;
  }, 350);
  for (let each = 0; each < 19; each += 1) {
    run();
    await time.pass(500);
  }
  assert.equal(most, 1);
  assert.equal(count, 2);
});

test("throttle goes on after a run that failed", async () => {
  const { motcua, time } = load([]);
  let runs = 0;
  const run = motcua.throttle(() => {
    runs += 1;
    return Promise.reject(new Error("away"));
  }, 100);
  run();
  await time.pass(200);
  run();
  await time.pass(200);
  assert.equal(runs, 2);
});

test("format fills what it has and leaves the rest", () => {
  const { motcua } = load([]);
  assert.equal(motcua.format("{number}: counter {counter}, {unknown}", { number: "A001", counter: 0 }), "A001: counter 0, {unknown}");
});

test("textOf falls back to English, then to Vietnamese", () => {
  const { motcua } = load([]);
  assert.equal(motcua.textOf({ vi: "một", en: "one" }, "en"), "one");
  assert.equal(motcua.textOf({ vi: "một", en: "one" }, "km"), "one");
  assert.equal(motcua.textOf({ vi: "một" }, "en"), "một");
  assert.equal(motcua.textOf(null), "");
});

test("request ids are 32 hexadecimal digits and differ", () => {
  const { motcua } = load([]);
  const ids = new Set(Array.from({ length: 100 }, () => motcua.newRequestId()));
  assert.equal(ids.size, 100);
  ids.forEach((id) => assert.match(id, /^[0-9a-f]{32}$/));
});

test("session memory survives a browser that forbids storage, and what others wrote there", () => {
  const forbidden = { getItem() { throw new Error("denied"); }, setItem() { throw new Error("denied"); }, removeItem() { throw new Error("denied"); } };
  const { motcua } = load([], { globals: { sessionStorage: forbidden } });
  const memory = motcua.sessionMemory("key");
  memory.save({ seq: 1 });
  assert.equal(memory.load(), null);
  const { motcua: usual, world } = load([]);
  world.sessionStorage.setItem("key", "{broken");
  assert.equal(usual.sessionMemory("key").load(), null);
  usual.sessionMemory("key").save({ seq: 1 });
  assert.equal(usual.sessionMemory("key").load().seq, 1);
  usual.sessionMemory("key").save(null);
  assert.equal(world.sessionStorage.getItem("key"), null);
});
