"""Does the server that was started do its work?"""

import http.client
import re
import time
import tomllib

from config.installer.errors import InstallError
from config.installer.layout import Layout

HEALTH_SECONDS = 60.0
PAUSE_SECONDS = 0.25
OK = 200


def wait_until_healthy(layout: Layout, units: list[str], seconds: float = HEALTH_SECONDS) -> None:
    """`/healthz` of each server among `units`, until it says yes. Raises `InstallError` with what was said last."""
    deadline = time.monotonic() + seconds
    for port in _ports(layout, units):
        while (said := _asked(port)) and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
        if said:
            raise InstallError(f"the server is not healthy after {seconds:.0f} s: {said}")


def _ports(layout: Layout, units: list[str]) -> list[int]:
    """motcua-server@8001.service has it in its name, motcua-server.service in the site's settings."""
    settings = tomllib.loads(layout.settings.read_text(encoding="utf-8"))
    usual = int(settings.get("server", {}).get("port", 8000))
    found = [re.fullmatch(r"motcua-server(?:@(\d+))?\.service", unit) for unit in units]
    return [int(match[1] or usual) for match in found if match]


def _asked(port: int) -> str:
    """What is wrong; empty when nothing is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return f"127.0.0.1:{port}: {error}"
    finally:
        connection.close()
    return "" if answer.status == OK else f"status {answer.status}: {text[:200]}"
