"""Two clerks press at the same moment, whatever the state, through the whole app: nothing breaks, nobody is lost."""

import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from display_server.app import create_app
from display_server.db import tables
from display_server.domain.state_machine import AT_COUNTER
from display_server.services.devices.devices import DeviceKind, add_device
from display_server.services.reporting.audit import verify
from tests.display_server.postgres import Cluster
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id

COUNTERS = ("1", "2")  # both serve HT
NUMBERS = st.sampled_from([f"A{number:03d}" for number in range(1, 7)])
STEPS = ["call-next", "recall", "start", "finish", "no-show", "park", "cancel", "undo", "open", "close", "break"]
PRESSES = st.one_of(
    st.tuples(st.sampled_from(STEPS), st.just({})),
    st.tuples(st.just("call"), NUMBERS.map(lambda number: {"number": number})),
    st.tuples(st.just("then"), st.sampled_from(["DD", "HT"]).map(lambda code: {"department": code})),
    st.tuples(
        st.just("transfer"),
        st.sampled_from([{"department": "HT"}, {"department": "DD"}, {"counter": "1"}, {"counter": "2"}]),
    ),
)
ANSWERS = {200, 204, 404, 409}  # 404: a number that nobody has taken yet


class TwoClerks(RuleBasedStateMachine):
    make_database: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        rule_of_no_show = {"no_show": "back", "no_show_times": 1, "recalls": 2}
        database = type(self).make_database()
        open_always = {"database": database, "always_open": True}
        self.hall = ServiceHarness(database, server=open_always, counter=rule_of_no_show)
        self.app = create_app(self.hall.site)
        self.tokens = {
            code: add_device(self.hall.site, self.hall.centre_id, DeviceKind.COUNTER, f"q{code}", code)
            for code in COUNTERS
        }
        self.seen = dict.fromkeys(COUNTERS, 0)
        self.taken = 0

    def teardown(self) -> None:
        found = verify(self.hall.site, self.hall.centre_id)
        assert found.problems == []
        self.hall.close()

    @rule(count=st.integers(1, 3), priority=st.sampled_from([None, "elderly"]))
    def visitors_take_numbers(self, count: int, priority: str | None) -> None:
        for _ in range(count):
            self.hall.take("HT", priority=priority)
        self.taken += count

    @rule(seconds=st.sampled_from([1, 15, 2000]))
    def time_goes_by(self, seconds: int) -> None:
        self.hall.clock.advance(seconds=seconds)

    @rule(presses=st.tuples(PRESSES, PRESSES), tells=st.booleans(), same_counter=st.booleans())
    def two_presses_at_once(self, presses: Any, tells: bool, same_counter: bool) -> None:
        at = ("1", "1") if same_counter else COUNTERS
        answers: list[Any] = [None, None]
        gate = threading.Barrier(2)

        def press(place: int) -> None:
            step, body = presses[place]
            whole = {"request_id": new_id(), **body} | ({"call_id": self.seen[at[place]]} if tells else {})
            gate.wait()
            answers[place] = self.app.test_client().post(
                f"/api/v1/counters/{at[place]}/{step}",
                json=whole,
                headers={"Authorization": f"Bearer {self.tokens[at[place]]}"},
            )

        threads = [threading.Thread(target=partial(press, place)) for place in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for (step, _), answer in zip(presses, answers, strict=True):
            assert answer.status_code in ANSWERS, (step, answer.status_code, answer.get_data(as_text=True))
        called = [
            answer.get_json()["call"]["ticket_id"]
            for (step, _), answer in zip(presses, answers, strict=True)
            if step == "call-next" and answer.status_code == 200
        ]
        if not same_counter:
            assert len(set(called)) == len(called)
        self.look()

    def look(self) -> None:
        call, counter = tables.call, tables.counter
        query = select(counter.c.code, call.c.id).outerjoin(
            call, (call.c.counter_id == counter.c.id) & tables.call_is_open
        )
        for code, call_id in self.hall.rows(query):
            if code in self.seen:
                self.seen[code] = call_id or 0

    @invariant()
    def who_is_at_a_counter_is_there_once(self) -> None:
        """The database itself refuses two open calls of a counter or a ticket; here: calls and states agree."""
        query = select(tables.call.c.ticket_id).where(tables.call_is_open)
        open_calls = sorted(row.ticket_id for row in self.hall.rows(query))
        states = self.hall.rows(select(tables.ticket.c.id, tables.ticket.c.state).order_by(tables.ticket.c.id))
        assert open_calls == [row.id for row in states if row.state in AT_COUNTER]
        assert len(states) == self.taken

    @invariant()
    def calls_have_no_gap(self) -> None:
        seqs = [row.seq for row in self.hall.rows(select(tables.call.c.seq).order_by(tables.call.c.seq))]
        assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_clerks_in_any_state_do_anything_at_once(
    kind: str, request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path
) -> None:
    def new_sqlite() -> str:
        file = tmp_path / f"{new_id()}.db"
        shutil.copyfile(sqlite_template, file)
        return f"sqlite:///{file}"

    def new_postgres() -> str:
        cluster: Cluster = request.getfixturevalue("postgres")
        return cluster.url(cluster.make_database(request.getfixturevalue("postgres_template")))

    make_database = staticmethod(new_sqlite if kind == "sqlite" else new_postgres)
    machine = type("AnyTwo", (TwoClerks,), {"make_database": make_database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
