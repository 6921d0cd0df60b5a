"""Data: where images come from and what they are."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

from tinylens.data.dataset import Dataset, Splits
from tinylens.data.describe import describe
from tinylens.data.library import data_folders, entries
from tinylens.data.pictures import Resize
from tinylens.data.sources import Request, all_sources
from tinylens.errors import UsageError

__all__ = ["Dataset", "Splits", "describe", "load_data"]


def load_data(
    name: str | Path,
    *,
    image_size: int = 32,
    resize: Resize = "crop",
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
) -> Splits:
    """The splits of a data set: a name that `tinylens data list` prints, a folder of pictures, or an .npz file.

    image_size: pixels a side. resize: how a picture of another size is brought to it, never distorting it.
    data_dir: where to look first for downloaded data. skip_bad: leave unreadable pictures out instead of refusing.
    Raises UsageError for an unknown name and DataError where the images cannot be used.
    """
    if image_size < 1:
        raise UsageError(f"images of {image_size} pixels a side are not possible")
    if resize not in get_args(Resize):
        raise UsageError(f"no rule for resizing is called {resize!r}: it is one of {', '.join(get_args(Resize))}")
    place = str(name)
    if place.startswith("~"):
        place = str(Path(place).expanduser())
    request = Request(place, image_size, resize, data_folders(data_dir), skip_bad)
    for source in all_sources():
        if source.claims(place):
            return replace(source.load(request), resize=resize, skip_bad=skip_bad)
    known = ", ".join(entry.name for entry in entries(data_dir))
    raise UsageError(f"no data {place!r}: it is neither a folder, nor an .npz file, nor one of {known}")
