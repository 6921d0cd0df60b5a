"""What Tinylens raises when something is wrong: one clear line of what, where and what to do."""

import textwrap


class TinylensError(Exception):
    """Something the user can mend. The message is one line; the command line exits with `status`."""

    status = 1


class UsageError(TinylensError):
    """The call itself is wrong: an unknown option, recipe or field."""

    status = 2


class DataError(TinylensError):
    """The images or labels cannot be used as they are."""


class TrainingError(TinylensError):
    """Training cannot start or go on."""


class Interrupted(TinylensError):
    """A person or the system asked the work to stop; what was done is kept."""

    def __init__(self, message: str, signal_number: int = 2) -> None:
        super().__init__(message)
        self.status = 128 + signal_number

    @classmethod
    def by(cls, stop: BaseException, message: str) -> "Interrupted":
        """A stop, by Ctrl-C, a signal or an Interrupted that says less, in words of one's own."""
        if isinstance(stop, Interrupted):
            return cls(message, stop.status - 128)
        return cls(message, getattr(stop, "signal_number", 2))


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived where nobody listened for it: as Ctrl-C, but by another signal."""

    signal_number = 15


def at_least(least: int, name: str, number: int) -> None:
    """Raise UsageError, with its name, for a number below the least that it can be."""
    if number < least:
        raise UsageError(f"{name} {number}: must be at least {least}")


def one_line(error: BaseException) -> str:
    """What somebody else's error says, as one line that fits into a message of ours, without errno numbers."""
    said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
    if isinstance(error, OSError) and error.strerror:
        said = error.strerror + (f": {error.filename}" if error.filename else "")
    return textwrap.shorten(said, 300, placeholder=" …") or type(error).__name__
