"""A kiosk that runs for a year forgets as one that is started each day."""

from pathlib import Path

import pytest

from config.settings import load_settings
from kiosk.core import core as machine
from kiosk.core.core import FORGET_EVERY_SECONDS, KioskCore
from tests.kiosk.driver import until


def test_old_requests_and_slips_go_every_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FORGET_EVERY_SECONDS == 24 * 3600
    monkeypatch.setattr(machine, "FORGET_EVERY_SECONDS", 0.05)
    settings = load_settings(
        kiosk={"data_dir": str(tmp_path / "data"), "server_url": "http://127.0.0.1:9", "token": "t"},
        printer={"url": f"virtual://{tmp_path}/paper"},
    )
    kiosk = KioskCore(settings, lambda: None)
    forgotten: list[str] = []
    monkeypatch.setattr(kiosk.journal, "purge_before", lambda *_: forgotten.append("requests") or 0)
    monkeypatch.setattr(kiosk.printer, "forget_old", lambda: forgotten.append("slips"))
    kiosk.start()
    try:
        until(lambda: forgotten.count("requests") > 2 and forgotten.count("slips") > 2, "again and again")
    finally:
        kiosk.stop()
