"""The yardstick: a bare gevent + Flask handler that does one durable insert, served exactly like our server.

Run as a program it serves until it is stopped: `python -m tests.benchmarks.baseline DATABASE` (a file of SQLite, or a
postgresql: URL).
"""

from gevent import monkey

monkey.patch_all()

import socket
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

import psycopg
from flask import Flask, jsonify, request
from gevent.pywsgi import WSGIServer


class _Server(WSGIServer):
    def handle(self, sock: Any, address: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle(sock, address)


def make_app(database: str) -> Flask:
    app = Flask("yardstick")
    insert_row = _into_postgres(database) if database.startswith("postgresql:") else _into_sqlite(database)

    @app.post("/api/v1/tickets")
    def insert() -> Any:
        body = request.get_json()
        made = insert_row(body["request_id"], body["department"])
        return jsonify(id=made, number=str(made)), 201

    return app


def _into_sqlite(file: str) -> Callable[[str, str], Any]:
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE ticket (id INTEGER PRIMARY KEY, request_id TEXT UNIQUE, department TEXT)")

    def insert(*row: str) -> Any:
        database.execute("BEGIN IMMEDIATE")
        made = database.execute("INSERT INTO ticket (request_id, department) VALUES (?, ?)", row)
        database.execute("COMMIT")
        return made.lastrowid

    return insert


def _into_postgres(url: str) -> Callable[[str, str], Any]:
    database = psycopg.connect(url, autocommit=True)
    database.execute("CREATE TABLE ticket (id BIGSERIAL PRIMARY KEY, request_id TEXT UNIQUE, department TEXT)")

    def insert(*row: str) -> Any:
        made = database.execute("INSERT INTO ticket (request_id, department) VALUES (%s, %s) RETURNING id", row)
        found = made.fetchone()
        return found and found[0]

    return insert


if __name__ == "__main__":
    server = _Server(("127.0.0.1", 0), make_app(sys.argv[1]), log=None)
    server.start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
