"""Accuracy on CIFAR-10's test images after five minutes of training: `sprint`, and what a user would pick instead."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from images import write_whole
from options import Names, Places
from record import RESULTS, about, troubles
from running import Side, chosen, measured
from tinylens.console import say
from tinylens.errors import UsageError
from tinylens.files import read_json, write_json
from tinylens.words import duration, percent

AROUND = 900.0  # seconds beside the training: imports, loading, judging
SIDES = [
    Side("Tinylens sprint", "ours/tinylens_timed.py", None, {"recipe": "sprint"}),
    Side("PyTorch ResNet-18", "peers/torch_resnet.py", "pytorch"),
    Side("fastai ResNet-18", "peers/fastai_resnet.py", "fastai"),
    Side("Ultralytics YOLO26n-cls", "peers/ultralytics_classify.py", "ultralytics"),
    Side("Keras CNN", "peers/keras_cnn.py", "keras-tensorflow", {}, {"KERAS_BACKEND": "tensorflow"}),
]


def five_minutes(
    *,
    seconds: float = 300.0,
    rounds: int = 1,
    sides: Names = (),
    out: Path = RESULTS / "five-minutes.json",
    places: Places | None = None,
) -> None:
    """Train everybody for five minutes on CIFAR-10, one after the other, and judge each on the test images.

    For example:

      python benchmarks five-minutes

      python benchmarks five-minutes --seconds 20 --sides "Tinylens sprint" "Keras CNN" --out try.json

    Parameters
    ----------
    seconds
        Time to train in, from images that are loaded to weights that are trained.
    rounds
        How often, each time with another seed.
    sides
        Only these; all by default. What the data file has of the others is kept, where they had as long.
    out
        The data file.
    """
    if seconds <= 0:
        raise UsageError(f"--seconds {seconds:g}: it must be more than 0")
    places = places or Places()
    compared = chosen(SIDES, sides, len(SIDES))
    record = about(seconds=seconds, rounds=rounds)
    record["measurements"] = kept(out, seconds, compared)
    with TemporaryDirectory() as place:
        file, folder = Path(place) / "cifar10.npz", Path(place) / "cifar10"
        record["images"] = [write_whole("cifar10", file, folder, places.data)]
        for number in range(1, rounds + 1):
            job = {"images": str(file), "folder": str(folder), "seconds": seconds, "seed": number - 1}
            for side in compared:
                row = {"round": number, **measured(side, job, places.envs, seconds + AROUND)}
                record["measurements"].append(row)
                write_json(out, record)
                say(f"round {number}/{rounds}  {progress(row)}")


def kept(out: Path, seconds: float, compared: Sequence[Side]) -> list[dict[str, Any]]:
    """The measurements in a data file, if there is one, of sides that are not measured now, in the same time."""
    before = read_json(out) if out.is_file() else {}
    if before.get("seconds") != seconds:
        return []
    return [row for row in before["measurements"] if row["side"] not in {side.name for side in compared}]


def progress(row: dict[str, Any]) -> str:
    """A measurement for people, in a line."""
    said = f"{row['side']}  "
    if "accuracy" in row:
        said += f"{percent(row['accuracy'], 2)} after {duration(row['seconds'])} and {row['images']:,} images"
    return said + "".join(f"  {trouble}" for trouble in troubles(row))
