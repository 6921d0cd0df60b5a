"""How time and memory of a training grow with the number of images, their size, and the number of classes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
from cyclopts import Parameter

from images import noise, write
from record import RESULTS, about, figure, troubles
from running import Side, measured
from tinylens.console import say
from tinylens.errors import UsageError
from tinylens.files import write_json
from tinylens.words import duration

SIDE = Side("Tinylens", "ours/tinylens_growth.py")
USUAL = {"images": 10_000, "image_size": 32, "classes": 10}  # of what does not grow
KINDS = 1000  # pictures that differ: more than these are repeated, which costs as much to train on
Numbers = Annotated[tuple[int, ...], Parameter(consume_multiple=True, negative=())]


def growth(
    *,
    images: Numbers = (10_000, 100_000, 1_000_000),
    sizes: Numbers = (16, 24, 32, 48, 64, 96),
    classes: Numbers = (10, 100, 1000),
    recipe: str = "brisk-vgg",
    seconds: float = 2.0,
    rounds: int = 1,
    out: Path = RESULTS / "growth.json",
) -> None:
    """Measure time and memory of loading and training by number of images, image size and number of classes.

    The images are noise. One of the three grows at a time; the others are 10,000 images, 32 pixels and 10 classes.
    A million images of 32 pixels need 3 GB of disk and 4 GB of memory.

    For example:

      python benchmarks growth

      python benchmarks growth --images 10000 100000 --sizes 32 64 --classes 10 100

    Parameters
    ----------
    images
        Numbers of images.
    sizes
        Pixels a side.
    classes
        Numbers of classes.
    recipe
        What is trained; any that takes images of all these sizes.
    seconds
        Time to measure steps for at each point, after the warm-up.
    rounds
        How often everything is measured.
    out
        The data file.
    """
    points = list(all_points(images, sizes, classes))
    require_possible(points)
    record = about(seconds=seconds, rounds=rounds, recipe=recipe)
    record["images"] = ["noise"]
    for number in range(1, rounds + 1):
        for grows, point in points:
            row = {"round": number, "grows": grows, **at(point, recipe, seconds), **point}  # "images": that there are
            record["measurements"].append(row)
            write_json(out, record)
            say(f"round {number}/{rounds}  {progress(row)}")


def all_points(
    images: Sequence[int], sizes: Sequence[int], classes: Sequence[int]
) -> Iterator[tuple[str, dict[str, int]]]:
    """What grows, and the point, for each of them."""
    for name, values in {"images": images, "image_size": sizes, "classes": classes}.items():
        for value in sorted(set(values)):
            yield name, USUAL | {name: value}


def require_possible(points: Sequence[tuple[str, dict[str, int]]]) -> None:
    """Raise UsageError for a point that no training can be at."""
    for name, point in points:
        if point["classes"] < 2 or point["images"] < 10 * point["classes"] or point["image_size"] < 1:
            raise UsageError(f"{name} {point[name]}: there must be two classes, ten images of each, and a pixel")


def at(point: dict[str, int], recipe: str, seconds: float) -> dict[str, Any]:
    """What is measured at a point."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "noise.npz"
        write_noise(file, point)
        job = {"recipe": recipe, "images": str(file), "image_size": point["image_size"], "seconds": seconds}
        return measured(SIDE, job, Path(folder))


def write_noise(file: Path, point: dict[str, int]) -> None:
    """Images for a point: training images, and a few test images of each class."""
    some, _ = noise(KINDS, point["classes"], point["image_size"])
    labels = np.arange(point["images"]) % point["classes"]
    test = np.arange(2 * point["classes"])
    write(file, (some[np.arange(len(labels)) % KINDS], labels), (some[test % KINDS], test % point["classes"]))


def progress(row: dict[str, Any]) -> str:
    """A measurement for people, in a line."""
    said = f"{row['images']:,} images of {row['image_size']} pixels in {row['classes']} classes  "
    if "epoch_seconds" in row:
        said += f"loading {duration(row['loading_seconds'])}, an epoch {duration(row['epoch_seconds'])} at "
        said += f"{figure(row['images_per_second'])} images/s, {row['bytes_at_most'] / 2**30:.2f} GiB"
    return said + "".join(f"  {trouble}" for trouble in troubles(row))
