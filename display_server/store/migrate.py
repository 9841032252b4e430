"""The schema's versions. A server brings an older database up to date and refuses a newer one."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from display_server.store.engine import DatabaseError

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0021"


def current_revision(engine: Engine) -> str | None:
    """The revision that the database is at, None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine) -> None:
    """Bring the database to `HEAD`. Raises `DatabaseError` when it is newer than this Motcua."""
    revision = current_revision(engine)
    if revision == HEAD:
        return
    if revision is not None and not list((MIGRATIONS / "versions").glob(f"{revision}_*.py")):
        shown = engine.url.render_as_string(hide_password=True)
        raise DatabaseError(f"{shown}: its schema {revision} is newer than this Motcua ({HEAD}): install the newer one")
    run(engine, HEAD)


def run(engine: Engine, revision: str, *, down: bool = False) -> None:
    """Run the migrations up (or down) to `revision`."""
    from alembic import command  # noqa: PLC0415 - a third of the server's start-up, and seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    if down:
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)
