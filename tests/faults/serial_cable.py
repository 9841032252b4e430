"""A serial line to a printer that can be pulled out: a pseudo-terminal whose far end is the printer on TCP."""

import os
import select
import socket
import threading
from contextlib import suppress
from typing import Self

LOOK_SECONDS = 0.02
PIECE = 4096


class SerialCable:
    """`url` leads to the printer at `port`. While it is `out`, bytes are lost both ways and nobody is told: a serial
    line has no connection that could break."""

    def __init__(self, port: int) -> None:
        self.out = False
        self._printer = socket.create_connection(("127.0.0.1", port))
        self._far, self._near = os.openpty()
        self.url = f"serial://{os.ttyname(self._near)}?baud=115200"
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._printer.shutdown(socket.SHUT_RDWR)  # also a printer that takes no more holds nobody up
        self._thread.join(10)
        self._printer.close()
        os.close(self._near)
        os.close(self._far)

    def _carry(self) -> None:
        with suppress(OSError):  # the end of the test, while the kiosk still asks
            self._carry_all()

    def _carry_all(self) -> None:
        while not self._closing.is_set():
            for ready in select.select([self._far, self._printer], [], [], LOOK_SECONDS)[0]:
                if ready is self._printer:
                    answer = self._printer.recv(PIECE)
                    if not self.out:
                        os.write(self._far, answer)
                else:
                    data = os.read(self._far, PIECE)
                    if not self.out:
                        self._printer.sendall(data)
