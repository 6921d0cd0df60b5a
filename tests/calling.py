"""Running a command in a process of its own, and what comes of it. The fixture `here` runs one in this process."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Result = subprocess.CompletedProcess[str]
Here = Callable[..., Result]


def tinylens(*words: str, cwd: Path, stdin: bytes = b"") -> Result:
    """Run one command."""
    done = subprocess.run(
        [sys.executable, "-m", "tinylens", *words], cwd=cwd, input=stdin, capture_output=True, check=False
    )
    return Result(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def said(result: Result) -> object:
    """The one JSON document on stdout of a command that went well."""
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
