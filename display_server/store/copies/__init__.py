"""Copies of a database: backup, restore, and who may be replaced by them."""

from display_server.store.copies.backup import back_up, back_up_before_upgrade, weekly_file
from display_server.store.copies.restore import restore

__all__ = ["back_up", "back_up_before_upgrade", "restore", "weekly_file"]
