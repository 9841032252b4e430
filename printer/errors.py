"""What can go wrong with paper. Every text is one clear line for a person."""

from config.errors import MotcuaError


class PrinterError(MotcuaError):
    """Base of all errors of this room."""


class SlipError(PrinterError):
    """A slip that cannot be: no number, a time without a zone, a wait that ends before it begins."""

    exit_code = 2


class LayoutError(PrinterError):
    """A ticket layout that cannot be used. The text names file, key and reason."""

    exit_code = 2


class DeviceError(PrinterError):
    """A printer that cannot be opened, does not take the bytes, or went away."""


class DeviceUrlError(DeviceError):
    """A printer URL that means nothing."""

    exit_code = 2


class DeviceHungError(DeviceError):
    """A printer that did not come back within its time-out. It is abandoned: close it and open it again."""


class JobError(PrinterError):
    """The durable list of print jobs cannot be read or written, or does not hold the job."""
