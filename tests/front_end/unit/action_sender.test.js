import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./browser.js";

// A server that gives `responses` one after the other, the last one from then on: a status with its body, "away" (the
// connection breaks) or "silent" (no answer until the client gives up).
function sending(responses) {
  const requests = [];
  const retries = [];
  const fetch = (url, options) => {
    const next = responses[Math.min(requests.length, responses.length - 1)];
    requests.push({ url, body: JSON.parse(options.body), headers: options.headers, at: time.now });
    if (next === "away") return Promise.reject(new TypeError("Failed to fetch"));
    if (next === "silent") return new Promise((_, reject) => void options.signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const [status, body] = next;
    return Promise.resolve({ status, text: () => Promise.resolve(body === undefined ? "" : JSON.stringify(body)) });
  };
  const { motcua, time } = load(["action_sender"], { globals: { fetch } });
  const memory = motcua.sessionMemory("actions");
  const sender = new motcua.ActionSender({ url: (step) => "/api/" + step, csrf: "token", memory, onRetry: (n) => retries.push(n) });
  return { motcua, time, requests, retries, memory, sender };
}

async function responseOf(promise, time, milliseconds) {
  let found = "none";
  promise.then((response) => (found = response));
  await time.pass(milliseconds);
  return found;
}

test("an action is sent once, with its id, the CSRF token and its body", async () => {
  const { sender, time, requests, memory } = sending([[200, { call: { number: "A001" } }]]);
  const response = await responseOf(sender.send("call-next", { call_id: 0 }), time, 10);
  assert.equal(response.status, 200);
  assert.equal(response.body.call.number, "A001");
  assert.equal(requests.length, 1);
  assert.equal(requests[0].url, "/api/call-next");
  assert.equal(requests[0].headers["X-CSRFToken"], "token");
  assert.match(requests[0].body.request_id, /^[0-9a-f]{32}$/);
  assert.equal(requests[0].body.call_id, 0);
  assert.equal(memory.load(), null);
});

for (const failure of ["away", [502], [503], [504]]) {
  test("an action is sent again under the same id after " + failure, async () => {
    const { sender, time, requests, retries } = sending([failure, failure, [200, {}]]);
    const response = await responseOf(sender.send("finish", {}), time, 5000);
    assert.equal(response.status, 200);
    assert.equal(requests.length, 3);
    assert.equal(new Set(requests.map((one) => one.body.request_id)).size, 1);
    assert.deepEqual(retries, [2, 3]);
    assert.deepEqual(requests.map((one) => one.at - requests[0].at), [0, 300, 900]);
  });
}

for (const status of [400, 404, 409, 422, 500]) {
  test("the server's word is final: " + status + " is not sent again", async () => {
    const { sender, time, requests, memory } = sending([[status, { type: "/problems/wrong-state" }]]);
    assert.equal((await responseOf(sender.send("finish", {}), time, 60_000)).status, status);
    assert.equal(requests.length, 1);
    assert.equal(memory.load(), null);
  });
}

test("a server that never responds is asked again after the timeout", async () => {
  const { sender, time, requests } = sending(["silent", [200, {}]]);
  assert.equal((await responseOf(sender.send("finish", {}), time, 9000)).status, 200);
  assert.deepEqual(requests.map((one) => one.at - requests[0].at), [0, 8300]);
});

test("cancelling ends the retries with status 0", async () => {
  const { sender, time, requests } = sending(["away"]);
  const sent = sender.send("finish", {});
  await time.pass(1000);
  sender.cancel();
  assert.equal((await responseOf(sent, time, 10)).status, 0);
  const count = requests.length;
  await time.pass(60_000);
  assert.equal(requests.length, count);
});

for (const [name, response] of [["signed out", [401]], ["an old page", [403, { type: "/problems/csrf" }]]]) {
  test(name + ": the same action can be sent after the sign-in", async () => {
    const { sender, time, requests, memory } = sending([response, [200, {}]]);
    await responseOf(sender.send("finish", { call_id: 7 }), time, 10);
    const kept = sender.interruptedAction();
    assert.equal(kept.step, "finish");
    assert.equal(kept.body.request_id, requests[0].body.request_id);
    assert.equal((await responseOf(sender.sendAction(kept), time, 10)).status, 200);
    assert.deepEqual(requests[1].body, requests[0].body);
    assert.equal(memory.load(), null);
  });
}

test("a forbidden action is not kept", async () => {
  const { sender, time } = sending([[403, { type: "/problems/forbidden" }]]);
  await responseOf(sender.send("finish", {}), time, 10);
  assert.equal(sender.interruptedAction(), null);
});

test("an interrupted action is offered for two minutes only", async () => {
  const { sender, time } = sending(["away"]);
  sender.send("finish", {});
  await time.pass(119_000);
  assert.equal(sender.interruptedAction().step, "finish");
  await time.pass(2000);
  assert.equal(sender.interruptedAction(), null);
});
