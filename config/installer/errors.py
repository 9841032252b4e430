"""What the installer raises on purpose: one clear line, exit code 1."""


class InstallError(Exception):
    """A step failed; its text says which, and why."""
