"""What a sweep came to: the figures of each run, the rows of the table, best first, and the run to go on with."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tinylens.errors import TinylensError
from tinylens.evaluation.judge import table
from tinylens.evaluation.statistics import t_interval
from tinylens.runs import SWEEP_FILE, Run, title_of
from tinylens.sweeps.plan import Plan, Training, in_words, told
from tinylens.words import duration, with_deviation, with_interval

SEEDS_INTERVAL = "95 % interval of the mean over seeds (t)"
IMAGES_INTERVAL = "95 % interval of the images (Wilson)"


@dataclass(frozen=True)
class Outcome:
    """What one run came to on its validation images, or, of seeds alone, on the test images.

    run: the name of its directory in the sweep's. interval: 95 % Wilson interval. seconds: of training.
    """

    run: str
    seed: int
    accuracy: float
    interval: tuple[float, float]
    loss: float
    images: int
    epochs: int
    steps: int
    seconds: float

    @classmethod
    def of(cls, run: Run, split: str) -> "Outcome":
        """What a finished run came to on a split."""
        metrics, training = run.metrics(split), run.training
        low, high = metrics["interval"]
        figures = metrics["accuracy"], (low, high), metrics["loss"], metrics["images"]
        return cls(run.path.name, run.recipe.seed, *figures, *(training[k] for k in ("epochs", "steps", "seconds")))


@dataclass(frozen=True)
class Row:
    """What one combination came to over the seeds that are done.

    outcomes: one for each of them. failures: what went wrong with others, in one line each.
    """

    values: dict[str, Any]
    outcomes: tuple[Outcome, ...]
    failures: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The combination in words."""
        return in_words(self.values)

    @property
    def accuracy(self) -> float:
        """Mean accuracy, in 0 .. 1; not a number where no run is done."""
        return mean([outcome.accuracy for outcome in self.outcomes])

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the accuracy over seeds; None below two of them."""
        return statistics.stdev([o.accuracy for o in self.outcomes]) if len(self.outcomes) > 1 else None

    @property
    def lowest(self) -> float:
        """The lowest accuracy of its runs."""
        return min(outcome.accuracy for outcome in self.outcomes)

    @property
    def highest(self) -> float:
        """The highest accuracy of its runs."""
        return max(outcome.accuracy for outcome in self.outcomes)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval that `interval_of` names."""
        if self.interval_of == "images":
            return self.outcomes[0].interval
        return t_interval([o.accuracy for o in self.outcomes], finest=1 / min(o.images for o in self.outcomes))

    @property
    def interval_of(self) -> str:
        """What the interval speaks of: the mean over "seeds" (t), or of a single run other "images" (Wilson)."""
        return "images" if self.deviation is None else "seeds"

    @property
    def said(self) -> str:
        """The accuracy with how sure it is, and whether runs failed; or that there is none."""
        if not self.outcomes:
            return "failed" if self.failures else "not run yet"
        known = self.accuracy, self.deviation
        sure = with_interval(known[0], self.interval) if known[1] is None else with_deviation(known[0], known[1])
        return f"{sure}, {len(self.failures)} failed" if self.failures else sure

    @property
    def loss(self) -> float:
        """Mean validation loss."""
        return mean([outcome.loss for outcome in self.outcomes])

    @property
    def epochs(self) -> float:
        """Mean number of epochs that a run took."""
        return mean([outcome.epochs for outcome in self.outcomes])

    @property
    def steps(self) -> float:
        """Mean number of steps that a run took."""
        return mean([outcome.steps for outcome in self.outcomes])

    @property
    def seconds(self) -> float:
        """Mean time of a run's training."""
        return mean([outcome.seconds for outcome in self.outcomes])

    @property
    def best(self) -> Outcome:
        """The best of its runs; of several the one with the lowest loss."""
        return min(self.outcomes, key=lambda outcome: (-outcome.accuracy, outcome.loss))

    @property
    def cells(self) -> list[str]:
        """What the table says of it: each value, accuracy, runs that are done, mean epochs and mean time."""
        done = bool(self.outcomes)
        budget = [f"{self.epochs:.3g}", duration(self.seconds)] if done else ["–", "–"]
        return [*map(told, self.values.values()), self.said, str(len(self.outcomes)), *budget]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file: means over the runs that are done, then these one by one."""
        done = bool(self.outcomes)
        means = {k: getattr(self, k) if done else None for k in ("accuracy", "loss", "epochs", "steps", "seconds")}
        interval = (list(self.interval), self.interval_of) if done else (None, None)
        ends = (self.lowest, self.highest) if done else (None, None)
        spread = {"deviation": self.deviation, "interval": interval[0], "interval_of": interval[1]}
        spread |= {"min": ends[0], "max": ends[1]}
        runs = [asdict(outcome) for outcome in self.outcomes]
        return {"values": self.values, "n": len(runs)} | means | spread | {"runs": runs, "failures": [*self.failures]}


@dataclass(frozen=True)
class Sweep:
    """A sweep: its folder, its plan, and what it came to so far.

    rows: a combination each, best mean validation accuracy first, and of equal ones the lower loss; those of which a
    run failed come after them, and those of which no run is done last.
    """

    path: Path
    plan: Plan
    rows: tuple[Row, ...] = field(repr=False)

    @property
    def ranked(self) -> tuple[Row, ...]:
        """The rows that have a figure."""
        return tuple(row for row in self.rows if row.outcomes)

    @property
    def level(self) -> list[Row]:
        """The rows after the first whose interval overlaps that of the first."""
        low, high = self.ranked[0].interval
        return [row for row in self.ranked[1:] if row.interval[1] >= low and row.interval[0] <= high]

    @property
    def partial(self) -> list[Row]:
        """The rows that have a figure though runs of theirs failed."""
        return [row for row in self.ranked if row.failures]

    @property
    def outcomes(self) -> list[Outcome]:
        """Every run that is done."""
        return [outcome for row in self.rows for outcome in row.outcomes]

    @property
    def failures(self) -> list[str]:
        """What went wrong with each run that failed."""
        return [failure for row in self.rows for failure in row.failures]

    @property
    def best(self) -> Run:
        """The best run of the best combination. Raises TinylensError where no run is done."""
        if not self.ranked:
            why = f"; the first that failed: {self.failures[0]}" if self.failures else ""
            raise TinylensError(f"no run of {self.path} is done{why}")
        return Run(self.path / self.ranked[0].best.run)

    @property
    def runs(self) -> list[Run]:
        """Every run that is done."""
        return [Run(self.path / outcome.run) for outcome in self.outcomes]

    @property
    def mark(self) -> str:
        """What stands behind its figures where they are of test images that selection looked at."""
        return self.runs[0].recipe.mark if self.plan.open_test and self.outcomes else ""

    @property
    def title(self) -> str:
        """The recipe and the data."""
        return f"{title_of(self.plan.recipe)} on {self.plan.data}"

    @property
    def recipe(self) -> str:
        """What `train` takes: the recipe's name, or the path of the user's own as it is kept in the sweep."""
        return recipe_in(self.path, self.plan)

    def file(self, suffix: str) -> Path:
        """The sweep's file of that kind: json, csv, svg or html."""
        return (self.path / SWEEP_FILE).with_suffix(f".{suffix}")

    def to_json(self) -> dict[str, Any]:
        """Plain values with keys that stay: what `tinylens sweep --json` prints and sweep.json holds."""
        # The best by test images is no one's to go on with.
        best = str(self.path / self.ranked[0].best.run) if self.ranked and not self.plan.open_test else None
        about = {"sweep": str(self.path), "runs_planned": self.plan.size, "runs_done": len(self.outcomes), "best": best}
        files = {kind: str(self.file(kind)) for kind in ("csv", "svg", "html")}
        return about | files | {"plan": self.plan.to_json(), "rows": [row.to_json() for row in self.rows]}

    def to_csv(self) -> str:
        """A line for each combination; without figures where no run of it is done."""
        figures = ["n", "accuracy", "deviation", "low", "high", "interval_of"]
        figures += ["loss", "epochs", "steps", "seconds", "best_run"]
        rows = [csv_row(rank, row) for rank, row in enumerate(self.rows, 1)]
        return table([["rank", *self.plan.over, *figures], *rows])


def csv_row(rank: int, row: Row) -> list[object]:
    """A row of the table as the cells of its line."""
    values = [told(value) for value in row.values.values()]
    if not row.outcomes:
        return ["", *values, 0, *[""] * 10]
    deviation = "" if row.deviation is None else f"{row.deviation:.6f}"
    figures = [f"{row.accuracy:.6f}", deviation, *(f"{end:.6f}" for end in row.interval), row.interval_of]
    budget = [f"{row.loss:.6f}", f"{row.epochs:g}", f"{row.steps:g}", f"{row.seconds:.3f}"]
    return [rank, *values, len(row.outcomes), *figures, *budget, row.best.run]


def recipe_in(folder: Path, plan: Plan) -> str:
    """What `train` takes of a plan whose sweep is in that folder. No recipe file elsewhere is run, whatever it says."""
    return str(folder / Path(plan.recipe).name) if plan.recipe.endswith(".py") else plan.recipe


def ranked(
    plan: Plan, todo: Sequence[Training], done: Mapping[str, Outcome], failed: Mapping[str, str]
) -> tuple[Row, ...]:
    """The rows of a sweep, best first. todo: all its trainings. done, failed: what is known of them, by their keys."""
    rows, combinations = [], plan.combinations
    for place, values in enumerate(combinations):
        mine = todo[place :: len(combinations)]  # one with each seed
        outcomes = tuple(done[training.key] for training in mine if training.key in done)
        failures = tuple(f"{t.name}: {failed[t.key]}" for t in mine if t.key in failed)
        rows.append(Row(values, outcomes, failures))
    return tuple(sorted(rows, key=standing))


def standing(row: Row) -> tuple[bool, bool, float, float]:
    """What rows are ordered by. A mean over the seeds that did not fail would flatter, so failures count first."""
    if not row.outcomes:
        return True, True, 0.0, 0.0
    return False, bool(row.failures), -row.accuracy, row.loss


def mean(values: Sequence[int] | Sequence[float]) -> float:
    """The mean; not a number of nothing."""
    return statistics.fmean(values) if values else math.nan


def span(values: Sequence[int]) -> str:
    """Whole numbers in short: 5, or 3 – 8."""
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} – {high:,}"
