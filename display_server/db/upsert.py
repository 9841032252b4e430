"""INSERT … ON CONFLICT DO UPDATE for both databases, built once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite


class Upsert:
    """Insert a row of `table`, or set `again` on the one that has the same `key`; `returning` comes back."""

    def __init__(self, table: Table, key: Sequence[str], again: dict[str, Any], *returning: Any) -> None:
        self._statements = {
            "sqlite": sqlite.insert(table).on_conflict_do_update(index_elements=key, set_=again).returning(*returning),
            "postgresql": postgresql.insert(table)
            .on_conflict_do_update(index_elements=key, set_=again)
            .returning(*returning),
        }

    def run(self, connection: Connection, values: dict[str, Any]) -> Any:
        """The first `returning` column of the row as it is now."""
        return connection.execute(self._statements[connection.dialect.name], values).scalar_one()

    def run_all(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> Sequence[Row[Any]]:
        """The `returning` columns of all rows as they are now, in any order."""
        return connection.execute(self._statements[connection.dialect.name], rows).all()
