"""What a kiosk fetches: everything it shows, and what it needs to go on alone."""

import zlib

from sqlalchemy import Connection, select

from display_server.services.actors import Actor
from display_server.services.catalogue import Catalogue, Department, Procedure
from display_server.services.load import Load, waiting_by_department
from display_server.services.site import Site
from display_server.services.views import (
    CentreView,
    DepartmentView,
    LimitView,
    PriorityReasonView,
    ProcedureView,
    SlipView,
)
from display_server.services.waits import wait_to_join
from display_server.store import tables


def centre_view(site: Site, actor: Actor, known: int | None = None) -> CentreView:
    """The actor's centre as of now. `known`: the catalogue whose procedures the asker holds already."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, actor.centre_id)
        version = connection.execute(
            select(tables.centre.c.version).where(tables.centre.c.id == actor.centre_id)
        ).scalar_one()
        now = site.clock()
        always = site.settings.server.always_open
        is_open = always or catalogue.hours.is_open(now)
        return CentreView(
            code=catalogue.code,
            name=catalogue.name,
            short=catalogue.short,
            address=catalogue.address,
            timezone=catalogue.timezone,
            languages=catalogue.languages,
            version=version,
            catalogue=catalogue.version,
            now=now,
            open=is_open,
            closes_at=None if always else catalogue.hours.closes_at(now),
            opens_at=None if is_open else catalogue.hours.opens_at(now),
            hours=catalogue.weekly_hours,
            departments=_departments(site, connection, catalogue, actor, is_open=is_open),
            procedures=None if known == catalogue.version else _procedures(catalogue),
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


def _departments(
    site: Site, connection: Connection, catalogue: Catalogue, actor: Actor, *, is_open: bool
) -> list[DepartmentView]:
    day = catalogue.hours.business_day(site.clock())
    waiting = waiting_by_department(connection, catalogue, day)
    load = site.loads.get(connection, catalogue, day)
    return [
        _department(site, catalogue, load, department, actor, waiting[department.code], is_open=is_open)
        for department in catalogue.departments.values()
    ]


def _department(
    site: Site,
    catalogue: Catalogue,
    load: Load,
    department: Department,
    actor: Actor,
    waiting: int,
    *,
    is_open: bool,
) -> DepartmentView:
    wait, no_wait = wait_to_join(site, catalogue, load, department.code, waiting)
    return DepartmentView(
        code=department.code,
        prefix=department.prefix,
        offline_prefix=offline_prefix(department, actor),
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


def offline_prefix(department: Department, actor: Actor) -> str | None:
    """The prefix of the numbers that this kiosk gives out by itself: the department's, and the kiosk's letter."""
    return department.prefix + actor.offline_letter if actor.offline_letter else None


def _procedure(procedure: Procedure) -> ProcedureView:
    return ProcedureView(
        code=procedure.code,
        department=procedure.department,
        name=procedure.name,
        short=procedure.short,
        limit=LimitView(
            value=procedure.limit_value,
            unit=procedure.limit_unit,
            note=procedure.limit_note,
        ),
        minutes=procedure.minutes,
        papers=procedure.papers,
        also=procedure.also,
        official_code=procedure.official_code,
    )
