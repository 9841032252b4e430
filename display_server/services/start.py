"""From settings to a site that can serve."""

import logging

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_fixed

from config.settings import Settings
from display_server.services.devices import revoked_devices
from display_server.services.hall import hall_state, hall_versions
from display_server.services.hall_keys import open_keys
from display_server.services.keys import Keys
from display_server.services.site import Clock, Site, utc_now
from display_server.store.engine import DatabaseAwayError, open_engine, told_in_one_line
from display_server.store.migrate import upgrade

AWAY_SECONDS = 2.0  # between two attempts at a database that is away

log = logging.getLogger(__name__)


def wait_for_site(settings: Settings) -> Site:
    """`open_site` for a server that starts with the machine: a database server that is away is waited for."""
    for attempt in Retrying(
        retry=retry_if_exception_type(DatabaseAwayError), wait=wait_fixed(AWAY_SECONDS), before_sleep=_say_why
    ):
        with attempt:
            return open_site(settings)
    raise AssertionError  # never: it is tried until it is there


def _say_why(attempt: RetryCallState) -> None:
    error = attempt.outcome.exception() if attempt.outcome else None
    log.warning("waiting for the database: %s", error)


def open_site(settings: Settings, clock: Clock = utc_now, keys: Keys | None = None) -> Site:
    """The database, brought up to date, and everything that services need. `keys`: None takes those of the key file.

    Raises `DatabaseError`, `KeyFileError`.
    """
    engine = open_engine(settings.server.database)
    with told_in_one_line(engine.url):
        upgrade(engine)
        keys = keys or open_keys(engine, settings.server.key_file)
        site = Site(engine, settings, keys, clock)
    site.hub.build = lambda centre_id: hall_state(site, centre_id)
    site.hub.versions = lambda centre_ids: hall_versions(site, centre_ids)
    site.hub.revoked = lambda device_ids: revoked_devices(site, device_ids)
    return site
