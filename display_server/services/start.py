"""From settings to a site that can serve."""

from config.settings import Settings
from display_server.services.devices import revoked_devices
from display_server.services.hall import hall_state, hall_version
from display_server.services.site import Clock, Site, utc_now
from display_server.store.engine import open_engine, told_in_one_line
from display_server.store.migrate import upgrade


def open_site(settings: Settings, clock: Clock = utc_now) -> Site:
    """The database, brought up to date, and everything that services need. Raises `DatabaseError`."""
    engine = open_engine(settings.server.database)
    with told_in_one_line(engine.url):
        upgrade(engine)
        site = Site(engine, settings, clock)
    site.hub.build = lambda centre_id: hall_state(site, centre_id)
    site.hub.version = lambda centre_id: hall_version(site, centre_id)
    site.hub.revoked = lambda centre_id: revoked_devices(site, centre_id)
    return site
