"""Environments of the peers: each is made from a file of pinned packages in peers/, and Tinylens is not in it."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import platformdirs

from tinylens.console import say
from tinylens.errors import TinylensError
from tinylens.files import write_text

PEERS = Path(__file__).parent / "peers"
ENVS = Path(platformdirs.user_cache_dir("tinylens-benchmarks", appauthor=False))


@cache
def python_of(peer: str, envs: Path) -> Path | TinylensError:
    """The interpreter of a peer's environment, which is made below `envs` unless it is there as peers/ wants it.

    Where pip cannot install the packages, the error that says why.
    """
    folder, wanted = envs / peer, PEERS / f"{peer}.txt"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed.txt"
    if not stamp.is_file() or stamp.read_text() != wanted.read_text():
        say(f"making {folder} from {wanted}")
        try:
            call(sys.executable, "-m", "venv", "--clear", str(folder))
            call(str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", str(wanted))
        except TinylensError as error:
            return TinylensError(f"{wanted.name} cannot be installed here: {error}")
        write_text(stamp, wanted.read_text())
    return python


def call(*command: str) -> None:
    """Run a command. Raises TinylensError with the last line that it said where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TinylensError(last_line(done.stderr))


def last_line(text: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")
