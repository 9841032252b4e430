"""The real server, which dies by kill -9 at a named step. Only tests start it.

python -m tests.faults.server_failpoints STEP, then the arguments of `motcua`.
"""

import os
import signal
import sys
from typing import Any

STEPS = (
    "asked, nothing done",
    "ticket made, not committed",
    "committed, not answered",
    "hand-in asked, nothing done",
    "handed in, not answered",
)


def main() -> None:
    wanted, sys.argv = sys.argv[1], ["motcua", *sys.argv[2:]]

    from gevent import monkey

    monkey.patch_all()

    from config.cli import main as motcua
    from display_server.services.tickets import issuing
    from display_server.web.api import kiosk as kiosk_api

    def at(step: str) -> None:
        if step == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    issue, make, hand_in = kiosk_api.issue, issuing._make, kiosk_api.sync_offline_tickets

    def stepped_issue(*args: Any) -> Any:
        at("asked, nothing done")
        answer = issue(*args)
        at("committed, not answered")
        return answer

    def stepped_make(*args: Any) -> Any:
        rows = make(*args)
        at("ticket made, not committed")
        return rows

    def stepped_hand_in(*args: Any) -> Any:
        at("hand-in asked, nothing done")
        results = hand_in(*args)
        at("handed in, not answered")
        return results

    kiosk_api.issue = stepped_issue
    issuing._make = stepped_make
    kiosk_api.sync_offline_tickets = stepped_hand_in
    motcua()


if __name__ == "__main__":
    main()
