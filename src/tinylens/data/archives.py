"""Reading a tar archive by the names of its members, from front to back and to a limit: it is never unpacked."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT = 250_000_000  # bytes; the files of an official CIFAR archive are 187 MB together
DAMAGE = (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, OverflowError)  # what a broken archive raises


class Bounded:
    """The bytes of a stream up to a limit, since a small file can unpack to more than any memory holds."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self.stream = stream
        self.left = LIMIT

    def read(self, size: int) -> bytes:
        """The next bytes. Raises OSError beyond the limit."""
        data = self.stream.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise OSError(f"it unpacks to more than {LIMIT:,} bytes")
        return data


@contextmanager
def unpacking(path: Path) -> Iterator[tarfile.TarFile]:
    """An archive, gzipped or not (browsers unpack what they download), read from front to back and no further than an
    official one goes.
    """
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if zipped else file
        with tarfile.open(fileobj=Bounded(stream), mode="r|") as tar:  # type: ignore[call-overload]
            yield tar


def entries(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """What is in an archive. Raises OSError at a size that no official member has, before anything tries to pass it."""
    for entry in tar:
        if not 0 <= entry.size <= LIMIT:
            raise OSError(f"{entry.name!r} in it claims {entry.size:,} bytes")
        yield entry
