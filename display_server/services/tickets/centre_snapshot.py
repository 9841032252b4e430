"""What a kiosk fetches: everything it shows, and what it needs to go on alone."""

import zlib

from sqlalchemy import Connection, select

from display_server.db import tables
from display_server.services.catalogue.catalogue import Catalogue, Department, Procedure
from display_server.services.catalogue.queue_load import QueueLoad, waiting_by_department
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now, is_open_on
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import (
    CentreView,
    DepartmentView,
    ElsewhereView,
    PriorityReasonView,
    ProcedureView,
    ProcessingTimeView,
    SlipView,
)
from display_server.services.recovery.offline_letters import last_numbers, letter_of
from display_server.services.tickets.wait_estimates import wait_to_join


def centre_view(
    site: ServerContext, actor: Actor, known: int | None = None, journal: str | None = None, held: str | None = None
) -> CentreView:
    """The actor's centre as of now. `known`: the catalogue whose procedures the asker holds already.

    `journal`, `held`: of a kiosk, as `letters.letter_of` takes them.
    """
    letter = letter_of(site, actor, journal, held)
    with site.read() as connection:
        catalogue = site.catalogue(connection, actor.centre_id)
        row = connection.execute(
            select(tables.centre.c.version, tables.centre.c.epoch).where(tables.centre.c.id == actor.centre_id)
        ).one()
        now = site.clock()
        always = site.settings.server.always_open
        day = day_now(site, connection, catalogue)
        is_open = is_open_on(site, catalogue, now, day)
        knows_the_time = catalogue.hours.business_day(now) >= day
        return CentreView(
            code=catalogue.code,
            name=catalogue.name,
            short=catalogue.short,
            address=catalogue.address,
            timezone=catalogue.timezone,
            languages=catalogue.languages,
            version=row.version,
            epoch=row.epoch,
            catalogue=catalogue.version,
            now=now,
            business_day=day,
            open=is_open,
            closes_at=None if always or not knows_the_time else catalogue.hours.closes_at(now),
            opens_at=None if is_open else catalogue.hours.opens_at(now),
            hours=catalogue.weekly_hours,
            departments=_departments(site, connection, catalogue, letter, is_open=is_open),
            procedures=None if known == catalogue.version else _procedures(catalogue),
            elsewhere=None if known == catalogue.version else _elsewhere(catalogue),
            priority_reasons=[
                PriorityReasonView(
                    code=reason.code, name=reason.name, pictogram=reason.pictogram, from_age=reason.from_age
                )
                for reason in catalogue.reasons.values()
            ],
            slip=SlipView(note=catalogue.slip_note),
            emblem=_emblem_address(catalogue),
        )


def _emblem_address(catalogue: Catalogue) -> str | None:
    if catalogue.emblem is None:
        return None
    return f"/api/v1/centre/emblem?centre={catalogue.code}&v={zlib.crc32(catalogue.emblem):08x}"


def _procedures(catalogue: Catalogue) -> list[ProcedureView]:
    return [_procedure(procedure) for procedure in catalogue.procedures.values()]


def _elsewhere(catalogue: Catalogue) -> list[ElsewhereView]:
    return [ElsewhereView(said=one.said, what=one.what, office=one.office) for one in catalogue.elsewhere]


def _departments(
    site: ServerContext, connection: Connection, catalogue: Catalogue, letter: str | None, *, is_open: bool
) -> list[DepartmentView]:
    day = day_now(site, connection, catalogue)
    waiting = waiting_by_department(connection, catalogue, day)
    load = site.load_cache.get(connection, catalogue, day)
    own = {code: offline_prefix(department, letter) for code, department in catalogue.departments.items()}
    last = last_numbers(connection, catalogue.centre_id, day, [prefix for prefix in own.values() if prefix])
    return [
        _department(
            site, catalogue, load, department, own[department.code], last, waiting[department.code], is_open=is_open
        )
        for department in site.usage.in_order(connection, catalogue, day)
    ]


def _department(
    site: ServerContext,
    catalogue: Catalogue,
    load: QueueLoad,
    department: Department,
    own: str | None,
    last: dict[str, int],
    waiting: int,
    *,
    is_open: bool,
) -> DepartmentView:
    wait, no_wait = wait_to_join(site, catalogue, load, department.code, waiting)
    return DepartmentView(
        code=department.code,
        prefix=department.prefix,
        offline_prefix=own,
        offline_last=last.get(own or "", 0),
        name=department.name,
        short=department.short,
        area=department.area,
        pictogram=department.pictogram,
        open=is_open,
        waiting=waiting,
        wait=wait,
        no_wait=no_wait,
        counters=list(department.counters),
    )


def offline_prefix(department: Department, letter: str | None) -> str | None:
    """The prefix of the numbers that a kiosk gives out by itself: the department's, and the kiosk's letter."""
    return department.prefix + letter if letter else None


def _procedure(procedure: Procedure) -> ProcedureView:
    return ProcedureView(
        code=procedure.code,
        department=procedure.department,
        name=procedure.name,
        short=procedure.short,
        limit=ProcessingTimeView(
            value=procedure.limit_value,
            unit=procedure.limit_unit,
            note=procedure.remarks.words,
            until=procedure.remarks.until,
        ),
        minutes=procedure.minutes,
        papers=procedure.papers,
        also=procedure.also,
        official_code=procedure.official_code,
        fee=procedure.remarks.fee,
        form=procedure.remarks.form,
    )
