"""The keys of this server: encrypted fields, look-ups of them, signed sessions and slips' addresses.

The newest key of a purpose writes and signs; older ones still read and verify (`motcua key rotate`). The file is looked
at once a second at most: a running server takes up a changed file by itself.
"""

import hashlib
import hmac
import logging
import time
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from config.errors import MotcuaError
from display_server.services.keys import key_file
from display_server.services.keys.key_file import Key, KeyFileError, KeyRing

LOOK_SECONDS = 1.0  # the file is looked at this often

log = logging.getLogger(__name__)


class UnreadableField(MotcuaError):
    """No key of the key file opens an encrypted field: it was written under one that is missing, or changed."""


class Keys:
    """All keys of a key file; `path` None: of this process alone, kept nowhere."""

    def __init__(self, ring: KeyRing, path: Path | None = None) -> None:
        self._path = path
        self._seen = _stamp(path)
        self._looked_at = time.monotonic()
        self._take(ring)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The keys in the file. Raises `KeyFileError`, one line, when it is missing, broken or open to others."""
        return cls(key_file.read(path), path)

    @classmethod
    def temporary(cls) -> Self:
        """Fresh keys that end with this process: for commands that only look, and for tests."""
        return cls(KeyRing.made())

    @property
    def ring(self) -> KeyRing:
        """The keys as they are in the file now."""
        self._look()
        return self._ring

    def encrypt(self, text: str) -> str:
        """`text` under the newest field key, as a Fernet token (ASCII; about 4/3 of the UTF-8 bytes and 100 more)."""
        self._look()
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """The text of a token. Raises `UnreadableField` when no key fits or the token was changed."""
        try:
            return self._open(token)
        except InvalidToken:
            self._look(at_once=True)  # another process may have changed the keys a moment ago
        try:
            return self._open(token)
        except InvalidToken as error:
            raise UnreadableField("a field cannot be read: its key is missing from the key file") from error

    def is_newest(self, token: str) -> bool:
        """Whether the token was written under the newest field key."""
        self._look()
        try:
            Fernet(self._ring.field[0].key).decrypt(token.encode())
        except InvalidToken:
            return False
        return True

    def lookup(self, text: str) -> str:
        """A keyed HMAC-SHA-256 of `text`, 64 hex digits: finds an encrypted value without reading all of them.

        The caller brings the text into one form first (a phone's digits).
        """
        return self.lookups(text)[0]

    def lookups(self, text: str) -> list[str]:
        """The same under every look-up key, newest first: what `IN (…)` needs while keys are being changed."""
        self._look()
        return [_hmac(key.key, text) for key in self._ring.lookup]

    def session_keys(self) -> list[str]:
        """Oldest first, as itsdangerous takes them: the last signs, all verify."""
        self._look()
        return [key.key for key in reversed(self._ring.session)]

    def address_keys(self) -> list[str]:
        """Of the addresses on slips; oldest first, as itsdangerous takes them."""
        self._look()
        return [key.key for key in reversed(self._ring.address)]

    def fingerprints(self) -> list[str]:
        """A name for each field key, newest first; tells nothing of the key."""
        self._look()
        return [fingerprint(key) for key in self._ring.field]

    def _open(self, token: str) -> str:
        return self._fernet.decrypt(token.encode()).decode()

    def _take(self, ring: KeyRing) -> None:
        self._ring = ring
        self._fernet = MultiFernet([Fernet(key.key) for key in ring.field])

    def _look(self, *, at_once: bool = False) -> None:
        """Take up a file that was changed. One that cannot be read changes nothing: the keys at hand go on."""
        now = time.monotonic()
        if self._path is None or (not at_once and now - self._looked_at < LOOK_SECONDS):
            return
        self._looked_at = now
        stamp = _stamp(self._path)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._take(key_file.read(self._path))
        except KeyFileError as error:
            log.error("the keys at hand go on: %s", error)  # noqa: TRY400 - one line says it
        else:
            log.info("%s: the changed keys were taken up", self._path)


def fingerprint(key: Key) -> str:
    """Sixteen hex digits by which a key is named in the database, in logs and by `motcua key show`."""
    return _hmac(key.key, "motcua: the name of this key")[:16]


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
