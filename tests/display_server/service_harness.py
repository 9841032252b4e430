"""The small centre at work: its services on a real database, and a clock that the test moves."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.sql import Select

from config.centre.loader import Centre
from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.calling.calls import call_next, call_ticket
from display_server.services.calling.counter_view import counter_view
from display_server.services.calling.visit_actions import TransferTarget, perform_action, undo
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.actors import Actor
from display_server.services.core.centres import find_centre
from display_server.services.core.schemas import CallView, CounterView, HallView, OfflineResult, TicketView
from display_server.services.devices.devices import DeviceAuthenticator, DeviceKind, add_device
from display_server.services.displays.hall import hall_snapshot
from display_server.services.staff.staff import Role, add_staff
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.offline_sync import OfflineTicket, sync_offline_tickets
from display_server.services.tickets.tickets import TicketRequest, get_ticket
from tests.server_process import new_id

MONDAY_AT_EIGHT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # eight o'clock in Vietnam


class Clock:
    def __init__(self, now: datetime = MONDAY_AT_EIGHT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class ServiceHarness:
    """`prepare` once (a template database), then `ServiceHarness` on each copy of it."""

    def __init__(
        self, database: str, centre: str = "nho", now: datetime = MONDAY_AT_EIGHT, **settings: dict[str, Any]
    ) -> None:
        self.database, self.clock = database, Clock(now)
        sections = {"server": {"database": database}, **settings}
        self.site = create_context(load_settings(**sections), self.clock)
        self.centre_id = find_centre(self.site, centre)
        self.clerk = Actor("staff", 1, "Lan", self.centre_id, role="clerk")
        self.kiosk = self.device("kiosk")

    @staticmethod
    def prepare(database: str, centre: Centre, *kiosks: str) -> None:
        site = create_context(load_settings(server={"database": database}), Clock(), create=True)
        import_centre(site, centre)
        for name in kiosks or ("kiosk",):
            add_device(site, find_centre(site, centre.code), DeviceKind.KIOSK, name, None)
        site.engine.dispose()

    def employ(self, *names: str) -> None:
        """Members of staff, numbered from 1: with these the log shows their names."""
        for name in names:
            add_staff(self.site, self.centre_id, name, Role.CLERK, "mot cua hai cua")

    def close(self) -> None:
        self.site.engine.dispose()

    def rows(self, query: Select[Any]) -> list[Any]:
        with self.site.read() as connection:
            return list(connection.execute(query))

    def device(self, name: str) -> Actor:
        table = tables.device
        row = self.rows(select(table).where(table.c.name == name, table.c.centre_id == self.centre_id))[0]
        return Actor(row.kind, row.id, row.name, row.centre_id, row.counter_id, offline_letter=row.offline_letter)

    def enrol(self, kind: str, name: str, counter: str | None = None) -> Actor:
        token = add_device(self.site, self.centre_id, DeviceKind(kind), name, counter)
        return DeviceAuthenticator(self.site).actor(token)

    def take(self, department: str = "HT", request_id: str | None = None, **wish: Any) -> TicketView:
        return self.issue(department, request_id, **wish)[0]

    def issue(self, department: str = "HT", request_id: str | None = None, **wish: Any) -> tuple[TicketView, bool]:
        return issue(self.site, self.kiosk, TicketRequest(request_id or new_id(), department, **wish))

    def next(self, counter: str = "1", request_id: str | None = None) -> CallView | None:
        answer = call_next(self.site, self.clerk, counter, request_id or new_id())
        return answer.call if answer is not None else None

    def next_number(self, counter: str = "1") -> str | None:
        call = self.next(counter)
        return call.number if call is not None else None

    def call(self, counter: str, number: str | None = None, ticket_id: int | None = None) -> CallView:
        answer = call_ticket(self.site, self.clerk, counter, number=number, ticket_id=ticket_id, request_id=new_id())
        assert answer is not None
        assert answer.call is not None
        return answer.call

    def step(self, step: Action, counter: str = "1", request_id: str | None = None, **more: Any) -> CallView:
        answer = perform_action(self.site, self.clerk, counter, step, request_id or new_id(), **more)
        assert answer is not None
        assert answer.call is not None
        return answer.call

    def transfer(self, from_counter: str, **target: Any) -> CallView:
        return self.step(Action.TRANSFER, from_counter, target=TransferTarget(**target))

    def undo(self, counter: str = "1", request_id: str | None = None) -> CallView | None:
        answer = undo(self.site, self.clerk, counter, request_id or new_id())
        assert answer is not None
        return answer.call

    def hand_in(self, *papers: OfflineTicket, kiosk: Actor | None = None) -> list[OfflineResult]:
        return sync_offline_tickets(self.site, kiosk or self.kiosk, papers)

    def ticket(self, ticket_id: int) -> Any:
        """The ticket with its history."""
        return get_ticket(self.site, self.clerk, ticket_id)

    def state(self, ticket_id: int) -> str:
        return str(self.ticket(ticket_id).state)

    def actions(self, ticket_id: int) -> list[str]:
        return [entry.action for entry in self.ticket(ticket_id).history]

    def counter(self, code: str = "1") -> CounterView:
        return counter_view(self.site, self.clerk, code)

    def hall(self) -> HallView:
        return hall_snapshot(self.site, self.centre_id)

    def drain(self, counter: str = "1") -> list[str]:
        """Everybody who waits for the counter, in the order in which they are called."""
        numbers = []
        while (number := self.next_number(counter)) is not None:
            numbers.append(number)
        return numbers
