"""Ctrl-C and SIGTERM ask training to stop; a second one stops it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from tinylens.console import say


class StopRequest:
    """Whether somebody asked to stop. signal_number: which signal it was, or 0."""

    def __init__(self) -> None:
        self.signal_number = 0

    def handle(self, signal_number: int, frame: FrameType | None) -> None:
        """Take note of the first signal; a second one, of either kind, gets what it would have had without us."""
        self.signal_number = signal_number
        with suppress(RuntimeError, OSError, ValueError):  # the main thread may be in the midst of printing
            say("stopping after this step; once more stops at once, without a checkpoint")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def listening() -> Iterator[StopRequest]:
    """A request that SIGINT and SIGTERM set while the block runs. Outside the main thread none can reach it."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request.handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)  # None: it was not set from Python
