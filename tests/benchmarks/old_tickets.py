"""Years of visits that are over, written by the database itself: each a ticket, a call and three lines of the journal.

The lines' hashes are random: `motcua audit verify` would say so.
"""

import sqlite3
from contextlib import closing

import psycopg

A_DAY = 600  # visits, over all departments

# What differs between the two databases.
_SQLITE = {
    "day": "date('now', '-' || (1 + i / {a_day}) || ' days')",
    "hash": "lower(hex(randomblob(32)))",
    "at": "datetime('now', '-' || (1 + i / {a_day}) || ' days')",
    "no": "0",
}
_POSTGRES = {
    "day": "current_date - (1 + i / {a_day})",
    "hash": "md5(i::text) || md5((-i)::text)",
    "at": "now() - (1 + i / {a_day}) * interval '1 day'",
    "no": "false",
}
_VISITS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
_PREPARE = (
    (
        "CREATE TEMPORARY TABLE queue AS SELECT id, prefix, row_number() OVER (ORDER BY id) - 1 AS k FROM department"
        " WHERE active"
    ),
    "CREATE TEMPORARY TABLE desk AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS k FROM counter WHERE active",
)
_FILL = (
    (
        "INSERT INTO ticket (centre_id, request_id, wish, business_day, prefix, number, department_id, is_priority,"
        " language, state, place, itinerary, transferred, no_shows, offline, issued_at) {visits}"
        ' SELECT (SELECT min(id) FROM centre), {hash}, \'["HT", null, null, "vi"]\', {day}, prefix,'
        " 1 + i % {a_day} / {queues}, id, {no}, 'vi', 'finished', i, '[]', {no}, 0, {no}, {at}"
        " FROM n JOIN queue ON k = i % {queues}"
    ),
    (
        "INSERT INTO call (centre_id, seq, ticket_id, counter_id, department_id, number, recall, reason, called_at,"
        " first_called_at, started_at, ended_at, outcome, clerk_id) {visits}"
        " SELECT (SELECT min(id) FROM centre), i + 1, {first} + i, desk.id, queue.id, prefix || '007', {no},"
        ' \'{{"code": "oldest", "waited_seconds": 300}}\', {at}, {at}, {at}, {at}, \'finished\', 1'
        " FROM n JOIN queue ON queue.k = i % {queues} JOIN desk ON desk.k = i % {desks}"
    ),
    (
        "INSERT INTO journal (centre_id, at, tick, business_day, action, ticket_id, number, counter_id, actor_kind,"
        " actor_id, hash) {visits}"
        " SELECT (SELECT min(id) FROM centre), {at}, i, {day}, step, {first} + i, prefix || '007', NULL, 'counter',"
        " 7, {hash} FROM n JOIN queue ON k = i % {queues}"
        " CROSS JOIN (SELECT 'issued' AS step UNION ALL SELECT 'called' UNION ALL SELECT 'finished') AS steps"
    ),
    "UPDATE centre SET call_seq = {count}",
)


def write_old_tickets(database: str, count: int) -> None:
    """Into a database (SQLAlchemy URL) with a centre and no ticket yet; takes about 10 s for each 100,000."""
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
            _write(connection, _SQLITE, count)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with psycopg.connect(database.replace("+psycopg", "")) as server:
        server.execute("SET session_replication_role = replica")  # no look at foreign keys, row by row
        _write(server, _POSTGRES, count)
        server.autocommit = True
        server.execute("VACUUM ANALYZE")  # as its own daemon does overnight


def _write(connection: sqlite3.Connection | psycopg.Connection, words: dict[str, str], count: int) -> None:
    for statement in _PREPARE:
        connection.execute(statement)
    sizes = {
        what: _one(connection, f"SELECT count(*) FROM {table}")
        for what, table in (("queues", "queue"), ("desks", "desk"))
    }
    written = {"count": count, "a_day": A_DAY, "first": 1} | sizes
    written |= {what: sql.format(**written) for what, sql in words.items()} | {"visits": _VISITS.format(**written)}
    for statement in _FILL:
        connection.execute(statement.format(**written))
    connection.commit()


def _one(connection: sqlite3.Connection | psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
