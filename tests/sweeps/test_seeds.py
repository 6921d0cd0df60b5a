"""Several seeds of one recipe under one name: what is told, and that each run is judged as `train` does."""

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from tests.sweeps.samples import QUICK, outcome

import tinylens
from tinylens.data import Splits
from tinylens.errors import UsageError
from tinylens.runs import Run, all_runs
from tinylens.sweeps import Plan, Row, Sweep
from tinylens.sweeps.remarks import spread


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, digits: Splits) -> Sweep:
    """Three seeds. Do not change it."""
    out = tmp_path_factory.mktemp("runs")
    return tinylens.train_seeds("four-by-four", digits, seeds=3, seed=4, out=out, **QUICK)


def test_all_runs_are_in_one_folder_judged_on_test_once(made: Sweep) -> None:
    runs = all_runs(made.path)
    assert [run.recipe.seed for run in runs] == [4, 5, 6]
    assert [run.times_opened for run in runs] == [1, 1, 1]
    assert made.path.name.startswith("seeds-digits-four-by-four-")
    (row,) = made.rows
    accuracies = [run.metrics("test")["accuracy"] for run in runs]
    assert [outcome.accuracy for outcome in row.outcomes] == accuracies
    told = json.loads(made.file("json").read_text())
    (figures,) = told["rows"]
    assert figures["accuracy"] == pytest.approx(statistics.mean(accuracies))
    assert figures["deviation"] == pytest.approx(statistics.stdev(accuracies))
    assert (figures["min"], figures["max"], figures["n"]) == (min(accuracies), max(accuracies), 3)
    assert told["best"] is None


def test_a_run_of_it_is_the_one_that_train_makes(made: Sweep, digits: Splits, tmp_path: Path) -> None:
    alone = tinylens.train("four-by-four", digits, seed=5, out=tmp_path, **QUICK)
    run = Run(made.path / made.rows[0].outcomes[1].run)
    assert run.metrics("test")["loss"] == alone.metrics("test")["loss"]


def test_the_page_tells_of_test_images_and_of_no_best(made: Sweep) -> None:
    text = made.file("html").read_text()
    assert "Seeds of four-by-four on digits" in text
    assert "test accuracy, mean of 3 seeds" in text
    assert "Lowest, highest" in text
    assert "each looked at the test images" in text
    assert "Each run looked at the test images once" in text
    assert "The best is chosen" not in text
    assert "best combination" not in text


def test_resume_goes_on_to_the_same(made: Sweep, digits: Splits) -> None:
    assert tinylens.resume_sweep(made.path, data=digits, progress=False).to_json() == made.to_json()


def test_as_published_the_mark_stands_behind_the_figures(digits: Splits, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"as_published": True}
    made = tinylens.train_seeds("four-by-four", digits, seeds=2, settings=settings, out=tmp_path, **QUICK)
    assert made.mark.endswith("†")
    assert "test accuracy\u202f†" in made.file("html").read_text()


def test_of_a_single_seed_no_spread_is_told() -> None:
    plan = Plan("four-by-four", "digits", "digits", {}, 1, {}, None, False, open_test=True)
    said = spread(Sweep(Path("runs/seeds-x"), plan, (Row({}, (outcome(0.9),)),)))
    assert "of a single seed is of the test images alone" in said
    assert "±" not in said


def test_no_seeds_are_refused(digits: Splits, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--seeds 0: it must be at least 1"):
        tinylens.train_seeds("four-by-four", digits, seeds=0, out=tmp_path, **QUICK)
