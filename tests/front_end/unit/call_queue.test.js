import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./browser.js";

const SHOW_SECONDS = 8;
const FRESH_SECONDS = 60;

// A hall with its queue: `make(n)` calls n visitors now; `shown` what the display announced, with its moment and form.
function hall({ kept = null, fetchAfter = null, concerns } = {}) {
  const { motcua, time } = load(["call_queue"]);
  const began = time.now;
  const calls = [];
  const over = new Set();
  const shown = [];
  const finished = [];
  const fetched = [];
  const memory = { value: kept, load: () => memory.value, save: (value) => (memory.value = value && JSON.parse(JSON.stringify(value))) };
  const clock = { known: () => true, now: () => time.now };
  const queue = new motcua.CallQueue({
    clock, memory, concerns, showSeconds: SHOW_SECONDS, freshSeconds: FRESH_SECONDS,
    fetchAfter: (seq) => {
      fetched.push(seq);
      return fetchAfter ? fetchAfter(seq) : Promise.resolve(calls.filter((call) => call.seq > seq));
    },
    isOver: (call) => over.has(call.seq),
    show: (call, form) => void shown.push({ seq: call.seq, form, at: (time.now - began) / 1000 }),
    onShown: (call) => finished.push(call.seq),
  });
  const make = (count, ticket) => {
    for (let each = 0; each < count; each += 1) {
      const seq = calls.length + 1;
      calls.push({ seq, ticket_id: ticket || seq, number: "A" + seq, counter: "1", called_at: new Date(time.now).toISOString() });
    }
  };
  // The newest `length` calls of the state, as the server sends them.
  const state = (length = 20) => ({ seq: calls.length, calls: calls.slice(-length).reverse() });
  return { queue, time, calls, over, shown, finished, fetched, memory, make, state };
}

const seqs = (shown) => shown.map((one) => one.seq);

test("every call is announced once, in order, each for its full time", async () => {
  const { queue, time, make, state, shown, finished } = hall();
  queue.update(state(), false);
  make(2);
  queue.update(state(), true);
  queue.update(state(), true);
  await time.pass(60_000);
  assert.deepEqual(shown, [{ seq: 1, form: "full", at: 0 }, { seq: 2, form: "full", at: SHOW_SECONDS }]);
  assert.deepEqual(finished, [1, 2]);
  assert.ok(queue.isIdle());
});

test("a state that comes twice or late announces nothing again", async () => {
  const { queue, time, make, state, shown } = hall();
  queue.update(state(), false);
  make(1);
  const old = state();
  make(1);
  queue.update(state(), true);
  await time.pass(30_000);
  queue.update({ ...old, seq: 2 }, true);
  await time.pass(30_000);
  assert.deepEqual(seqs(shown), [1, 2]);
});

test("a recall is announced as well, and takes the place of the call before it", async () => {
  const { queue, time, make, state, shown } = hall();
  queue.update(state(), false);
  make(1, 7);
  make(1, 8);
  make(1, 8);
  queue.update(state(), true);
  await time.pass(60_000);
  assert.deepEqual(seqs(shown), [1, 3]);
});

test("in a burst the announcements become short until nobody waits", async () => {
  const { queue, time, make, state, shown } = hall();
  queue.update(state(), false);
  make(6);
  queue.update(state(), true);
  await time.pass(60_000);
  assert.deepEqual(shown.map((one) => one.form), ["brief", "short", "short", "short", "short", "short"]);
  assert.deepEqual(shown.map((one) => one.at), [0, 3, 6, 9, 12, 15]);
  make(1);
  queue.update(state(), true);
  await time.pass(60_000);
  assert.equal(shown[6].form, "full");
});

test("nobody is called to a counter that has gone on", async () => {
  const { queue, time, make, state, shown, over } = hall();
  queue.update(state(), false);
  make(3);
  queue.update(state(), true);
  over.add(2);
  await time.pass(60_000);
  assert.deepEqual(seqs(shown), [1, 3]);
  assert.deepEqual([...queue.dropped], [2]);
});

test("calls of other counters are passed over", async () => {
  const { queue, time, make, state, shown } = hall({ concerns: (call) => call.seq % 2 === 0 });
  queue.update(state(), false);
  make(4);
  queue.update(state(), true);
  await time.pass(60_000);
  assert.deepEqual(seqs(shown), [2, 4]);
});

test("a gap in the state is fetched, and nothing of it is lost", async () => {
  const { queue, time, make, state, shown, fetched } = hall();
  queue.update(state(), false);
  make(30);
  queue.update(state(5), true);
  await time.pass(300_000);
  assert.deepEqual(fetched, [0]);
  assert.deepEqual(seqs(shown), Array.from({ length: 30 }, (_, at) => at + 1));
});

test("a gap that could not be fetched is fetched again", async () => {
  let attempts = 0;
  const { queue, time, make, state, shown, calls } = hall({
    fetchAfter: (seq) => {
      attempts += 1;
      return attempts < 3 ? Promise.reject(new Error("503")) : Promise.resolve(calls.filter((call) => call.seq > seq));
    },
  });
  queue.update(state(), false);
  make(8);
  queue.update(state(2), true);
  await time.pass(100_000);
  assert.equal(attempts, 3);
  assert.deepEqual(seqs(shown), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("a display that has just been switched on announces recent calls only", async () => {
  const { queue, time, make, state, shown, finished } = hall();
  make(2);
  await time.pass((FRESH_SECONDS + 1) * 1000);
  make(1);
  queue.update(state(), false);
  await time.pass(60_000);
  assert.deepEqual(seqs(shown), [3]);
  assert.deepEqual(finished, [1, 2, 3]); // the old ones count as announced: nobody waits for them
});

test("after a short break of the connection nothing is lost", async () => {
  const { queue, time, make, state, shown } = hall();
  make(1);
  queue.update(state(), false);
  await time.pass(20_000);
  make(2);
  await time.pass(20_000);
  queue.update(state(), false);
  await time.pass(60_000);
  assert.deepEqual(seqs(shown), [1, 2, 3]);
});

test("a reload goes on where the page was, and gives the cut call the rest of its time", async () => {
  const first = hall();
  first.queue.update(first.state(), false);
  first.make(2);
  first.queue.update(first.state(), true);
  await first.time.pass(3000);
  const second = hall({ kept: first.memory.value });
  second.calls.push(...first.calls);
  second.time.now = first.time.now;
  const reloaded = second.time.now;
  second.queue.update(second.state(), false);
  await second.time.pass(60_000);
  assert.deepEqual(seqs(second.shown), [2]);
  assert.equal(second.shown[0].at * 1000 + 1_000_000 - reloaded, 5000);
});

test("a restored backup, where numbers go backwards, is announced from the beginning", async () => {
  const { queue, time, make, state, shown, calls } = hall();
  queue.update(state(), false);
  make(5);
  queue.update(state(), true);
  await time.pass(60_000);
  calls.splice(2);
  queue.update(state(), false);
  await time.pass(60_000);
  make(1);
  queue.update(state(), true);
  await time.pass(60_000);
  assert.equal(shown[shown.length - 1].seq, 3);
});

test("a call of the same number at another time is another history", async () => {
  const { queue, time, make, state, calls, memory } = hall();
  queue.update(state(), false);
  make(1);
  queue.update(state(), true);
  await time.pass(20_000);
  calls[0] = { ...calls[0], called_at: new Date(time.now).toISOString() };
  queue.update(state(), false);
  await time.pass(20_000);
  assert.equal(memory.value.calledAt, calls[0].called_at);
});

test("an announcement that fails does not hold up the next one", async () => {
  const { motcua, time } = load(["call_queue"], { globals: { console: { error() {} } } });
  const shown = [];
  const queue = new motcua.CallQueue({
    clock: { known: () => true, now: () => time.now }, memory: motcua.sessionMemory("calls"),
    showSeconds: 1, freshSeconds: FRESH_SECONDS, fetchAfter: () => Promise.resolve([]),
    show: (call) => {
      shown.push(call.seq);
      return Promise.reject(new Error("no sound"));
    },
  });
  const call = (seq) => ({ seq, ticket_id: seq, called_at: new Date(time.now).toISOString() });
  queue.update({ seq: 0, calls: [] }, false);
  queue.update({ seq: 2, calls: [call(2), call(1)] }, true);
  await time.pass(10_000);
  assert.deepEqual(shown, [1, 2]);
});
