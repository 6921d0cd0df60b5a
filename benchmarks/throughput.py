"""Training throughput of the recipes against the same models in Keras and in plain PyTorch."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from environments import python_of
from images import write_images
from options import Names, Places
from record import RESULTS, about, figure, model, troubles
from running import HERE, Side, call, chosen, measured
from tinylens import recipes as all_recipes
from tinylens.console import say
from tinylens.errors import TinylensError, UsageError
from tinylens.files import write_json

KERAS, PYTORCH = "peers/keras_training.py", "peers/torch_training.py"


def keras(backend: str, precision: str = "float32") -> Side:
    """Keras on a backend."""
    name = f"Keras {precision}" if backend == "tensorflow" else f"Keras {backend} {precision}"
    return Side(name, KERAS, f"keras-{backend}", {"precision": precision}, {"KERAS_BACKEND": backend})


# In the order in which they take turns. Keras without a backend's name is Keras on TensorFlow.
SIDES = [
    Side("Tinylens", "ours/tinylens_training.py"),
    keras("tensorflow"),
    keras("tensorflow", "mixed_bfloat16"),
    keras("jax"),
    keras("torch"),
    Side("PyTorch", PYTORCH, "keras-torch", {}, {"KERAS_BACKEND": "torch"}),
]
USUAL = 3


def throughput(
    *,
    recipes: Names = (),
    sides: Names = (),
    seconds: float = 2.0,
    rounds: int = 3,
    out: Path = RESULTS / "throughput.json",
    places: Places | None = None,
) -> None:
    """Measure how many images a second each recipe trains on, against the same model in Keras and in PyTorch.

    For example:

      python benchmarks throughput

      python benchmarks throughput --recipes mini-vgg --sides all

    Parameters
    ----------
    recipes
        Only these; every setting of them that the tests compare with Keras. All by default.
    sides
        Only these: Tinylens, "Keras float32", "Keras mixed_bfloat16" (both on TensorFlow; these three are usual),
        "Keras jax float32", "Keras torch float32", PyTorch; or all.
    seconds
        Time to measure in each process, after the warm-up.
    rounds
        How often everything is measured.
    out
        The data file.
    """
    places = places or Places()
    compared = chosen(SIDES, sides, USUAL)
    models = of_recipes(listed(places.envs), recipes)
    record = about(seconds=seconds, rounds=rounds, sides=[side.name for side in compared])
    with TemporaryDirectory() as folder:
        files, record["images"] = written_images(models, Path(folder), places.data)
        jobs = [job(each, files, seconds) for each in models]
        for number in range(1, rounds + 1):
            for row in measured_round(jobs, compared, places.envs):
                record["measurements"].append({"round": number, **row})
                write_json(out, record)
                say(f"round {number}/{rounds}  {progress(row)}")


def listed(envs: Path) -> list[dict[str, Any]]:
    """Recipe and settings of each model that there is in Keras. Raises TinylensError where the peer does not work."""
    peer = python_of("keras-tensorflow", envs)
    if isinstance(peer, TinylensError):
        raise peer
    models = call(peer, HERE / "peers" / "keras_network.py", "--list", {"KERAS_BACKEND": "tensorflow"})
    if "error" in models:
        raise TinylensError(f"{peer} does not work: {models['error']}")
    return models["models"]


def of_recipes(models: list[dict[str, Any]], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """The models of these recipes, or all. Raises UsageError for a recipe without any."""
    names = dict.fromkeys(each["recipe"] for each in models)
    for name in wanted:
        if name not in names:
            raise UsageError(f"no model of {name!r} to compare with; there are {', '.join(names)}")
    return [each for each in models if not wanted or each["recipe"] in wanted]


def written_images(models: list[dict[str, Any]], folder: Path, data: Path | None) -> tuple[dict[str, Path], list[str]]:
    """A file for each data set that the recipes were written for, by its name, and what is in them."""
    names = dict.fromkeys(all_recipes.find(each["recipe"]).data or "cifar10" for each in models)
    files = {name: folder / f"{name}.npz" for name in names}
    return files, [write_images(name, file, data) for name, file in files.items()]


def job(each: dict[str, Any], files: dict[str, Path], seconds: float) -> dict[str, Any]:
    """All that a measurement of a model must be told, whatever the side."""
    kind = all_recipes.find(each["recipe"])
    recipe = kind.resolve(each["settings"])
    numbers = {"batch_size": recipe.batch_size, "optimizer": recipe.optimizer.model_dump()}
    return {**each, **numbers, "images": str(files[kind.data or "cifar10"]), "seconds": seconds}


def measured_round(jobs: list[dict[str, Any]], compared: Sequence[Side], envs: Path) -> Iterator[dict[str, Any]]:
    """Each model on each side in turn: what it was, and what was measured or the error."""
    for each in jobs:
        for side in compared:
            yield {key: each[key] for key in ("recipe", "settings", "batch_size")} | measured(side, each, envs)


def progress(row: dict[str, Any]) -> str:
    """A measurement for people, in a line."""
    recipe, settings = model(row)
    said = f"{recipe} ({settings})  {row['side']}  "
    if "images_per_second" in row:
        said += f"{figure(row['images_per_second'])} images/s, {row['precision']}, {row['threads']} threads"
    return said + "".join(f"  {trouble}" for trouble in troubles(row))
