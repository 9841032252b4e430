"""Which columns hold encrypted text: all of them are written anew when the keys change."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column

from display_server.db.tables import audit_text, second_factor


@dataclass(frozen=True)
class EncryptedColumn:
    """A text column of Fernet tokens or NULL. `lookup`: a column beside it with the HMAC of the same text, if any.

    `as_looked_up`: what brings the text into the form that is looked up, such as a phone's digits alone.
    """

    column: Column[Any]
    lookup: Column[Any] | None = None
    as_looked_up: Any = str  # a function of the text

    @property
    def name(self) -> str:
        return f"{self.column.table.name}.{self.column.name}"


# A new encrypted column needs a line here.
ENCRYPTED: tuple[EncryptedColumn, ...] = (
    EncryptedColumn(audit_text.c.text),
    EncryptedColumn(second_factor.c.secret),
)
