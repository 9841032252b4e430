"""Copies of a database: backup, restore, move to another kind of database, and the checks before each.

Imports `db.schema`, `db.files` and the engine.
"""

from display_server.db.copies.backup import back_up_before_upgrade, backup_database, weekly_file
from display_server.db.copies.restore import restore

__all__ = ["back_up_before_upgrade", "backup_database", "restore", "weekly_file"]
