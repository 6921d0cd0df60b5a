"""That seeds of one recipe are not taken for two recipes, by trainings that were really made."""

from pathlib import Path

import pytest
from scipy import stats
from tests.conftest import prepared

import tinylens
from tinylens.evaluation.judge import judge
from tinylens.runs import Run
from tinylens.training.fit import fit

PAIRS = 50


def trained(folder: Path, recipe: str, seed: int, keep_every: int | None) -> Run:
    """A run on the digits, judged on the test images."""
    run, splits = prepared(folder, recipe, None, seed=seed, epochs=1, keep_every=keep_every)
    fit(run, splits, progress=False)
    judge(run, "test", splits, by="a test")
    return run


@pytest.mark.slow
def test_of_50_pairs_of_one_recipe_no_more_differ_than_the_level_allows(noisy: str, tmp_path: Path) -> None:
    """300 trainings: no seed is in two pairs, and sides are told apart by a setting that does nothing in one epoch."""
    found = {"recipes": 0, "seeds": 0, "lenses of one seed each": 0}
    for pair in range(PAIRS):
        first = [trained(tmp_path, noisy, 6 * pair + i, None).path for i in range(3)]
        second = [trained(tmp_path, noisy, 6 * pair + 3 + i, 1000).path for i in range(3)]
        (groups,) = tinylens.compare([*first, *second]).pairs
        assert groups.seeds is not None
        found["recipes"] += groups.recipes_differ
        found["seeds"] += groups.seeds.p < 0.05
        single = tinylens.compare([first[0], second[0]])
        found["lenses of one seed each"] += single.pairs[0].lenses_differ
        assert not single.pairs[0].recipes_differ
        assert "On one seed each this says" in single.verdicts[0]
        seeds = tinylens.compare(first[:2])
        assert "there is no difference of recipes to be found" in seeds.verdicts[0]
    print(f"\nof {PAIRS} pairs said to differ: {found}")
    assert found["recipes"] <= found["seeds"] <= stats.binom.ppf(0.999, PAIRS, 0.05)
