"""Where the files lie that come with the packages: in a checkout, and where a wheel was installed."""

from importlib.resources import files
from pathlib import Path


def package_folder(package: str) -> Path:
    """The folder of `package`, such as "display_server.demo". Motcua runs from files: it is installed unpacked."""
    return Path(str(files(package)))
