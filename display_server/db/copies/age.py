"""Encryption of backups by Debian's program `age`: to recipients whose secret key need not be on this machine."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from display_server.db.engine import DatabaseError

MISSING = "the program age is missing: apt install age"


def encrypt(plain: IO[bytes], file: IO[bytes], recipients: Sequence[str]) -> None:
    """All of `plain` into `file`, for each of `recipients` (age1…, or an SSH public key's line).

    Raises `DatabaseError`, one line.
    """
    _run(["--encrypt", *(f"--recipient={recipient}" for recipient in recipients)], plain, file)


def decrypt(file: Path, plain: IO[bytes], identity: Path) -> None:
    """`file` into `plain`, with the secret key in the file `identity`. Raises `DatabaseError`, one line."""
    if not identity.is_file():
        raise DatabaseError(f"{identity}: there is no such identity file")
    with file.open("rb") as encrypted:
        _run(["--decrypt", f"--identity={identity}"], encrypted, plain)


def _run(arguments: list[str], given: IO[bytes], into: IO[bytes]) -> None:
    try:
        done = subprocess.run(
            ["age", *arguments], stdin=given, stdout=into, stderr=subprocess.PIPE, text=True, check=False
        )
    except FileNotFoundError as error:
        raise DatabaseError(MISSING) from error
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if line), f"ended with {done.returncode}")
        raise DatabaseError(f"age: {reason.removeprefix('age: ').removeprefix('error: ')}")
