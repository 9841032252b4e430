import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./browser.js";

const SILENT_SECONDS = 10;

// A page with its stream. `source()`: the EventSource that is open now; `respond`: what a poll gets, a status with a body.
function page() {
  const sources = [];
  class EventSource {
    constructor(url) {
      Object.assign(this, { url, readyState: 1, listeners: {}, isClosed: false });
      sources.push(this);
    }

    addEventListener(kind, act) {
      this.listeners[kind] = act;
    }

    give(kind, data) {
      this.listeners[kind]({ data: typeof data === "string" ? data : JSON.stringify(data) });
    }

    break_(readyState) {
      this.readyState = readyState;
      this.listeners.error();
    }

    close() {
      this.readyState = EventSource.CLOSED;
      this.isClosed = true;
    }
  }
  EventSource.CLOSED = 2;
  const polls = [];
  const world = { response: [503, ""], listeners: {} };
  const fetch = (url) => {
    polls.push(url);
    const [status, body] = world.response;
    return Promise.resolve({
      status, ok: status === 200, json: () => Promise.resolve(body), text: () => Promise.resolve(JSON.stringify(body)),
    });
  };
  const globals = {
    EventSource, fetch,
    addEventListener: (kind, act) => (world.listeners[kind] = act),
    removeEventListener: (kind) => delete world.listeners[kind],
    clearInterval: (id) => time.timers.delete(id),
  };
  const { motcua, time } = load(["server_clock", "state_stream"], { globals });
  const seen = { states: [], connections: [], refusals: [] };
  const stream = new motcua.StateStream({
    endpoints: { stream: "/stream", state: "/state" }, event: "counter", silentSeconds: SILENT_SECONDS,
    onState: (state, isContinuous) => seen.states.push([state.name, isContinuous]),
    onConnection: (isConnected) => seen.connections.push(isConnected),
    onRefused: (status, text) => {
      seen.refusals.push([status, text]);
      stream.stop();
    },
  });
  stream.start();
  const state = (name) => ({ name, now: new Date(time.now).toISOString() });
  return { stream, sources, source: () => sources[sources.length - 1], polls, seen, time, world, state };
}

test("states of the stream are shown, and nothing else is asked for while heartbeats come", async () => {
  const { source, sources, polls, seen, time, state } = page();
  source().give("counter", state("one"));
  for (let second = 0; second < 60; second += 5) {
    await time.pass(5000);
    source().give("ping", new Date(time.now).toISOString());
  }
  source().give("counter", state("two"));
  assert.deepEqual(seen.states, [["one", false], ["two", true]]);
  assert.deepEqual(seen.connections, [true]);
  assert.equal(sources.length, 1);
  assert.deepEqual(polls, []);
});

test("silence is told, polled over, and the stream opened again", async () => {
  const { source, sources, polls, seen, time, state } = page();
  source().give("counter", state("one"));
  await time.pass((SILENT_SECONDS + 2) * 1000);
  assert.deepEqual(seen.connections, [true, false]);
  assert.ok(polls.length >= 1);
  assert.ok(sources.length >= 2);
  assert.ok(sources[0].isClosed);
  source().give("counter", state("two"));
  assert.deepEqual(seen.states, [["one", false], ["two", false]]);
  assert.deepEqual(seen.connections, [true, false, true]);
});

test("what an abandoned connection still delivers is not shown", async () => {
  const { source, sources, seen, time, state } = page();
  source().give("counter", state("one"));
  await time.pass((SILENT_SECONDS + 2) * 1000);
  const count = seen.states.length;
  sources[0].give("counter", state("late"));
  assert.equal(seen.states.length, count);
});

test("where a proxy holds the stream back, the state is polled every few seconds", async () => {
  const { polls, seen, time, world, state } = page();
  world.response = [200, state("polled")];
  await time.pass(15_000);
  assert.ok(polls.length >= 3 && polls.length <= 5, String(polls.length));
  assert.deepEqual(polls[0], "/state");
  assert.equal(seen.states[0][0], "polled");
  assert.deepEqual(seen.connections, [true]);
});

test("an HTTP error, after which a browser gives up, is tried again", async () => {
  const { source, sources, time, state, seen } = page();
  source().break_(2);
  await time.pass(5000);
  assert.ok(sources.length >= 2);
  source().give("counter", state("back"));
  assert.deepEqual(seen.states, [["back", false]]);
});

for (const status of [401, 403, 404]) {
  test("a refusal is told with its reason, and after stop() nothing is asked any more: " + status, async () => {
    const { source, sources, polls, seen, time, world } = page();
    world.response = [status, { type: "/problems/some" }];
    source().break_(2);
    await time.pass(5000);
    assert.deepEqual(seen.refusals[0], [status, '{"type":"/problems/some"}']);
    const [asked, opened] = [polls.length, sources.length];
    await time.pass(120_000);
    assert.equal(polls.length, asked);
    assert.equal(sources.length, opened);
    assert.ok(source().isClosed);
    assert.deepEqual(world.listeners, {});
  });
}

test("another stream takes the place of the first one without a lost connection", async () => {
  const { stream, source, sources, seen, time, state } = page();
  source().give("counter", state("short"));
  stream.switchTo({ stream: "/stream?most=1000", state: "/state?most=1000" });
  assert.ok(sources[0].isClosed);
  assert.equal(source().url, "/stream?most=1000");
  await time.pass(1000);
  source().give("counter", state("whole"));
  assert.deepEqual(seen.states, [["short", false], ["whole", true]]);
  assert.deepEqual(seen.connections, [true]);
});
