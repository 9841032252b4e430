"""Clerks and visitors in any order: what the services do is compared with a model that a child could follow."""

import shutil
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from display_server.db import tables
from display_server.domain.queue_policy import MICROSECONDS, Candidate, CounterQueues, PriorityPolicy, choose_next
from display_server.domain.state_machine import CALLABLE, Action, TicketState, next_state
from display_server.services.errors import ServiceError
from tests.display_server.service_harness import ServiceHarness

QUEUES = {"1": ["HT"], "2": ["HT"], "3": ["DD", "HT"]}
PREFIXES = {"HT": "A", "DD": "B"}
RULE = PriorityPolicy(
    "interleaved", 3, 30 * 60
)  # 30 is no sum of the minutes below: nobody is at the bound to the microsecond
counters = st.sampled_from(list(QUEUES))
departments = st.sampled_from(list(PREFIXES))
steps = st.sampled_from([step for step in Action if step is not Action.TRANSFER])


class Visitor:
    def __init__(self, ticket: Any, place: int) -> None:
        self.id, self.number, self.department = ticket.id, ticket.number, ticket.department
        self.department_at_issue = ticket.department
        self.priority, self.place = ticket.priority is not None, place
        self.state = TicketState.WAITING
        self.sent_to: str | None = None


class Hall(RuleBasedStateMachine):
    template: Path
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        file = self.folder / "any_order.db"
        for old in self.folder.glob(f"{file.name}*"):
            old.unlink()
        shutil.copyfile(self.template, file)
        self.hall = ServiceHarness(f"sqlite:///{file}", server={"database": f"sqlite:///{file}", "always_open": True})
        self.visitors: dict[int, Visitor] = {}
        self.at: dict[str, Visitor | None] = dict.fromkeys(QUEUES)
        self.others: dict[int, int] = {}
        self.calls = 0

    def teardown(self) -> None:
        self.hall.close()

    @rule(wishes=st.lists(st.tuples(departments, st.sampled_from([None, "elderly"])), min_size=1, max_size=6))
    def visitors_take_numbers(self, wishes: list[tuple[str, str | None]]) -> None:
        for department, priority in wishes:
            ticket = self.hall.take(department, priority=priority)
            stored = self.hall.rows(select(tables.ticket).where(tables.ticket.c.id == ticket.id))[0]
            self.visitors[ticket.id] = Visitor(ticket, stored.place)
            given = [visitor for visitor in self.visitors.values() if visitor.department_at_issue == department]
            assert ticket.number == f"{PREFIXES[department]}{len(given):03d}"

    @rule(minutes=st.sampled_from([4, 8, 12]))
    def time_goes_by(self, minutes: int) -> None:
        self.hall.clock.advance(minutes=minutes)

    @rule(counter=counters, times=st.integers(1, 4))
    def a_clerk_calls_the_next(self, counter: str, times: int) -> None:
        for _ in range(times):
            self.calls_the_next(counter)

    def calls_the_next(self, counter: str) -> None:
        expected = self.expected_next(counter)
        call = self.hall.next(counter)
        self.leaves(counter, TicketState.FINISHED)
        if expected is None:
            assert call is None
            return
        assert call is not None
        assert call.ticket_id == expected.id
        key = list(PREFIXES).index(expected.department)
        self.others[key] = 0 if expected.priority else self.others.get(key, 0) + 1
        self.comes(counter, expected, call)

    @rule(counter=counters, step=steps)
    def a_clerk_takes_a_step(self, counter: str, step: Action) -> None:
        here = self.at[counter]
        after = next_state(step, here.state) if here else None
        if after is None:
            with pytest.raises(ServiceError):
                self.hall.step(step, counter)
            return
        call = self.hall.step(step, counter)
        assert here is not None
        if step is Action.RECALL:
            self.comes(counter, here, call)
        elif step is Action.START:
            here.state = after
        else:
            self.leaves(counter, after)

    @precondition(lambda self: any(self.at.values()))
    @rule(data=st.data())
    def a_clerk_sends_the_visitor_on(self, data: st.DataObject) -> None:
        counter = data.draw(st.sampled_from([code for code, visitor in self.at.items() if visitor]))
        here = self.at[counter]
        assert here is not None
        target = data.draw(st.one_of(departments, counters))
        if target in QUEUES:
            self.hall.transfer(counter, counter=target)
            here.sent_to = target
        else:
            self.hall.transfer(counter, department=target)
            here.department, here.sent_to = target, None
        self.leaves(counter, TicketState.WAITING)

    @precondition(lambda self: self.visitors)
    @rule(data=st.data(), counter=counters)
    def a_clerk_calls_a_number(self, data: st.DataObject, counter: str) -> None:
        visitor = data.draw(st.sampled_from(list(self.visitors.values())))
        if visitor.state not in CALLABLE:
            with pytest.raises(ServiceError):
                self.hall.call(counter, number=visitor.number)
            return
        call = self.hall.call(counter, number=visitor.number)
        self.leaves(counter, TicketState.FINISHED)
        self.comes(counter, visitor, call)

    def comes(self, counter: str, visitor: Visitor, call: Any) -> None:
        self.calls += 1
        assert (call.seq, call.ticket_id, call.counter) == (self.calls, visitor.id, counter)
        visitor.state, visitor.sent_to = TicketState.CALLED, None
        self.at[counter] = visitor

    def leaves(self, counter: str, state: TicketState) -> None:
        here, self.at[counter] = self.at[counter], None
        if here is not None:
            here.state = state

    def expected_next(self, counter: str) -> Visitor | None:
        """Straight from the rules, over everybody who waits."""
        codes = list(PREFIXES)
        line = [
            Candidate(each.id, codes.index(each.department), each.place, each.priority, each.sent_to == counter)
            for each in self.visitors.values()
            if each.state is TicketState.WAITING
            and (each.sent_to == counter or (each.sent_to is None and each.department in QUEUES[counter]))
        ]
        now = int(self.hall.clock.now.timestamp() * MICROSECONDS)
        choice = choose_next(
            line, CounterQueues([codes.index(code) for code in QUEUES[counter]]), self.others, RULE, now
        )
        return self.visitors[choice.candidate.ticket_id] if choice else None

    @invariant()
    def the_database_says_the_same(self) -> None:
        stored = {row.id: row.state for row in self.hall.rows(select(tables.ticket.c.id, tables.ticket.c.state))}
        assert stored == {visitor.id: visitor.state for visitor in self.visitors.values()}

    @invariant()
    def each_counter_has_the_visitor_that_it_should(self) -> None:
        query = (
            select(tables.counter.c.code, tables.call.c.ticket_id)
            .join(tables.call, tables.call.c.counter_id == tables.counter.c.id)
            .where(tables.call.c.ended_at.is_(None))
        )
        open_calls = {row.code: row.ticket_id for row in self.hall.rows(query)}
        assert open_calls == {code: visitor.id for code, visitor in self.at.items() if visitor}

    @invariant()
    def calls_have_no_gap(self) -> None:
        seqs = [row.seq for row in self.hall.rows(select(tables.call.c.seq).order_by(tables.call.c.id))]
        assert seqs == list(range(1, self.calls + 1))


def test_in_any_order_the_hall_does_what_the_model_says(sqlite_template: Path) -> None:
    machine = type("AnyOrder", (Hall,), {"template": sqlite_template, "folder": sqlite_template.parent})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
