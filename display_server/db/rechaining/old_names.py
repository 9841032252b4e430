"""Migration 0016: which texts and names a line of the audit log held, and whose ids take their place. Frozen."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from display_server.db.rechaining.tables import device, journal, staff

Line = dict[str, Any]
LONGEST_NAME = 64
OF_STAFF = frozenset({"staff_added", "staff_changed", "password_reset", "signed_out_all"})
OF_DEVICES = frozenset({"device_added", "device_changed", "device_revoked", "token_renewed"})
FIRST_DAY, LAST_DAY = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Names:
    """Ids by name as far as a name means one of them; another name stays, as a text beside its line."""

    def __init__(self, connection: Connection) -> None:
        self._staff = {row.name: row.id for row in connection.execute(select(staff.c.id, staff.c.name))}
        self._devices: dict[tuple[int, str], list[Row[Any]]] = {}
        self._device_names: dict[int, str] = {}
        for row in connection.execute(select(device)):
            self._device_names[row.id] = row.name
            for name in _names_of(row):
                self._devices.setdefault((row.centre_id, name), []).append(row)
        renamed = select(journal.c.centre_id, journal.c.details).where(journal.c.action == "device_changed")
        self._renamed = {
            (row.centre_id, row.details[key])
            for row in connection.execute(renamed)
            for key in ("name", "was")
            if isinstance(row.details, dict) and row.details.get("was") and isinstance(row.details.get(key), str)
        }

    def take_out(self, line: Line) -> Line:
        """The texts of the line by field, taken out of it; `actor_id` and `details` become what they are from now."""
        texts: Line = {}
        line["actor_id"] = self._actor_id(line, texts)
        if line["address"] and line["actor_kind"] == "staff" and line["counter_id"] is None:
            texts["address"] = line["address"]  # at a counter, the counter says from where
        if isinstance(line["details"], dict):
            line["details"] = self._details(line, dict(line["details"]), texts) or None
        return {name: text for name, text in texts.items() if text}

    def _actor_id(self, line: Line, texts: Line) -> int:
        kind, name = line["actor_kind"], line["actor"]
        if kind in ("system", "anyone"):
            return 0
        found = self._staff.get(name) if kind == "staff" else self._device_id(line, name, kind)
        if found is None:
            texts["actor"] = name
        return found or 0

    def _device_id(self, line: Line, name: Any, kind: str | None = None) -> int | None:
        """The one device that had the name at the moment of the line; None where a name was passed on."""
        if not isinstance(name, str) or (line["centre_id"], name) in self._renamed:
            return None
        found = [
            row
            for row in self._devices.get((line["centre_id"], name), [])
            if kind in (None, row.kind) and _utc(row.created_at, FIRST_DAY) <= line["at"]
            and line["at"] <= _utc(row.revoked_at, LAST_DAY)
        ]  # fmt: skip
        return found[0].id if len(found) == 1 else None

    def _details(self, line: Line, details: Line, texts: Line) -> Line:
        action = line["action"]
        if action in OF_STAFF:
            name = details.pop("name", None)
            member = self._staff.get(name) if isinstance(name, str) else None
            texts |= {"name": name} if action == "staff_added" or member is None else {}
            return details | ({"member": member} if member is not None else {})
        if action in OF_DEVICES:
            texts |= {"device": details.pop("name", None), "device_was": details.pop("was", None)}
            found = self._device_id(line, texts["device"])
            return details | ({"id": found} if found else {})
        for name in ("device", "kiosk"):  # a PIN's sign-in, a reprint
            if isinstance(details.get(name), str):
                text = details.pop(name)
                found = self._device_id(line, text)
                details |= {"device": found} if found else {}
                texts |= {} if found else {"device": text}
        return _texts(action, details, texts)

    def put_back(self, line: Line, texts: Line) -> None:
        """`actor`, `address` and `details` as they were, as far as the texts are still there."""
        details = dict(line["details"] or {})
        known = self._known(line)
        left = {name: text for name, text in texts.items() if text is not None}
        # The older form has no room here for a text that is encrypted.
        actor, address = left.pop("actor", known), left.pop("address", None)
        line["actor"] = (actor if isinstance(actor, str) else known)[:LONGEST_NAME]
        line["address"] = address if isinstance(address, str) else None
        if line["action"] in OF_STAFF and (member := details.pop("member", None)):
            left["name"] = self._staff_name(member)
        if gone := details.pop("gone", None):  # commitments, which the older form has not
            details["count"] = len(gone)
        if "device_was" in left:
            left["was"] = left.pop("device_was")
        if "device" in left and line["action"] in OF_DEVICES:
            left["name"] = left.pop("device")
        if "announcement" in left:
            left["text"] = left.pop("announcement")
        line["details"] = (details | left) or None

    def _known(self, line: Line) -> str:
        kind, number = line["actor_kind"], line["actor_id"]
        if kind in ("system", "anyone"):
            return "motcua" if kind == "system" else "anyone"
        return self._staff_name(number) if kind == "staff" else self._device_names.get(number, f"#{number}")

    def _staff_name(self, number: int) -> str:
        return next((name for name, each in self._staff.items() if each == number), f"#{number}")


def _names_of(row: Row[Any]) -> Iterator[str]:
    """As it is now; what was revoked got its number behind its name (services/device_list.py)."""
    yield row.name
    if row.revoked_at is not None and row.name.endswith(f" #{row.id}"):
        yield row.name.removesuffix(f" #{row.id}")


def _texts(action: str, details: Line, texts: Line) -> Line:
    if "note" in details:
        texts["note"] = details.pop("note")
    if action.startswith("counter_") and "reason" in details:
        texts["reason"] = details.pop("reason")
    if action == "priority_set" and "priority" in details:
        texts["priority"] = details.pop("priority")
    if action.startswith("announce") and "text" in details:
        text = details.pop("text")
        is_kept = isinstance(text, dict) and "encrypted" in text
        texts["announcement"] = text if is_kept or isinstance(text, str) else _as_text(text)
    return details


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _utc(at: datetime | None, otherwise: datetime) -> datetime:
    if at is None:
        return otherwise
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
