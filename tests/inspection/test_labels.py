"""A data set checked with a run: labels that were made wrong are found, by the command too."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.calling import Here, said
from tests.data.checkup.samples import fill

import tinylens
from tinylens.data import Splits
from tinylens.errors import UsageError
from tinylens.inspection import check_data
from tinylens.runs import Run


@pytest.fixture(scope="module")
def wrong(digits: Splits) -> tuple[Splits, np.ndarray]:
    """The digits with one training label in twenty made wrong, and which."""
    generator = np.random.default_rng(7)  # not the run's seed, which would draw the same images for validation
    chosen = generator.permutation(len(digits.train))[: len(digits.train) // 20]
    labels = digits.train.labels.copy()
    labels[chosen] = (labels[chosen] + generator.integers(1, 10, len(chosen))) % 10
    return replace(digits, train=replace(digits.train, labels=labels)), chosen


@pytest.fixture(scope="module")
def run(wrong: tuple[Splits, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on them."""
    out = tmp_path_factory.mktemp("wrong")
    return tinylens.train("four-by-four", wrong[0], epochs=4, out=out, progress=False)


def facts(found: Any, code: str = "labels") -> dict[str, Any]:
    """The figures of one check."""
    return next(dict(one.facts) for one in found.observations if one.code == code)


def test_wrong_labels_are_found_out_of_fold(
    run: Run, wrong: tuple[Splits, np.ndarray], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    splits, chosen = wrong
    found = check_data(splits, tmp_path / "check.html", run=run, folds=2, progress=False)
    assert capfd.readouterr().err.count("fold ") == 2
    assert sorted(path.name for path in run.path.parent.iterdir()) == [run.path.name]  # the folds leave no run behind
    train = run.manifest.reload(splits).train
    made_wrong = np.isin(train.rows, splits.train.rows[chosen])
    suspects = facts(found)["train"]["suspects"]
    named = np.array([int(one["image"].split()[1]) for one in suspects])
    assert made_wrong[named].sum() / made_wrong.sum() > 0.8
    assert made_wrong[named[:20]].mean() > 0.8
    assert 0.02 < facts(found)["train"]["noise"] < 0.12
    assert not found.sound
    page = (tmp_path / "check.html").read_text()
    assert "Probable label errors" in page
    assert "https://" not in page


def test_without_folds_only_images_that_were_not_trained_on_are_judged(
    run: Run, wrong: tuple[Splits, np.ndarray], tmp_path: Path
) -> None:
    found = check_data(wrong[0], tmp_path / "check.html", run=run, progress=False)
    assert list(facts(found)) == ["validation", "test"]
    assert list(found.survey.splits) == ["train", "validation", "test"]
    assert set(facts(found, "leaks")) == {"validation in train", "test in train", "test in validation"}


def test_a_run_on_other_data_is_refused(run: Run, here: Here, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name one with --run"):
        check_data("digits", tmp_path / "check.html", folds=3)
    with pytest.raises(UsageError, match="must be at least 2"):
        check_data("digits", tmp_path / "check.html", run=run, folds=1)
    done = here("train", "four-by-four", "--data", "digits", "--epochs", "1", "--limit", "100", "--json", cwd=tmp_path)
    fill(tmp_path / "pictures", {"cat": 12, "dog": 12})
    result = here("data", "check", "pictures", "--run", str(said(done)["run"]), cwd=tmp_path)
    assert result.returncode == 2
    assert "was trained on digits" in result.stderr


def test_the_exit_status_says_what_was_found_only_where_that_is_asked(here: Here, tmp_path: Path) -> None:
    root = fill(tmp_path / "pictures", {"cat": 40, "dog": 40})
    assert here("data", "check", "pictures", "--strict", cwd=tmp_path).returncode == 0
    for file in sorted((root / "dog").iterdir())[4:]:
        file.unlink()
    assert here("data", "check", "pictures", cwd=tmp_path).returncode == 0
    result = here("data", "check", "pictures", "--strict", "--out", "page.html", cwd=tmp_path)
    assert result.returncode == 1
    assert "warning" in result.stdout
    assert result.stdout.strip().endswith("page.html")
    assert here("data", "check", "nowhere", cwd=tmp_path).returncode == 2


def test_the_command_speaks_json(here: Here, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", {"cat": 12, "dog": 12})
    value = said(here("data", "check", "pictures", "--json", cwd=tmp_path))
    assert value["images"].keys() == {"train", "test"}
    assert [one["code"] for one in value["checks"]][:2] == ["files", "balance"]
    assert all(one["severity"] in ("error", "warning", "note", "fine") for one in value["checks"])
    assert (tmp_path / value["page"]).is_file()
