"""Getting a file over HTTP so that it is either whole and right or not there.

What has arrived is kept in `<name>.part` and gone on with next time. The file gets its own name only when its checksum
is right.
"""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from tinylens.console import download_bar, say
from tinylens.errors import DataError

CHUNK = 1 << 18
TIMEOUT = 30.0  # seconds without a byte
TRIES = 20  # of one mirror, each going on where the last one stopped, as long as each brings something


def sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(mirrors: Sequence[str], target: Path, checksum: str) -> Path:
    """Fetch `target` from the first mirror that gives it whole and with this SHA-256.

    Raises DataError, one line with each mirror's failure, where none does. `target` then does not exist; what arrived
    of it stays in a .part file where it may still be good.
    """
    part = target.with_name(target.name + ".part")
    failures = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(f".{target.name}.lock"), timeout=0):
            for url in mirrors:
                failure = fetch(url, part, checksum)
                if failure is None:
                    part.replace(target)
                    return target
                failures.append(f"{url}: {failure}")
                say(failures[-1])
    except Timeout:
        raise DataError(f"{target} is being downloaded by another process: wait for it") from None
    except OSError as error:
        raise DataError(f"cannot write {part}: {error.strerror or error}") from None
    raise DataError(f"{target.name} could not be downloaded: " + "; ".join(failures))


def length(part: Path) -> int:
    """How many bytes have arrived."""
    return part.stat().st_size if part.exists() else 0


def fetch(url: str, part: Path, checksum: str) -> str | None:
    """Bring `part` to the whole, checked file from one mirror; what went wrong where it could not."""
    failure: str | None = "nothing was tried"
    older = length(part) > 0
    for _ in range(TRIES):
        before = length(part)
        failure = transfer(url, part)
        if length(part) and sha256(part) == checksum:  # whatever the mirror said of its length
            return None
        if failure is None:  # all has arrived, and it is wrong
            part.unlink(missing_ok=True)
            failure = "its bytes do not match the checksum"
            if not older:  # the mirror itself is wrong; only an older start could have been at fault
                return failure
            older = False
        elif length(part) == before:
            return failure
    return failure


def transfer(url: str, part: Path) -> str | None:
    """Append to `part` what is missing of it, in one request; what went wrong where it did not come to its end."""
    have = length(part)
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "tinylens", "Accept-Encoding": "identity"})
        if have:
            request.add_header("Range", f"bytes={have}-")
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if have and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return None  # nothing is missing, or the part is wrong: the checksum tells which
        return f"HTTP {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return f"no connection ({error.reason})"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"no answer ({str(error) or type(error).__name__})"
    with answer:
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0  # the mirror sends all of it again
        elif not (answer.headers.get("Content-Range") or "").startswith(f"bytes {have}-"):
            part.unlink(missing_ok=True)
            return "it sent another range than was asked for"
        return receive(answer, part, have)


def receive(answer: http.client.HTTPResponse, part: Path, have: int) -> str | None:
    """Write an answer's body behind the first `have` bytes of `part`; whether it was as long as was promised.

    Raises OSError where it cannot be written.
    """
    promised = answer.headers.get("Content-Length", "")
    total = have + int(promised) if promised.isdecimal() else None
    with part.open("ab" if have else "wb") as file, download_bar() as bar:
        task = bar.add_task(part.name.removesuffix(".part"), total=total, completed=have)
        while True:
            try:
                chunk = answer.read(CHUNK)
            except (OSError, http.client.HTTPException) as error:
                return f"broke off ({str(error) or type(error).__name__})"
            if not chunk:
                break
            file.write(chunk)
            bar.advance(task, len(chunk))
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    if total is not None and size != total:
        return f"broke off after {size:,} of {total:,} bytes"
    return None
