"""Is the server able to do its work?"""

from sqlalchemy import update

from display_server.services.errors import Unavailable
from display_server.services.site import Site
from display_server.store import tables
from display_server.store.engine import DatabaseError, check_place


def check(site: Site) -> None:
    """Takes the write lock and gives it back: fails when the database is away, moved or read-only."""
    try:
        check_place(site.engine)
    except DatabaseError as error:
        raise Unavailable(str(error)) from error
    with site.write_aside() as connection:
        connection.execute(update(tables.secret).where(tables.secret.c.name == "").values(value=""))
