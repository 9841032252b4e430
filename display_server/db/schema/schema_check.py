"""Does a database have exactly this Motcua's schema: its tables, columns, indexes and triggers, and nothing else?

A trigger or rule of somebody else's changes what is written; without ours the journal can be rewritten.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, inspect, text

from display_server.db.files.database_kind import why_not_a_hall
from display_server.db.tables import metadata

REFUSED = "the journal is append-only"

# What the newest schema has, by name: the statement that made it, in single blanks.
TRIGGERS = {
    "sqlite": {
        f"journal_no_{event.lower()}": f"CREATE TRIGGER journal_no_{event.lower()} BEFORE {event} ON journal "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        for event in ("UPDATE", "DELETE")
    },
    "postgresql": {
        "journal_append_only": "CREATE TRIGGER journal_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON "
        "journal FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()"
    },
}
FUNCTIONS = {
    "sqlite": {},
    "postgresql": {"journal_append_only": f"BEGIN RAISE EXCEPTION '{REFUSED}'; END"},
}

_SQLITE_TRIGGERS = text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
_SQLITE_VIEWS = text("SELECT name FROM sqlite_master WHERE type = 'view'")
_NOT_OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"
_POSTGRES_TRIGGERS = text(
    "SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid, true) ||"  # noqa: S608 - constants of ours
    " CASE t.tgenabled WHEN 'O' THEN '' ELSE ' DISABLED' END"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE NOT t.tgisinternal AND {_NOT_OURS}"
    " UNION ALL SELECT evtname, evtevent, 'event trigger' FROM pg_event_trigger"
    " UNION ALL SELECT r.rulename, c.relname, 'rule' FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class"
    f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN' AND {_NOT_OURS}"
)
_POSTGRES_FUNCTIONS = text(
    "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"  # noqa: S608
    f" WHERE {_NOT_OURS} AND p.proname = ANY(:names)"
)
_POSTGRES_VIEWS = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"  # noqa: S608
    f" WHERE c.relkind IN ('v', 'm', 'f') AND {_NOT_OURS}"
)


def problems(connection: Connection) -> list[str]:
    """What is not as the newest schema has it, one sentence each."""
    differences = _differences(connection)
    if why := why_not_a_hall(_tables(connection)):
        return [f"the database {why}"]
    return [*_trigger_problems(connection), *map(_told, differences), *_views(connection)]


def _tables(connection: Connection) -> set[str]:

    return set(inspect(connection).get_table_names())


def _differences(connection: Connection) -> Iterator[Any]:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - slow to load, and seldom needed
    from alembic.migration import MigrationContext  # noqa: PLC0415

    for found in compare_metadata(MigrationContext.configure(connection), metadata):
        yield from found if isinstance(found, list) else [found]


def _told(difference: tuple[Any, ...]) -> str:
    kind, *rest = difference
    if kind.startswith("modify_"):
        _, table, column = rest[:3]
        return f"the column {table}.{column} is not as it should be ({kind.removeprefix('modify_').replace('_', ' ')})"
    verb = "is missing" if kind.startswith("add_") else "is not Motcua's"
    thing = rest[-1]
    if kind.endswith("_column"):
        return f"the column {rest[-2]}.{thing.name} {verb}"
    if kind.endswith("_table"):
        return f"the table {thing.name} {verb}"
    what = "index" if kind.endswith("_index") else "constraint"
    return f"the {what} {thing.name} of {thing.table.name} {verb}"


def _trigger_problems(connection: Connection) -> Iterator[str]:
    kind = connection.dialect.name
    triggers = connection.execute(_SQLITE_TRIGGERS if kind == "sqlite" else _POSTGRES_TRIGGERS)
    found = {(name, table): _plain(statement) for name, table, statement in triggers}
    for (name, table), statement in sorted(found.items()):
        wanted = TRIGGERS[kind].get(name)
        if wanted is None or table not in wanted.split():
            yield f"the trigger {name} on {table} is not Motcua's"
        elif statement != wanted:
            yield f"the trigger {name} on {table} was changed"
    for name in TRIGGERS[kind].keys() - {name for name, _ in found}:
        yield f"the trigger {name} is missing: lines of the journal can be changed"
    if kind == "postgresql":
        names = {"names": list(FUNCTIONS[kind])}
        for name, source in connection.execute(_POSTGRES_FUNCTIONS, names):
            if _plain(source).rstrip(";") != FUNCTIONS[kind][name]:
                yield f"the function {name} was changed"


def _views(connection: Connection) -> Iterator[str]:
    is_sqlite = connection.dialect.name == "sqlite"
    for (name,) in connection.execute(_SQLITE_VIEWS if is_sqlite else _POSTGRES_VIEWS):
        yield f"the view {name} is not Motcua's"


def _plain(statement: str) -> str:
    """In single blanks, without the quotes and the schema's name that databases add by themselves."""
    return " ".join(statement.replace('"', "").replace("public.", "").split())
