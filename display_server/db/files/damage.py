"""Is what stands in the database's file still what was written?"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine


def damage_in(engine: Engine) -> str:
    """What SQLite finds broken in the structure of the whole file, one line; empty: nothing, or it is PostgreSQL.

    Reads the whole file: seconds for a large one.
    """
    if engine.dialect.name != "sqlite":
        return ""
    file = Path(str(engine.url.database))
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError:
        return ""  # busy or away: what meets it says so
    except sqlite3.DatabaseError as error:
        found = str(error)
    return "" if found == "ok" else found.strip().splitlines()[-1]
