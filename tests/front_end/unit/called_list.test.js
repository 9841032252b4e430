import assert from "node:assert/strict";
import test from "node:test";

import { Element, load } from "./browser.js";

const ROW = 100; // pixels; a row is as wide as the list
const PAGE_MS = 5000;

// A list with room for `room` rows; `visible()`: those of the page that is scrolled to.
function calledList(room) {
  const list = new Element("ol", { clientWidth: ROW, clientHeight: room * ROW });
  const elements = { called: list, "called-none": new Element("p"), "called-page": new Element("p") };
  const { motcua, time, world } = load(["called_list"], { elements });
  world.document.createElement = (tag) => {
    const element = new Element(tag);
    element.getBoundingClientRect = () => ({ width: ROW, height: ROW });
    // Rows without room stand in further columns.
    Object.defineProperty(element, "offsetLeft", { get: () => Math.floor(list.childNodes.indexOf(element) / room) * ROW });
    return element;
  };
  motcua.isNumbered = () => true;
  const calls = new motcua.CalledList({ counter: () => "" });
  const visible = () => {
    const first = Math.round(list.scrollLeft / ROW) * room;
    return list.childNodes.slice(first, first + room).map((row) => row.childNodes[0].textContent);
  };
  return { calls, time, visible, page: elements["called-page"], none: elements["called-none"] };
}

const NOW = Date.parse("2026-11-28T08:00:00Z");
const call = (seq, secondsAgo = 10, ticket = seq) => ({
  seq, ticket_id: ticket, number: "A" + seq, counter: "1", called_at: new Date(NOW - secondsAgo * 1000).toISOString(),
});
const newestFirst = (calls) => calls.sort((one, other) => other.seq - one.seq);
const never = () => false;

test("the newest calls that have room are listed, without the one shown large", () => {
  const { calls, visible, page } = calledList(3);
  const all = newestFirst([1, 2, 3, 4, 5].map((seq) => call(seq, 600)));
  calls.draw(all, all[0], never, NOW);
  assert.deepEqual(visible(), ["A4", "A3", "A2"]);
  assert.ok(page.hidden);
});

test("a visitor who was called again is listed once", () => {
  const { calls, visible } = calledList(5);
  calls.draw(newestFirst([call(1, 10, 7), call(2, 10, 8), call(3, 5, 7)]), null, never, NOW);
  assert.deepEqual(visible(), ["A3", "A2"]);
});

test("expected visitors beyond the room come in pages, and the pages turn", async () => {
  const { calls, visible, page, time } = calledList(2);
  calls.draw(newestFirst([1, 2, 3, 4, 5].map((seq) => call(seq))), null, never, NOW);
  const seen = [visible()];
  assert.equal(page.textContent, "1/3");
  for (const shown of ["2/3", "3/3", "1/3"]) {
    await time.pass(PAGE_MS);
    assert.equal(page.textContent, shown);
    seen.push(visible());
  }
  assert.deepEqual(seen, [["A5", "A4"], ["A3", "A2"], ["A1"], ["A5", "A4"]]);
});

test("who has been served, or was called long ago, makes no further page", () => {
  const { calls, visible, page } = calledList(2);
  const all = newestFirst([1, 2, 3, 4].map((seq) => call(seq, seq === 1 ? 181 : 10)));
  calls.draw(all, null, (one) => one.seq === 4, NOW);
  assert.deepEqual(visible(), ["A3", "A2"]);
  assert.ok(page.hidden);
});

test("a page that is gone gives way to the last one", async () => {
  const { calls, page, time, visible } = calledList(1);
  calls.draw(newestFirst([1, 2, 3].map((seq) => call(seq))), null, never, NOW);
  await time.pass(2 * PAGE_MS);
  assert.equal(page.textContent, "3/3");
  calls.draw(newestFirst([1, 2].map((seq) => call(seq))), null, never, NOW);
  assert.equal(page.textContent, "2/2");
  assert.deepEqual(visible(), ["A1"]);
});

test("an empty list says so", () => {
  const { calls, none } = calledList(3);
  calls.draw([], null, never, NOW);
  assert.equal(none.hidden, false);
});
