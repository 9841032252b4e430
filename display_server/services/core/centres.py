"""Which centres this server serves, and the catalogue of one."""

from sqlalchemy import select

from display_server.db.tables import centre
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.context import ServerContext
from display_server.services.errors import NotFound, WhichCentre


def get_catalogue(site: ServerContext, centre_id: int) -> Catalogue:
    with site.read() as connection:
        return site.catalogue(connection, centre_id)


def find_centre(site: ServerContext, code: str | None) -> int:
    """The id of the centre `code`; None takes the only (or first) one. Raises `NotFound`."""
    query = select(centre.c.id).order_by(centre.c.id).limit(1)
    if code is not None:
        query = query.where(centre.c.code == code)
    with site.read() as connection:
        found = connection.execute(query).scalar()
    if found is None:
        raise NotFound(f"there is no centre {code!r}" if code else "no centre has been imported: motcua import DIR")
    return int(found)


def only_centre(site: ServerContext, code: str | None) -> int:
    """The id of the centre `code`; None takes the only one. A command must not choose among several.

    Raises `NotFound`, `WhichCentre`.
    """
    if code is None:
        with site.read() as connection:
            codes = connection.execute(select(centre.c.code).order_by(centre.c.id)).scalars().all()
        if len(codes) > 1:
            raise WhichCentre(f"there are several centres, name one with --centre CODE: {', '.join(codes)}")
    return find_centre(site, code)


def list_centre_ids(site: ServerContext) -> list[int]:
    """The ids of all centres that this server serves."""
    with site.read() as connection:
        return list(connection.execute(select(centre.c.id).order_by(centre.c.id)).scalars())
