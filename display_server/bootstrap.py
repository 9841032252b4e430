"""From settings to a site that can serve."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_fixed

from config.settings import BackupSettings, Settings
from display_server.db.copies import back_up_before_upgrade
from display_server.db.copies.consistency import unsound_centres
from display_server.db.copies.temporary_files import gone_when_it_fails
from display_server.db.engine import (
    DatabaseError,
    DatabaseUnavailableError,
    known_url,
    open_engine,
    read_transaction,
    translate_errors,
)
from display_server.db.schema.migrate import HEAD, current_revision, needs_upgrade, upgrade
from display_server.services.core.context import Clock, ServerContext, utc_now
from display_server.services.devices.devices import revoked_devices
from display_server.services.displays.hall import hall_state, hall_versions
from display_server.services.keys.commitments import encrypt_moved
from display_server.services.keys.hall_keys import open_keys
from display_server.services.keys.keys import Keys
from display_server.services.recovery.epoch_letters import given_in
from display_server.services.recovery.kept_epochs import file_beside, note
from display_server.services.staff.sessions import ended_sessions

RETRY_SECONDS = 2.0  # between two attempts at a database that is away

log = logging.getLogger(__name__)


def wait_for_site(settings: Settings) -> ServerContext:
    """`create_context` for a server that starts with the machine: a database server that is away is waited for."""
    for attempt in Retrying(
        retry=retry_if_exception_type(DatabaseUnavailableError), wait=wait_fixed(RETRY_SECONDS), before_sleep=_say_why
    ):
        with attempt:
            return create_context(settings, create=True)
    raise AssertionError  # never: it is tried until it is there


def _say_why(attempt: RetryCallState) -> None:
    error = attempt.outcome.exception() if attempt.outcome else None
    log.warning("waiting for the database: %s", error)


def create_context(
    settings: Settings, clock: Clock = utc_now, keys: Keys | None = None, *, create: bool = False
) -> ServerContext:
    """The database, brought up to date, and everything that services need. `keys`: None takes those of the key file.

    `create`: whether a database that is not there, or has no hall's tables, is made into one.
    Raises `DatabaseError`, `KeyFileError`.
    """
    engine = open_engine(settings.server.database, create=create)
    try:
        with translate_errors(engine.url):
            _bring_up_to_date(engine, settings.backup, clock, create=create)
            _refuse_unsound(engine)
            if keys is None:
                keys = open_keys(engine, settings.server.key_file)
                encrypt_moved(engine, keys)
            site = ServerContext(engine, settings, keys, clock)
    except BaseException:
        engine.dispose()
        raise
    site.hub.build = lambda centre_id: hall_state(site, centre_id)
    site.hub.versions = lambda centre_ids: hall_versions(site, centre_ids)
    site.hub.revoked = lambda device_ids: revoked_devices(site, device_ids)
    site.hub.ended = lambda session_ids: ended_sessions(site, session_ids)
    return site


def _bring_up_to_date(engine: Engine, backup: BackupSettings, clock: Clock, *, create: bool) -> None:
    if not needs_upgrade(engine):
        return
    if current_revision(engine) is None:
        if not create:
            shown = engine.url.render_as_string(hide_password=True)
            raise DatabaseError(f"{shown}: holds no hall yet: motcua import FOLDER brings a centre in")
    elif copy := back_up_before_upgrade(engine, clock(), backup.folder, backup.recipients):
        log.info("the schema changes to %s; the database as it was: %s", HEAD, copy)
    upgrade(engine)


def _refuse_unsound(engine: Engine) -> None:
    with read_transaction(engine) as connection:
        found = list(unsound_centres(connection))
    if found:
        shown = engine.url.render_as_string(hide_password=True)
        raise DatabaseError(f"{shown}: {found[0]}: nothing was changed")


def begin_service(site: ServerContext) -> None:
    """What a server does before it serves; commands beside it leave days and epochs to it."""
    site.activity.started = site.clock()
    note_epochs(site)


def note_epochs(site: ServerContext) -> None:
    """What the last restore gave this database is kept beside the key file, for the next restore."""
    with site.read() as connection:
        given = given_in(connection)
    note(file_beside(site.settings.server.key_file), given, site.clock())


@contextmanager
def nothing_left_behind(settings: Settings) -> Iterator[None]:
    """A database that was not there before is taken away again when what follows fails."""
    with gone_when_it_fails(known_url(settings.server.database)):
        yield
