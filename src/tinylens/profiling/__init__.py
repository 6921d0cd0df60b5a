"""Profiling: where the time of a training step goes, and how near its layers come to what the machine can do.

What is watched is the training that a user has: `fit`, with its callbacks, augmentation and preprocessing. First whole
steps are timed with nothing else on; then a few are traced, and their layers' times set in proportion to the whole.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tinylens import recipes
from tinylens.data import Dataset, Splits
from tinylens.data.manifest import Manifest
from tinylens.data.sources import known
from tinylens.errors import UsageError
from tinylens.experiment import choose
from tinylens.hardware import make_ready
from tinylens.networks.table import parameter_count
from tinylens.profiling.peak import fastest_product, peak_memory
from tinylens.profiling.stopwatch import Enough, Stopwatch
from tinylens.profiling.trace import PARTS, Trace, together
from tinylens.recipe import Recipe
from tinylens.runs import Run
from tinylens.training.fit import fit, seeded

__all__ = ["LayerWork", "Profile", "profile"]

UNENDING = {"epochs": 10_000, "iterations": None, "patience": None, "keep_every": None}  # the watch ends it
FULL_SIZE: dict[str, Any] = {"growth": ()}
FEWEST_IMAGES = 2000  # of noise
FEWEST_BATCHES = 8  # in an epoch, whose last step is not timed
BETWEEN = "(between layers)"


@dataclass(frozen=True)
class LayerWork:
    """What a layer does in a step. forward, backward: seconds. flop: floating-point operations, a product and a sum
    being two; 0 where the layer multiplies no matrices."""

    name: str
    kind: str
    forward: float
    backward: float
    flop: int

    @property
    def seconds(self) -> float:
        """Of both passes."""
        return self.forward + self.backward

    @property
    def flop_per_second(self) -> float | None:
        """What it achieves; None where it multiplies no matrices."""
        return self.flop / self.seconds if self.flop and self.seconds else None


@dataclass(frozen=True)
class Profile:
    """Where the time of a training step goes.

    steps, step_seconds: how many whole steps were timed, and their median. batch_size: images in one. parts: seconds of
    a step, by what is done. layers: in the order of the network. traced_steps: from which those are.
    peak: floating-point operations a second of a large matrix product in the same precision, measured here.
    weights_bytes, optimizer_bytes: what both hold. peak_memory_bytes: the most that this process held so far, or, on a
    GPU, that torch held there; None where the system does not tell.
    """

    recipe: str
    data: str
    batch_size: int
    parameters: int
    device: str
    device_name: str
    threads: int
    precision: str
    steps: int
    step_seconds: float
    traced_steps: int
    parts: dict[str, float]
    layers: tuple[LayerWork, ...]
    peak: float
    weights_bytes: int
    optimizer_bytes: int
    peak_memory_bytes: int | None

    @property
    def images_per_second(self) -> float:
        """Training images."""
        return self.batch_size / self.step_seconds

    @property
    def flop(self) -> int:
        """Floating-point operations of a step, in its matrix products and convolutions."""
        return sum(layer.flop for layer in self.layers)

    @property
    def flop_per_second(self) -> float:
        """What the whole step achieves."""
        return self.flop / self.step_seconds

    def to_json(self) -> dict[str, Any]:
        """Plain values, with what follows from them."""
        layers = [
            asdict(layer) | {"seconds": layer.seconds, "flop_per_second": layer.flop_per_second}
            for layer in self.layers
        ]
        whole = {name: getattr(self, name) for name in ("images_per_second", "flop", "flop_per_second")}
        return asdict(self) | whole | {"layers": layers}


def profile(
    recipe: str,
    data: str | Path | Splits | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    seconds: float = 2.0,
    data_dir: str | Path | None = None,
) -> Profile:
    """Train a recipe for a few seconds and tell where the time of a step goes.

    recipe: a name that `tinylens recipes` prints, or the path of a recipe file. data: by default noise in the shape of
    the recipe's own data, which is as much work. settings: fields of the recipe, as {"batch_size": 128}. seconds: how
    long to time whole steps, of which at least three are, however long they take.
    Raises TinylensError where the recipe cannot be trained.
    """
    if not seconds > 0:
        raise UsageError(f"--seconds {seconds}: it must be more than 0")
    # Read when CUDA and the tracer are first used. Without the first a GPU works on while the next step is prepared,
    # and no layer has a time of its own; without the second the tracer reports itself on stderr; without the third, the
    # tracer's small blocks among large ones make the system give those anew, page by page, in each traced step.
    os.environ.setdefault("CUDA_LAUNCH_BLOCKING", "1")
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    kind = recipes.find(recipe)
    wanted = kind.resolve(settings or {})
    source = noise_for(kind, wanted) if data is None else data
    choice = choose(wanted, source, None, None, False)
    splits, batch_size = lengthened(choice.cut(source) if isinstance(source, Splits) else choice.load(data_dir), wanted)
    resolved = wanted.model_copy(update=UNENDING | FULL_SIZE | {"batch_size": batch_size})
    watch = Stopwatch(seconds)
    with TemporaryDirectory() as folder:
        run = Run.create(Path(folder), resolved, recipe, Manifest.of(choice, splits), opens_test=False)
        with suppress(Enough):
            fit(run, splits, progress=False, own=[watch])
        return told(run, splits, watch)


def lengthened(splits: Splits, recipe: Recipe) -> tuple[Splits, int]:
    """The splits with enough training images for several batches, the same ones again where they are few, and how many
    are in a batch of those that there are."""
    count = len(splits.train)
    batches = -(-count // recipe.batch_size)
    times = -(-FEWEST_BATCHES // batches)
    train = splits.train.select(np.tile(np.arange(count), times))
    return replace(splits, train=train), -(-count // batches)


def noise_for(kind: type[Recipe], recipe: Recipe) -> Splits:
    """Images of noise in the shape that a recipe was written for: its image size, and its data's number of classes."""
    named = known().get(kind.data or "")
    classes = tuple(str(number) for number in range(named.classes if named else 10))
    count = recipe.batch_size * -(-max(FEWEST_IMAGES, 4 * len(classes)) // recipe.batch_size)
    side = recipe.image_size
    images = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    labels = np.arange(count) % len(classes)
    few = max(100, len(classes))
    rows = np.arange(count)
    parts = {"train": rows, "validation": rows[:few], "test": rows[:few]}
    train, validation, test = (Dataset(images, rows, labels[rows], classes, name) for name, rows in parts.items())
    name = f"noise in the shape of {kind.data}" if named else "noise, ten classes"
    return Splits(name, train, test, validation, resize=recipe.resize)


def told(run: Run, splits: Splits, watch: Stopwatch) -> Profile:
    """What the watch saw, with the times of the traced steps in proportion to those of whole ones."""
    trace, step = together(watch.traces), median(watch.steps)
    share = step / trace.seconds
    session = watch.session
    hardware = session.hardware
    with seeded(session.recipe.seed):
        make_ready(hardware)
        peak = fastest_product(hardware.precision, hardware.device)
    return Profile(
        recipe=run.title,
        data=splits.name,
        batch_size=watch.batch_size,
        parameters=parameter_count(session.lens.network),
        device=hardware.device,
        device_name=hardware.device_name,
        threads=hardware.threads,
        precision=hardware.precision,
        steps=len(watch.steps),
        step_seconds=step,
        traced_steps=len(watch.traces),
        parts={part: share * trace.parts[part] for part in PARTS},
        layers=layers_of(watch, trace, share),
        peak=peak,
        weights_bytes=watch.weights_bytes,
        optimizer_bytes=watch.optimizer_bytes,
        peak_memory_bytes=peak_memory(hardware.device),
    )


def layers_of(watch: Stopwatch, trace: Trace, share: float) -> tuple[LayerWork, ...]:
    """Each layer's work, and last what is computed between layers, where anything is."""
    rows = [
        LayerWork(name, kind, share * trace.forward[name], share * trace.backward[name], watch.flop.get(name, 0))
        for name, kind in watch.layers.items()
    ]
    known_flop = sum(row.flop for row in rows)
    named = [sum(times[name] for name in watch.layers) for times in (trace.forward, trace.backward)]
    whole = trace.parts["forward"], trace.parts["backward"]
    forward, backward = (share * max(0.0, of_all - part) for of_all, part in zip(whole, named, strict=True))
    return (*rows, LayerWork(BETWEEN, "", forward, backward, watch.whole_flop - known_flop))
