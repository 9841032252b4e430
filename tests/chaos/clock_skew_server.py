"""The real server with a wall clock that a file sets wrong. Only tests start it.

python -m tests.chaos.clock_skew_server FILE, then the arguments of `motcua`. FILE: how many seconds the clock is ahead.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path


def main() -> None:
    file, sys.argv = Path(sys.argv[1]), ["motcua", *sys.argv[2:]]

    from gevent import monkey

    monkey.patch_all()

    from config.cli import main as motcua
    from display_server.services.core.context import ServerContext

    def wrong_now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text(encoding="utf-8")))

    make = ServerContext.__post_init__

    def make_with_wrong_clock(site: ServerContext) -> None:
        make(site)
        site.clock = wrong_now

    ServerContext.__post_init__ = make_with_wrong_clock  # type: ignore[method-assign]
    motcua()


if __name__ == "__main__":
    main()
