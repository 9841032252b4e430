"""The yardstick: a bare gevent + Flask handler that does one durable insert, served exactly like our server.

Run as a program it serves until it is stopped: `python -m tests.benchmarks.yardstick DATABASE_FILE`.
"""

from gevent import monkey

monkey.patch_all()

import socket
import sqlite3
import sys
from typing import Any

from flask import Flask, jsonify, request
from gevent.pywsgi import WSGIServer


class _Server(WSGIServer):
    def handle(self, sock: Any, address: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle(sock, address)


def make_app(file: str) -> Flask:
    app = Flask("yardstick")
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE ticket (id INTEGER PRIMARY KEY, request_id TEXT UNIQUE, department TEXT)")

    @app.post("/api/v1/tickets")
    def insert() -> Any:
        body = request.get_json()
        database.execute("BEGIN IMMEDIATE")
        made = database.execute(
            "INSERT INTO ticket (request_id, department) VALUES (?, ?)", (body["request_id"], body["department"])
        )
        database.execute("COMMIT")
        return jsonify(id=made.lastrowid, number=str(made.lastrowid)), 201

    return app


if __name__ == "__main__":
    server = _Server(("127.0.0.1", 0), make_app(sys.argv[1]), log=None)
    server.start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
