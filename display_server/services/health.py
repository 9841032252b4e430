"""Is the server able to do its work?"""

from sqlalchemy import update

from display_server.services.site import Site
from display_server.store import tables


def check(site: Site) -> None:
    """Takes the write lock and gives it back: fails when the database is away, full or read-only."""
    with site.write_aside() as connection:
        connection.execute(update(tables.secret).where(tables.secret.c.name == "").values(value=""))
