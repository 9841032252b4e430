"""1,000 calls at random gaps, with bursts: each stands as the current call, once, in order, for its full time.

The calls are real ones of a real server; when they reach the page is up to a clock that the test moves (Playwright's),
so that the hours of a day pass in a minute. `test_hall_page` shows a burst in real time.
"""

import random
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page

from display_server.domain.state_machine import Action
from display_server.services.calling.calls import call_next
from display_server.services.calling.visit_actions import perform_action
from display_server.services.core.actors import Actor
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.tickets import TicketRequest
from tests.server_process import ServerProcess, new_id

CALLS = 1000
BURST = 8
BURST_MS = 100
SHOWN_MS = 3000
MEAN_GAP_MS = 6000
STATE_HOLDS = 4  # fewer than a burst: the page must fetch what it missed

# The stream, played by the test: a state when its time comes, a sign of life every five seconds. What a state no longer
# holds is answered by the door for missed calls, in the server's own form.
PLAYED_STREAM = """(() => {
  const listeners = {};
  let made = [];
  let base = null;
  window.EventSource = class {
    constructor() { this.readyState = 1; }
    addEventListener(kind, hear) { listeners[kind] = hear; }
    close() {}
  };
  window.EventSource.CLOSED = 2;
  const realFetch = window.fetch;
  window.fetch = (address, options) => {
    const after = /\\/calls\\?.*after=(\\d+)/.exec(address);
    if (!after) return realFetch(address, options);
    const calls = made.filter((call) => call.seq > Number(after[1])).slice(0, 200);
    return Promise.resolve({ ok: true, json: () => Promise.resolve({ calls }) });
  };
  const tell = () => {
    const now = new Date(Date.now()).toISOString();
    const calls = made.slice(-%d).reverse();
    // Of a call that the state does not hold its counter tells: here there is none, so that every visit goes on.
    const more = { now, version: base.version + made.length, seq: made.length, calls, counters: [] };
    const state = Object.assign({}, base, more);
    listeners.hall({ data: JSON.stringify(state) });
  };
  window.play = (state, calls, times) => {
    base = state;
    const number = document.getElementById("number");
    window.seen = [];
    new MutationObserver(() => {
      const last = window.seen[window.seen.length - 1];
      if (!last || last[0] !== number.textContent) window.seen.push([number.textContent, performance.now()]);
    }).observe(number, { childList: true, characterData: true, subtree: true });
    tell();
    setInterval(() => listeners.ping({ data: new Date(Date.now()).toISOString() }), 5000);
    calls.forEach((call, index) => setTimeout(() => {
      made.push(Object.assign({}, call, { open: true, called_at: new Date(Date.now()).toISOString() }));
      // The server sends at most one state in 20 ms.
      const next = times[index + 1];
      if (next === undefined || next - times[index] >= 20) tell();
    }, times[index]));
  };
})()"""


def many_calls(hall: ServerProcess) -> list[Any]:
    """So many visitors come and are called; the calls as the server's own door gives them."""
    clerk = Actor("staff", 1, "Lan", hall.centre_id, role="clerk")
    kiosk = Actor("kiosk", 1, "kiosk", hall.centre_id, offline_letter="K")
    hall.token("kiosk")
    for count in range(CALLS):
        counter, department = ("1", "KHDT") if count % 2 else ("3", "XD")
        issue(hall.site, kiosk, TicketRequest(new_id(), department))
        call_next(hall.site, clerk, counter, new_id())
    perform_action(hall.site, clerk, "1", Action.FINISH, new_id())
    made: list[Any] = []
    while len(made) < CALLS:
        made += hall.ask("GET", f"/api/v1/hall/calls?after={len(made)}").json()["calls"]
    return made


def random_times(dice: random.Random) -> list[int]:
    """When each call is made, in milliseconds: alone after a random gap, or eight within a tenth of a second."""
    times: list[int] = []
    at = 0
    while len(times) < CALLS:
        at += int(dice.expovariate(1 / MEAN_GAP_MS)) + 1
        count = BURST if dice.random() < 0.03 else 1
        times += sorted(at + dice.randrange(BURST_MS) for _ in range(count))
    return sorted(times)[:CALLS]


def test_a_thousand_calls_are_each_shown_once_in_order_and_for_their_time(idle_hall: ServerProcess, page: Page) -> None:
    idle_hall.environment |= {
        "MOTCUA_HALL__SHOW_SECONDS": str(SHOWN_MS // 1000),
        "MOTCUA_VOICE__SPEAKERS": "none",  # the hours of a day in a minute would ask for the voice a thousand times
    }
    hall = idle_hall.start()
    base = hall.hall()
    made = many_calls(hall)
    times = random_times(random.Random(20261123))
    bursts = sum(later - earlier < BURST_MS for earlier, later in zip(times, times[7:], strict=False))
    assert bursts > 10

    page.add_init_script(PLAYED_STREAM % STATE_HOLDS)
    page.clock.install()
    page.goto(hall.url + "/hall?voice=off")  # sound takes real time
    page.wait_for_function("() => window.motcua && window.motcua.callQueue", polling=50)
    page.clock.pause_at(page.evaluate("() => Date.now() + 1000"))  # from here on time passes by `run_for` alone
    page.evaluate("([base, made, times]) => window.play(base, made, times)", [base, made, times])
    for _ in range(2 * (times[-1] + CALLS * SHOWN_MS) // 600_000):
        page.clock.run_for(600_000)
        if page.evaluate("() => window.motcua.announced.length") >= CALLS:
            break
    page.clock.run_for(SHOWN_MS)

    log = page.evaluate("() => window.motcua.announced")
    assert [call["seq"] for call in log] == list(range(1, CALLS + 1))
    seen = page.evaluate("() => window.seen")
    assert [number for number, _ in seen] == [call["number"] for call in made]
    shown = [later - earlier for (_, earlier), (_, later) in pairwise(seen)]
    assert min(shown) >= SHOWN_MS
