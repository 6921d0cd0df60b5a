"""One sitting of training as a process of its own: python sitting.py RUN [--resume]. Ends with the error's status."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from tinylens.errors import TinylensError
from tinylens.runs import Run
from tinylens.training.fit import fit

SITTING = Path(__file__)


def sitting(run: Run, *options: str, **settings: Any) -> "subprocess.CompletedProcess[str]":
    """Train, or go on, in a process of its own."""
    command = [sys.executable, str(SITTING), str(run.path), *options]
    return subprocess.run(command, text=True, capture_output=True, timeout=120, check=False, **settings)


if __name__ == "__main__":
    try:
        run = Run(sys.argv[1])
        with run.locked():
            fit(run, run.manifest.reload(), resume="--resume" in sys.argv)
    except TinylensError as error:
        print(error, file=sys.stderr)
        sys.exit(error.status)
