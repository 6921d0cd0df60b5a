"""What a person sees while a command works. It all goes to stderr: stdout carries results."""

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def counting_bar(*, visible: bool = True) -> Progress:
    """A bar for things that are counted (images, files). Silent where stderr is not a terminal."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=stderr, transient=True, disable=not (visible and sys.stderr.isatty()))


def download_bar() -> Progress:
    """A bar for bytes, with speed and time left. Silent where stderr is not a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=stderr, transient=True, disable=not sys.stderr.isatty())


def say(message: str) -> None:
    """One line to the person at the terminal."""
    stderr.print(message, markup=False)
