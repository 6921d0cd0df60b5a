"""Where images come from: one file per source, found by being here.

A source module has
    NAMES: dict[str, Known]               the data sets it knows by name (may be none)
    claims(name) -> bool                  whether a name or path is its own
    found(name, folders) -> str | None    where a named data set is on this machine
    load(request) -> Splits               the images
"""

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from tinylens.data.dataset import Splits
from tinylens.data.pictures import Resize


@dataclass(frozen=True)
class Request:
    """What is wanted of a source.

    name: a data set's name or a path. image_size: pixels a side that images shall have. resize: the rule for it.
    folders: where to look for downloaded data, in order. skip_bad: leave unreadable files out instead of refusing.
    """

    name: str
    image_size: int
    resize: Resize
    folders: tuple[Path, ...]
    skip_bad: bool = False


@dataclass(frozen=True)
class Known:
    """A data set known by name: a line about it, and how many classes it has."""

    about: str
    classes: int


@runtime_checkable
class Source(Protocol):
    """The shape of a source module."""

    NAMES: dict[str, Known]

    @staticmethod
    def claims(name: str) -> bool: ...

    @staticmethod
    def found(name: str, folders: tuple[Path, ...]) -> str | None: ...

    @staticmethod
    def load(request: Request) -> Splits: ...


def all_sources() -> list[Source]:
    """Every source module, by file name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in names]  # type: ignore[misc]


def known() -> dict[str, Known]:
    """Every data set that a source knows by name."""
    return {name: about for source in all_sources() for name, about in source.NAMES.items()}
