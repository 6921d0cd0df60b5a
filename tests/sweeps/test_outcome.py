"""How a sweep's runs are ranked, with which spread and interval, and the files about them."""

import csv
import json
import math
import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from tests.sweeps.samples import outcome

from tinylens import recipes
from tinylens.data import Splits
from tinylens.evaluation.statistics import t_interval
from tinylens.runs import Run
from tinylens.sweeps import Plan, Sweep
from tinylens.sweeps.outcome import ranked
from tinylens.sweeps.plan import trainings
from tinylens.sweeps.remarks import partial, remarks


def test_the_spread_is_that_of_the_runs(done: Sweep) -> None:
    for row in done.rows:
        accuracies = [Run(done.path / o.run).metrics("validation")["accuracy"] for o in row.outcomes]
        assert row.accuracy == pytest.approx(statistics.mean(accuracies))
        assert row.deviation == pytest.approx(np.std(accuracies, ddof=1))
        assert "±" in row.said
        low, high = scipy.stats.ttest_1samp(accuracies, 0).confidence_interval(0.95)
        if row.deviation > 0.02:  # else it is held up by the step in which accuracies come
            assert row.interval == pytest.approx((max(0.0, low), min(1.0, high)))
        assert row.interval[0] < min(accuracies)
        assert row.interval[1] > max(accuracies) or row.interval[1] == 1.0
    assert "standard deviation over 2 seeds" in " ".join(remarks(done))
    assert "95 % interval of the mean over seeds (t)" in " ".join(remarks(done))


def test_the_interval_of_several_seeds_is_that_of_their_mean() -> None:
    values = [0.70, 0.74, 0.69]
    exact = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert t_interval(values, finest=1e-9) == pytest.approx((exact.low, exact.high))
    assert t_interval([0.2, 0.8], finest=0.01) == (0.0, 1.0)  # of two that differ so much, nothing is known
    low, high = t_interval([0.5, 0.5], finest=0.01)
    assert low < 0.48 < 0.52 < high  # two that agree prove little
    narrow = t_interval([0.5] * 10, finest=0.01)
    assert low < narrow[0] < 0.5 < narrow[1] < high


def test_a_combination_with_failures_ranks_after_the_complete_ones(digits: Splits) -> None:
    plan = Plan("four-by-four", "digits", "digits", {"batch_size": [1, 2, 3]}, 2, {}, None, False)
    todo = trainings(plan, recipes.find("four-by-four"), digits)
    found = {t.key: outcome(t.values["batch_size"] / 10, seed=t.recipe.seed) for t in todo}
    lost = todo[5]
    del found[lost.key]
    made = Sweep(Path("runs/sweep-x"), plan, ranked(plan, todo, found, {lost.key: "the loss is nan"}))
    assert [row.values["batch_size"] for row in made.rows] == [2, 1, 3]
    assert made.rows[2].said.endswith(", 1 failed")
    assert partial(made) == [
        "Combinations with failed runs (1) rank after all others, whatever their mean: one over the seeds that did not "
        "fail flatters."
    ]
    assert partial(replace(made, rows=made.rows[:2])) == []


def test_rows_are_ranked_by_mean_accuracy_then_loss_and_those_without_a_run_last(digits: Splits) -> None:
    plan = Plan("four-by-four", "digits", "digits", {"batch_size": [1, 2, 3, 4, 5]}, 2, {}, None, False)
    todo = trainings(plan, recipes.find("four-by-four"), digits)
    figures = {1: (0.5, 1.0), 2: (0.9, 1.0), 3: (0.9, 0.5), 4: (0.7, 1.0)}
    found = {}
    for training in todo:
        if training.values["batch_size"] in figures:
            accuracy, loss = figures[training.values["batch_size"]]
            found[training.key] = outcome(accuracy, seed=training.recipe.seed, loss=loss)
    rows = ranked(plan, todo, found, {todo[4].key: "the loss is nan"})
    assert [row.values["batch_size"] for row in rows] == [3, 2, 4, 1, 5]
    assert all(len(row.outcomes) == 2 for row in rows[:4])
    assert rows[4].failures == ("batch_size=5, seed 0: the loss is nan",)
    assert rows[4].said == "failed"
    assert math.isnan(rows[4].accuracy)


def test_the_files_say_the_same(done: Sweep) -> None:
    told = json.loads(done.file("json").read_text())
    assert told == json.loads(json.dumps(done.to_json()))
    assert (told["runs_planned"], told["runs_done"]) == (4, 4)
    assert told["best"] == str(done.best.path)
    lines = list(csv.DictReader(done.file("csv").read_text().splitlines()))
    assert [float(line["accuracy"]) for line in lines] == pytest.approx([row.accuracy for row in done.rows], abs=1e-6)
    assert [int(line["batch_size"]) for line in lines] == [row.values["batch_size"] for row in done.rows]
    assert (done.path / lines[0]["best_run"]).is_dir()
    assert done.file("svg").read_text().startswith("<?xml")
