"""What stands in the cookie of somebody who is signed in, for tests that do not try the sign-in itself."""

import time
from datetime import timedelta
from typing import Any

from display_server.services.core.context import ServerContext
from display_server.services.staff.sessions import begin_session
from display_server.services.staff.staff import member_of


def cookie_of(site: ServerContext, row: Any, how: str = "password") -> dict[str, Any]:
    """`row`: of the table staff."""
    key = begin_session(site, member_of(row), how, "127.0.0.1", "Firefox", timedelta(hours=12))
    return {"_user_id": str(row.id), "_fresh": True, "since": int(time.time()), "key": key}
