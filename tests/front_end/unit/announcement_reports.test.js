import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./browser.js";

function reporting(statuses) {
  const sent = [];
  const fetch = (url, options) => {
    sent.push(JSON.parse(options.body));
    const status = statuses.length > 1 ? statuses.shift() : statuses[0];
    return status === 0 ? Promise.reject(new TypeError("Failed to fetch")) : Promise.resolve({ status });
  };
  const { motcua, time } = load(["announcement_reports"], { globals: { fetch } });
  return { reports: new motcua.AnnouncementReports({ url: "/announced" }), time, sent };
}

test("what was reported while a request ran goes out together, shown and spoken apart", async () => {
  const { reports, time, sent } = reporting([204]);
  reports.report(1, false);
  reports.report(2, false);
  reports.report(3, true);
  reports.report(4, false);
  await time.pass(100);
  assert.deepEqual(sent, [
    { seqs: [1], spoken: false },
    { seqs: [2, 4], spoken: false },
    { seqs: [3], spoken: true },
  ]);
});

for (const status of [0, 429, 500, 503]) {
  test("a report is sent again until the server has it: " + status, async () => {
    const { reports, time, sent } = reporting([status, status, 204]);
    reports.report(1, true);
    await time.pass(60_000);
    assert.deepEqual(sent, Array(3).fill({ seqs: [1], spoken: true }));
  });
}

for (const status of [401, 404, 422]) {
  test("a report that the server never takes is dropped: " + status, async () => {
    const { reports, time, sent } = reporting([status]);
    reports.report(1, true);
    await time.pass(60_000);
    assert.equal(sent.length, 1);
  });
}

test("a call that was spoken is not reported again, also not as shown", async () => {
  const { reports, time, sent } = reporting([204]);
  reports.report(1, true);
  await time.pass(10);
  reports.report(1, false);
  reports.report(1, true);
  await time.pass(10);
  assert.deepEqual(sent, [{ seqs: [1], spoken: true }]);
});

test("at most a hundred calls go in one request", async () => {
  const { reports, time, sent } = reporting([0, 204]);
  for (let seq = 1; seq <= 250; seq += 1) reports.report(seq, false);
  await time.pass(60_000);
  assert.ok(sent.every((one) => one.seqs.length <= 100));
  assert.equal(new Set(sent.slice(1).flatMap((one) => one.seqs)).size, 250);
});
