"""Whole files or none: what is written to disk is never seen half-written."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import platformdirs

from tinylens.errors import TinylensError

UNFINISHED = ".tmp"  # how the name of a file ends that is being written


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of `path` when the block ends well, and vanishes when it does not.

    It is written beside `path`, flushed to disk, then renamed.
    Raises TinylensError where the folder cannot be written or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise TinylensError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what writers that were killed left unfinished below a folder. Only where nobody else writes there."""
    for leftover in folder.rglob(f".*{UNFINISHED}"):
        with suppress(OSError):
            leftover.unlink()


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    with replacing(path) as file:
        file.write(text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """The value in a JSON file. Raises TinylensError where it is missing or not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TinylensError(f"{path} is missing") from None
    except (OSError, ValueError, RecursionError) as error:
        raise TinylensError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def cache_folder() -> Path:
    """Where Tinylens keeps what it can make again: TINYLENS_CACHE, or the platform's cache directory."""
    return Path(os.environ.get("TINYLENS_CACHE") or platformdirs.user_cache_dir("tinylens", appauthor=False))
