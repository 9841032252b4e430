"""The schema's versions. A server brings an older database up to date and refuses a newer one."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from display_server.db.engine import DatabaseError
from display_server.db.files.database_kind import why_not_a_hall

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0025"


def current_revision(engine: Engine) -> str | None:
    """The revision that the database is at, None for an empty one."""
    with engine.connect() as connection:
        return revision_in(connection)


def revision_in(connection: Connection) -> str | None:
    """The same, within a transaction."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine) -> None:
    """Bring the database to `HEAD`. Raises `DatabaseError` when it is newer than this Motcua, or another program's."""
    if needs_upgrade(engine):
        run(engine, HEAD)


def needs_upgrade(engine: Engine) -> bool:
    """Whether `upgrade` has anything to do. Raises `DatabaseError` as it does."""
    revision = current_revision(engine)
    if revision == HEAD:
        return False
    shown = engine.url.render_as_string(hide_password=True)
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
    if why := why_not_a_hall(tables):
        raise DatabaseError(f"{shown}: {why}: nothing was changed in it")
    if why := why_not_known(revision):
        raise DatabaseError(f"{shown}: {why}")
    return True


def why_not_known(revision: str | None) -> str:
    """Why a database at `revision` cannot be brought to `HEAD`; empty when it can."""
    if revision is None or list((MIGRATIONS / "versions").glob(f"{revision}_*.py")):
        return ""
    if revision.isdigit() and revision > HEAD:
        return f"its schema {revision} is newer than this Motcua ({HEAD}): install the newer one"
    return f"its schema {revision} is none of Motcua's"


def run(engine: Engine, revision: str, *, down: bool = False) -> None:
    """Run the migrations up (or down) to `revision`."""
    _run({"engine": engine}, revision, down=down)


def run_inside(connection: Connection, revision: str) -> None:
    """Run the migrations up to `revision` within the transaction that `connection` is in."""
    _run({"connection": connection}, revision, down=False)


def _run(attributes: dict[str, Any], revision: str, *, down: bool) -> None:
    from alembic import command  # noqa: PLC0415 - a third of the server's start-up, and seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(attributes)
    if down:
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)
