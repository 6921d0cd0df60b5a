"""Training throughput of the recipes against the same models in Keras, on this machine: one command.

python benchmarks/throughput.py

It writes a data file, and a page that is generated from it. README.md beside this file says how to run it.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import platformdirs
from cyclopts import App, Parameter

from bystanders import Bystanders
from environments import last_line, python_of
from images import write_images
from page import SIDES, figure, model, page, troubles
from tinylens import recipes as all_recipes
from tinylens.catalogue import examine
from tinylens.console import say
from tinylens.errors import TinylensError, UsageError
from tinylens.files import read_json, write_json, write_text
from tinylens.runs import environment

HERE = Path(__file__).parent
ENVS = Path(platformdirs.user_cache_dir("tinylens-benchmarks", appauthor=False))
LONGEST = 600  # seconds for a measurement with all that is around it

app = App(name="throughput.py", help_format="plaintext")


@dataclass(frozen=True)
class Side:
    """One of those that are compared: an interpreter, the script that measures, and the precision that it is given."""

    name: str
    python: Path
    script: Path
    precision: str


@app.default
def throughput(
    *,
    recipes: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = (),
    seconds: float = 2.0,
    rounds: int = 3,
    out: Path = HERE / "throughput.json",
    data: Path | None = None,
    envs: Path = ENVS,
    page_only: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Measure how many images a second each recipe trains on, against the same model in Keras.

    Parameters
    ----------
    recipes
        Only these; every setting of them that the tests compare with Keras. All by default.
    seconds
        Time to measure in each process, after the warm-up.
    rounds
        How often everything is measured.
    out
        The data file; the page is beside it, with the ending .md.
    data
        A folder to look for CIFAR in before TINYLENS_DATA and the cache. Where there is none, noise takes its place.
    envs
        Where the peer's environment is, or is made.
    page_only
        Measure nothing: write the page anew from the data file.
    """
    if not page_only:
        measure_all(recipes, seconds, rounds, out, data, python_of("keras-tensorflow", envs))
    write_text(out.with_suffix(".md"), page(read_json(out), out.name))
    say(f"see {out.with_suffix('.md')}")


def measure_all(wanted: Sequence[str], seconds: float, rounds: int, out: Path, data: Path | None, peer: Path) -> None:
    """Measure round by round, and write the data file after each measurement."""
    models = choose(listed(peer), wanted)
    record = about(seconds, rounds)
    with TemporaryDirectory() as folder:
        files, record["images"] = written_images(models, Path(folder), data)
        jobs = [job(each, files, seconds) for each in models]
        for number in range(1, rounds + 1):
            for row in measured_round(jobs, sides(peer)):
                record["measurements"].append({"round": number, **row})
                write_json(out, record)
                say(f"round {number}/{rounds}  {progress(row)}")


def sides(peer: Path) -> list[Side]:
    """Those that are compared, in the order in which they take turns."""
    ours, theirs = HERE / "measure_tinylens.py", HERE / "measure_keras.py"
    return [
        Side(SIDES[0], Path(sys.executable), ours, "auto"),
        Side(SIDES[1], peer, theirs, "float32"),
        Side(SIDES[2], peer, theirs, "mixed_bfloat16"),
    ]


def listed(peer: Path) -> list[dict[str, Any]]:
    """Recipe and settings of each model that there is in Keras. Raises TinylensError where the peer does not work."""
    models = call(peer, HERE / "measure_keras.py", "--list")
    if "error" in models:
        raise TinylensError(f"{peer} does not work: {models['error']}")
    return models["models"]


def choose(models: list[dict[str, Any]], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """The models of these recipes, or all. Raises UsageError for a recipe without any."""
    names = dict.fromkeys(each["recipe"] for each in models)
    for name in wanted:
        if name not in names:
            raise UsageError(f"no model of {name!r} to compare with; there are {', '.join(names)}")
    return [each for each in models if not wanted or each["recipe"] in wanted]


def about(seconds: float, rounds: int) -> dict[str, Any]:
    """What the data file says of the whole: command, time and machine; no measurement yet."""
    found, now = examine(), environment()
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    machine = {key: found[key] for key in ("machine", "memory_bytes", "why", "python")}
    machine |= {"system": now["system"], "cores": now["cores"], "load_average": load}
    command = shlex.join(["python", "benchmarks/throughput.py", *sys.argv[1:]])
    settings = {"when": now["when"], "command": command, "seconds": seconds, "rounds": rounds}
    return settings | {"machine": machine, "images": [], "measurements": []}


def written_images(models: list[dict[str, Any]], folder: Path, data: Path | None) -> tuple[dict[str, Path], list[str]]:
    """A file for each data set that the recipes were written for, by its name, and what is in them."""
    names = dict.fromkeys(all_recipes.find(each["recipe"]).data or "cifar10" for each in models)
    files = {name: folder / f"{name}.npz" for name in names}
    return files, [write_images(name, file, data) for name, file in files.items()]


def job(each: dict[str, Any], files: dict[str, Path], seconds: float) -> dict[str, Any]:
    """All that a measurement of a model must be told, but the precision."""
    kind = all_recipes.find(each["recipe"])
    recipe = kind.resolve(each["settings"])
    numbers = {"batch_size": recipe.batch_size, "optimizer": recipe.optimizer.model_dump()}
    return {**each, **numbers, "images": str(files[kind.data or "cifar10"]), "seconds": seconds}


def measured_round(jobs: list[dict[str, Any]], compared: Sequence[Side]) -> Iterator[dict[str, Any]]:
    """Each model on each side in turn: what it was, what was measured or the error, and what others took meanwhile."""
    for each in jobs:
        for side in compared:
            told = {key: each[key] for key in ("recipe", "settings", "batch_size")}
            given = json.dumps({**each, "precision": side.precision})
            bystanders = Bystanders()
            found = call(side.python, side.script, given)
            yield {**told, "side": side.name, **found, "others": bystanders.share}


def call(python: Path, script: Path, argument: str) -> dict[str, Any]:
    """What a script prints as JSON, or the error with which it failed."""
    command = [str(python), str(script), argument]
    settings = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=settings, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return {"error": f"not done after {LONGEST} s"}
    if done.returncode:
        return {"error": last_line(done.stderr)}
    try:
        return json.loads(last_line(done.stdout))
    except ValueError:
        return {"error": f"it printed no JSON but {last_line(done.stdout)}"}


def progress(row: dict[str, Any]) -> str:
    """A measurement for people, in a line."""
    recipe, settings = model(row)
    said = f"{recipe} ({settings})  {row['side']}  "
    if "images_per_second" in row:
        said += f"{figure(row['images_per_second'])} images/s, {row['precision']}, {row['threads']} threads"
    return said + "".join(f"  {trouble}" for trouble in troubles(row))


if __name__ == "__main__":
    try:
        app()
    except TinylensError as error:
        say(str(error))
        sys.exit(error.status)
