"""Why a file cannot be written: who owns it, and who asks."""

import os
from pathlib import Path

try:
    import pwd
except ImportError:  # Windows
    pwd = None  # type: ignore[assignment]


def why_not_writable(paths: list[Path]) -> str:
    """One sentence on the first of `paths` that this process may not write; empty when it may write them all."""
    for path in paths:
        try:
            owner = path.stat().st_uid
        except OSError:
            continue
        if _is_read_only(path):
            return f"{path} lies on a disk that is mounted read-only"
        wanted = os.W_OK | (os.X_OK if path.is_dir() else 0)
        if pwd is not None and not os.access(path, wanted, effective_ids=os.access in os.supports_effective_ids):
            return f"{path} belongs to {_name(owner)} and cannot be written by {_name(os.geteuid())}"
    return ""


def _is_read_only(path: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
