"""How many images a second a lens classifies, against the same model in Keras."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from cyclopts import Parameter

from options import Names, Places
from record import RESULTS, about, figure, model, troubles
from running import Side, chosen, measured
from throughput import listed, of_recipes, written_images
from tinylens import recipes as all_recipes
from tinylens.console import say
from tinylens.errors import at_least
from tinylens.files import write_json

RECIPES = ("mini-vgg", "wide-cnn", "sprint")
BATCHES = (1, 32, 1000)
Batches = Annotated[tuple[int, ...], Parameter(consume_multiple=True, negative=())]


def keras(way: str, precision: str) -> Side:
    """Keras on TensorFlow, in a way to ask a model."""
    name = f"Keras {'predict' if way == 'predict' else 'model(x)'} {precision}"
    given = {"way": way, "precision": precision}
    return Side(name, "peers/keras_inference.py", "keras-tensorflow", given, {"KERAS_BACKEND": "tensorflow"})


SIDES = [
    Side("Tinylens", "ours/tinylens_inference.py"),
    *(keras(way, precision) for precision in ("float32", "mixed_bfloat16") for way in ("predict", "call")),
]


def inference(
    *,
    recipes: Names = RECIPES,
    batches: Batches = BATCHES,
    sides: Names = (),
    seconds: float = 2.0,
    rounds: int = 3,
    out: Path = RESULTS / "inference.json",
    places: Places | None = None,
) -> None:
    """Measure how many images a second a lens classifies, against `predict` and a call of the same model in Keras.

    For example:

      python benchmarks inference

      python benchmarks inference --recipes mini-vgg --batches 1 1000 --rounds 1

    Parameters
    ----------
    recipes
        Whose lenses; of each with settings in Keras too, the plain one.
    batches
        How many images a call gets.
    sides
        Only these: Tinylens, "Keras predict float32", "Keras model(x) float32", and both in mixed_bfloat16; all by
        default.
    seconds
        Time to measure for each number of images, after the warm-up.
    rounds
        How often everything is measured.
    out
        The data file.
    """
    places = places or Places()
    for batch in batches:
        at_least(1, "--batches", batch)
    compared = chosen(SIDES, sides, len(SIDES))
    models = [each for each in of_recipes(listed(places.envs), recipes) if not each["settings"]]
    record = about(seconds=seconds, rounds=rounds, batches=list(batches))
    with TemporaryDirectory() as folder:
        files, record["images"] = written_images(models, Path(folder), places.data)
        jobs = [task(each, files, batches, seconds) for each in models]
        for number in range(1, rounds + 1):
            for job in jobs:
                for side in compared:
                    row = {"round": number, "recipe": job["recipe"], "settings": job["settings"]}
                    row |= measured(side, job, places.envs)
                    record["measurements"].append(row)
                    write_json(out, record)
                    say(f"round {number}/{rounds}  {progress(row)}")


def task(each: dict[str, Any], files: dict[str, Path], batches: Sequence[int], seconds: float) -> dict[str, Any]:
    """All that a measurement of a model must be told, whatever the side."""
    data = all_recipes.find(each["recipe"]).data or "cifar10"
    return {**each, "images": str(files[data]), "batches": list(batches), "seconds": seconds}


def progress(row: dict[str, Any]) -> str:
    """A measurement for people, in a line."""
    speeds = (f"{batch}: {figure(found['images_per_second'])}" for batch, found in row.get("batches", {}).items())
    said = f"{model(row)[0]}  {row['side']}  images/s by images a call  {', '.join(speeds)}"
    return said + "".join(f"  {trouble}" for trouble in troubles(row))
