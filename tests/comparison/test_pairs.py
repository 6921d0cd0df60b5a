"""Differences of sides against scipy and statsmodels, and the levels of the tests of seeds."""

import json
from itertools import combinations
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from tests.comparison.samples import copied

import tinylens
from tinylens.comparison.seeds import paired_t, t_test, welch_t
from tinylens.runs import Run


def test_two_runs_are_compared_by_mcnemar_and_by_images(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / str(i), luck=i, rate=rate, batch_size=32 * i) for i, rate in ((1, 0.85), (2, 0.93))]
    made = tinylens.compare([run.path for run in runs])
    (pair,) = made.pairs
    one, two = (made.sides[i].predictions[0].correct for i in (0, 1))
    assert pair.first_alone.tolist() == np.flatnonzero(one & ~two).tolist()
    assert pair.second_alone.tolist() == np.flatnonzero(two & ~one).tolist()
    assert len(pair.first_alone) + len(pair.second_alone) + pair.both + pair.neither == len(one)
    table = [[pair.both, len(pair.first_alone)], [len(pair.second_alone), pair.neither]]
    assert pair.test == "exact McNemar"
    assert pair.p == pair.corrected == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert pair.difference == pytest.approx(two.mean() - one.mean())
    error = (two.astype(float) - one).std() / np.sqrt(len(one))
    assert pair.interval == pytest.approx((pair.difference - 1.96 * error, pair.difference + 1.96 * error), abs=0.006)
    assert pair.lenses_differ
    assert pair.seeds is None
    assert not pair.recipes_differ
    labels = made.sides[0].predictions[0].labels
    for label, change in enumerate(pair.classes):
        assert change.images == (labels == label).sum()
        assert change.difference == pytest.approx(two[labels == label].mean() - one[labels == label].mean())
        assert change.interval[0] - 1e-9 <= change.difference <= change.interval[1] + 1e-9
    json.dumps(made.to_json(), allow_nan=False)


def test_groups_are_compared_over_seeds_and_said_how(base: Run, tmp_path: Path) -> None:
    for seed in range(3):
        copied(base, tmp_path / "runs" / f"a{seed}", seed=seed, luck=seed, rate=0.85)
        copied(base, tmp_path / "runs" / f"b{seed}", seed=seed, luck=10 + seed, rate=0.93, batch_size=64)
        copied(base, tmp_path / "runs" / f"c{seed}", seed=seed + 1, luck=20 + seed, rate=0.93, batch_size=128)
    made = tinylens.compare([tmp_path / "runs"])
    one, two, three = made.sides
    assert [pair.seeds.method for pair in made.pairs if pair.seeds] == ["paired by seed", "Welch", "Welch"]
    paired, welch = made.pairs[0].seeds, made.pairs[1].seeds
    assert paired is not None
    assert welch is not None
    expected = stats.ttest_rel(two.accuracies, one.accuracies)
    assert paired.p == pytest.approx(expected.pvalue)
    assert paired.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))
    expected = stats.ttest_ind(three.accuracies, one.accuracies, equal_var=False)
    assert welch.p == pytest.approx(expected.pvalue)
    assert welch.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert all(pair.test == "exact sign flips" for pair in made.pairs)
    assert all(pair.corrected >= pair.p for pair in made.pairs)
    assert made.pairs[1].recipes_differ
    assert not made.pairs[2].recipes_differ


def test_a_group_and_a_run_are_compared_by_images_alone(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / f"a{seed}", seed=seed, luck=seed) for seed in (0, 1)]
    runs.append(copied(base, tmp_path / "b", rate=0.7, batch_size=64))
    made = tinylens.compare([run.path for run in runs])
    (pair,) = made.pairs
    assert (pair.seeds, pair.test, pair.lenses_differ) == (None, "exact sign flips", True)
    assert "there is one seed" in made.verdicts[0]


@pytest.mark.parametrize("runs", [2, 3, 5])
def test_seeds_of_one_recipe_differ_no_more_often_than_the_level_and_the_interval_holds_the_truth(runs: int) -> None:
    """2,000 pairs of groups whose accuracies differ by seeds alone, as real ones do: by about half a point."""
    draw = np.random.default_rng(runs)
    found = {"paired": 0, "welch": 0}
    for _ in range(2000):
        one, two = draw.normal(0.75, 0.005, (2, runs)).round(4).tolist()
        tests = {
            "paired": paired_t([b - a for a, b in zip(one, two, strict=True)], 1e-4),
            "welch": welch_t(one, two, 1e-4),
        }
        for name, ends in tests.items():
            test = t_test(name, (runs, runs), *ends)
            assert (test.interval[0] > 0 or test.interval[1] < 0) == (test.p < 0.05)
            found[name] += test.p < 0.05
    luck = sqrt(0.05 * 0.95 / 2000)  # standard error of a share of 2,000
    assert found["paired"] / 2000 == pytest.approx(0.05, abs=4 * luck)  # so its interval holds the truth 19 times of 20
    assert found["welch"] / 2000 <= 0.05 + 4 * luck  # with few runs it is careful


def test_every_two_sides_make_a_pair_corrected_by_holm(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / str(i), luck=i, rate=0.8 + 0.03 * i, batch_size=32 * i) for i in (1, 2, 3)]
    made = tinylens.compare([run.path for run in runs])
    names = [side.name for side in made.sides]
    assert [(pair.first.name, pair.second.name) for pair in made.pairs] == list(combinations(names, 2))
    lowest = min(made.pairs, key=lambda pair: pair.p)
    assert lowest.corrected == pytest.approx(min(1, 3 * lowest.p))
    assert "by Holm for 3 comparisons p" in made.verdicts[0]
