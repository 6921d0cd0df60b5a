"""Run: one directory with all that one training made. The only code that knows the names of its files."""

import hashlib
import json
import os
import platform
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

from tinylens import recipes
from tinylens.data.dataset import IN_MEMORY
from tinylens.data.manifest import Manifest
from tinylens.data.sources import known
from tinylens.errors import DataError, TinylensError, UsageError, one_line
from tinylens.files import read_json, remove_unfinished, write_json, write_text
from tinylens.lens import Lens
from tinylens.recipe import Published, Recipe
from tinylens.recipes import OWN_RECIPE
from tinylens.records import About, Environment, Epoch, Figures, Noted, Opening, Training, checked

DEFAULT_ROOT = Path("runs")
SWEEP_FILE = "sweep.json"  # a folder that has it holds the runs of a sweep
LIBRARIES = ("tinylens", "torch", "numpy", "pillow", "scikit-learn", "scipy")


class Run:
    """A run directory.

    path: the directory. Raises UsageError where there is no run in it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not (self.path / "recipe.json").is_file():
            raise UsageError(f"{path} is {told_of_no_run(self.path)}")

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @classmethod
    def create(
        cls, root: Path, recipe: Recipe, recipe_name: str, manifest: Manifest, *, opens_test: bool = True
    ) -> "Run":
        """A new run directory `<data>-<recipe>-<time>` below `root`, with its recipe, manifest and environment written.

        recipe_name: a built-in recipe's name, or the path of a user's own, which is copied into the run. opens_test:
        whether the test images are looked at when training is done.
        """
        path = new_folder(root, folder_name(manifest.choice.name, recipe_name))
        kept_name = recipe_name
        if recipe_name.endswith(".py"):
            kept_name = OWN_RECIPE
            write_text(path / "lens" / kept_name, Path(recipe_name).read_text(encoding="utf-8"))
        write_json(path / "data.json", manifest.to_json())
        write_json(path / "environment.json", environment())
        file = str(Path(recipe_name).resolve()) if kept_name == OWN_RECIPE else None
        about = {"name": kept_name, "title": title_of(recipe_name), "file": file, "opens_test": opens_test}
        write_json(path / "recipe.json", about | {"fields": recipe.model_dump(mode="json")})
        return cls(path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from writing to the run. Raises TinylensError where one does already."""
        with locked(self.path):
            remove_unfinished(self.path)
            yield

    # What it was made from

    @cached_property
    def title(self) -> str:
        """The recipe's name as people call it. Read once: the training loop has it ready for errors at each step."""
        return str(self.about("title"))

    @property
    def recipe_name(self) -> str:
        """What `recipes.find` takes: a built-in recipe's name, or the path of the user's own, kept in the run."""
        name = str(self.about("name"))
        return str(self.path / "lens" / name) if name == OWN_RECIPE else name

    @property
    def recipe_file(self) -> str | None:
        """Where the user's own recipe file lay when the run was made; None for a built-in recipe."""
        file = self.about("file")
        return None if file is None else str(file)

    @cached_property
    def recipe(self) -> Recipe:
        """The resolved recipe. A user's own is run as code, once."""
        try:
            return recipes.kept(str(self.about("name")), self.path / "lens").restored(self.about("fields"))
        except ValueError as error:
            raise TinylensError(f"{self.path / 'recipe.json'} is damaged: {error}") from None

    @property
    def opens_test(self) -> bool:
        """Whether the end of its training looks at the test images; that of a run in a sweep does not."""
        return bool(self.read("recipe.json", About).get("opens_test", True))

    def about(self, key: str) -> Any:
        """A value in recipe.json. Raises TinylensError where it is not there."""
        value = self.read("recipe.json", About)
        if key not in value:
            raise TinylensError(f"{self.path / 'recipe.json'} is damaged: {key} is missing")
        return value[key]

    def read(self, name: str, shape: Any, remedy: str = "") -> Any:
        """The value in one of its JSON files. Raises TinylensError where that is missing, or not of the shape."""
        return checked(read_json(self.path / name), shape, self.path / name, remedy)

    @property
    def published(self) -> Published | None:
        """The figure of the recipe's source, where this run's is comparable: on the same, whole data."""
        choice, published = self.manifest.choice, self.recipe.published
        return published if published and published.data == choice.name and choice.limit is None else None

    @property
    def manifest(self) -> Manifest:
        """Which data it was trained on."""
        try:
            return Manifest.from_json(read_json(self.path / "data.json"))
        except DataError as error:
            raise DataError(f"{self.path / 'data.json'} is {error}") from None

    @property
    def command(self) -> str | None:
        """The command that makes this run again, with every setting that is not the recipe's own.

        None where it was made from arrays in memory, from Python.
        """
        recipe, manifest = self.recipe, self.manifest
        if manifest.origin == IN_MEMORY:
            return None
        choice, changed = manifest.choice, recipe.changed()
        data = choice.name if choice.name in known() else manifest.origin
        words = ["tinylens", "train", self.recipe_file or self.recipe_name, "--data", data]
        words += ["--seed", str(changed.pop("seed", recipe.seed))]
        words += ["--limit", str(choice.limit)] if choice.limit is not None else []
        words += ["--skip-bad"] if choice.skip_bad else []
        for name, value in changed.items():
            words += ["--set", assignment(name, value)]
        return shlex.join(words)

    @property
    def environment(self) -> dict[str, Any]:
        """Machine, versions, command and time."""
        return self.read("environment.json", Environment)

    # What training leaves

    @property
    def checkpoints(self) -> Path:
        """The folder of last.pt and best.pt."""
        return self.path / "checkpoints"

    @property
    def tensorboard(self) -> Path:
        """The folder of TensorBoard's event files."""
        return self.path / "tensorboard"

    @property
    def lens(self) -> Lens:
        """The trained lens. Raises TinylensError where training has not come to its end."""
        if not self.trained:
            raise TinylensError(f"{self.path} is not trained to its end: `tinylens resume {self.path}` goes on")
        return Lens.load(self.path / "lens")

    def epoch_checkpoint(self, epoch: int) -> Path:
        """The file of the weights after an epoch, where the recipe's keep_every has them kept."""
        return self.checkpoints / f"epoch-{epoch:03}.pt"

    def lens_after(self, epoch: int) -> Lens:
        """The lens with the weights after an epoch, from 1. Raises TinylensError where those were not kept."""
        path, lens = self.epoch_checkpoint(epoch), self.lens
        try:
            lens.modules.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["lens"])
        except FileNotFoundError:
            raise TinylensError(f"{path} is missing: --set keep_every=1 keeps the weights of each epoch") from None
        except Exception as error:  # torch raises what it likes on broken bytes
            raise TinylensError(f"{path} is damaged ({one_line(error)})") from error
        return lens

    @property
    def trained(self) -> bool:
        """Whether training came to its end."""
        return (self.path / "lens" / "lens.json").is_file()

    @property
    def lens_fingerprint(self) -> str | None:
        """A hash of the lens's weights, 16 hex digits; None before training has come to its end."""
        weights = self.path / "lens" / "model.safetensors"
        try:
            return hashlib.sha256(weights.read_bytes()).hexdigest()[:16] if self.trained else None
        except OSError as error:
            raise TinylensError(f"cannot read {weights}: {error.strerror or error}") from None

    def save_lens(self, lens: Lens) -> None:
        """Keep the trained lens."""
        lens.save(self.path / "lens")

    @property
    def history(self) -> list[dict[str, Any]]:
        """A row for each epoch."""
        file = self.path / "history.jsonl"
        try:
            rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, RecursionError) as error:
            raise TinylensError(f"cannot read {file}: {one_line(error)}") from None
        return checked(rows, list[Epoch], file)

    def write_history(self, rows: list[dict[str, Any]]) -> None:
        """Replace the history."""
        write_text(self.path / "history.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    @property
    def training(self) -> dict[str, Any]:
        """How training went: epochs, best_epoch, steps, seconds, why it ended, and with what hardware; empty before."""
        return self.read("training.json", Training) if (self.path / "training.json").is_file() else {}

    def write_training(self, value: dict[str, Any]) -> None:
        """Replace what is said of how training went."""
        write_json(self.path / "training.json", value)

    def log(self, line: str) -> None:
        """Add a line, with the time, to log.txt."""
        file = self.path / "log.txt"
        before = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        write_text(file, f"{before}{now()}  {line}\n")

    # What judging leaves

    def evaluation(self, split: str) -> Path:
        """The folder of what is known of the lens on a split."""
        return self.path / "evaluation" / split

    def corruptions(self, split: str) -> Path:
        """The file of the lens's accuracies on corrupted images of a split; there is a table beside it."""
        return self.evaluation(split) / "corruptions.json"

    def metrics(self, split: str) -> dict[str, Any]:
        """The figures of a split. Raises TinylensError where it was not evaluated."""
        self.require_evaluated(split)
        return self.read(f"evaluation/{split}/metrics.json", Figures, f"; {self.judging(split)} writes it anew")

    def require_evaluated(self, split: str) -> None:
        """Raise TinylensError where there are no figures of a split."""
        if not self.evaluated(split):
            raise TinylensError(f"{self.path} was not evaluated on {split}: {self.judging(split)}")

    def judging(self, split: str) -> str:
        """The command that judges it on a split, as it stands in a message."""
        return f"`tinylens evaluate {self.path} --split {split}`"

    def evaluated(self, split: str) -> bool:
        """Whether there are figures of a split."""
        return (self.evaluation(split) / "metrics.json").is_file()

    @property
    def openings(self) -> list[dict[str, Any]]:
        """Each time that the test split was opened: when, by what, and, once there is one, for which lens."""
        name = "evaluation/openings.json"
        return self.read(name, list[Opening]) if (self.path / name).is_file() else []

    @property
    def times_opened(self) -> int:
        """How often the test images were looked at: after each epoch where selection does, and at each opening else."""
        selecting = self.recipe.select_on == "test"
        judged = sum(not opening["by"].startswith("for selection") for opening in self.openings)
        return judged + (len(self.history) if selecting else 0)

    def record_opening(self, by: str) -> None:
        """Write down that the test split is being opened, before it is."""
        opening = {"when": now(), "by": by, "lens": self.lens_fingerprint}
        write_json(self.path / "evaluation" / "openings.json", [*self.openings, opening])

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What the lint found."""
        return self.read("findings.json", list[Noted]) if (self.path / "findings.json").is_file() else []

    def write_findings(self, findings: list[dict[str, Any]]) -> None:
        """Replace what the lint found."""
        write_json(self.path / "findings.json", findings)

    @property
    def plots(self) -> Path:
        """The folder of figures."""
        return self.path / "plots"

    @property
    def report(self) -> Path:
        """The report: one self-contained HTML file."""
        return self.path / "report.html"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process from working in a folder. Raises TinylensError where one does already."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise TinylensError(f"{folder} is in use by another process; wait until it ends") from None
    except OSError as error:
        raise TinylensError(f"cannot write in {folder}: {error.strerror or error}") from None
    try:
        yield
    finally:
        lock.release()


def told_of_no_run(folder: Path) -> str:
    """What a folder is that is no run: perhaps a sweep, which has runs in it."""
    if not (folder / SWEEP_FILE).is_file():
        return "not a run: it has no recipe.json (`tinylens runs` lists the runs)"
    best = best_in(folder)
    return "a sweep: name one of its runs" if best is None else f"a sweep; its best run is {best}"


def best_in(sweep: Path) -> Path | None:
    """The best run of a sweep, by its file, wherever the folder lies now; None where that does not tell."""
    try:
        best = sweep / Path(read_json(sweep / SWEEP_FILE)["best"]).name
    except (TinylensError, KeyError, TypeError):  # damaged, or no run is done
        return None
    return best if (best / "recipe.json").is_file() else None


def assignment(name: str, value: Any) -> str:
    """A setting as --set takes it: optimizer.lr=0.01."""
    return f"{name}={value if isinstance(value, str) else json.dumps(value)}"


def title_of(recipe_name: str) -> str:
    """What people call a recipe: a built-in one's name, or that of a user's own file without its ending."""
    return Path(recipe_name).stem if recipe_name.endswith(".py") else recipe_name


def folder_name(data_name: str, recipe_name: str) -> str:
    """What a directory is called that is made now: `<data>-<recipe>-<time>`."""
    data = Path(data_name).stem or "data"
    return f"{data}-{title_of(recipe_name)}-{datetime.now().strftime('%Y%m%d-%H%M%S')}"


def new_folder(root: Path, name: str) -> Path:
    """Make a folder of that name, or with a number behind where it is taken. Raises TinylensError."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1000):
            path = root / (name if number == 1 else f"{name}-{number}")
            try:
                path.mkdir()
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise TinylensError(f"cannot make a run in {root}: {error.strerror or error}") from None
    raise TinylensError(f"cannot make a run in {root}: {name} is taken a thousand times")


def all_runs(root: Path) -> list[Run]:
    """The runs in a folder and in the sweeps in it, oldest first."""
    folders = [root, *(file.parent for file in root.glob(f"*/{SWEEP_FILE}"))]
    files = [file for folder in folders for file in folder.glob("*/recipe.json")]
    return [Run(file.parent) for file in sorted(files, key=lambda f: f.stat().st_mtime)]


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def environment() -> dict[str, Any]:
    """Machine, versions, command and time, as they are now."""
    return {
        "when": now(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "versions": {library: metadata.version(library) for library in LIBRARIES},
    }
