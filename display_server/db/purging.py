"""After an erasing: what the database still has of it in its own files."""

from contextlib import closing

from sqlalchemy import Engine, text

TABLES = ("audit_text", "ticket", "staff", "request")


def purge(engine: Engine) -> None:
    """Rows that were erased leave the files now: SQLite's log of writes, PostgreSQL's dead rows.

    Backups and a server's own archive of writes keep them until they are too old themselves.
    """
    if engine.dialect.name == "sqlite":
        # Erased rows were overwritten in the pages (`secure_delete`); older pages may stand in the -wal.
        with closing(engine.raw_connection()) as connection:  # where somebody reads, the next one does it
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in TABLES:
            connection.execute(text(f"VACUUM {table}"))
