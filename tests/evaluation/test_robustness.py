"""Robustness of a lens: measured, kept in the run, and shown."""

import csv
import shutil
from pathlib import Path

import pytest

import tinylens
from tinylens.corruptions import KINDS
from tinylens.data import Splits
from tinylens.errors import TinylensError, UsageError
from tinylens.evaluation.judge import judge
from tinylens.evaluation.robustness import measure_robustness, saved_robustness
from tinylens.runs import Run


@pytest.fixture(scope="module")
def judged(trained: tuple[Run, Splits], tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Splits]:
    """A run whose robustness was measured. Do not change it."""
    run, splits = trained
    copy = Run(shutil.copytree(run.path, tmp_path_factory.mktemp("judged") / "run"))
    judge(copy, "validation", splits, by="a test")
    tinylens.evaluate(copy, "validation", corruptions=True, limit=40, data=splits, progress=False)
    return copy, splits


def test_every_kind_and_severity_is_measured_and_kept(judged: tuple[Run, Splits]) -> None:
    run, splits = judged
    found = saved_robustness(run, "validation")
    assert found is not None
    assert list(found.accuracies) == list(KINDS)
    assert all(len(values) == 5 and 0 <= min(values) <= max(values) <= 1 for values in found.accuracies.values())
    assert found.images == 40
    assert 0 < found.mean < found.clean
    assert found == measure_robustness(run.lens, splits["validation"], limit=40)
    with run.corruptions("validation").with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["severity 3"]) for row in rows] == pytest.approx([v[2] for v in found.accuracies.values()])
    assert found.of_group("noise")[4] == pytest.approx(sum(found.accuracies[k][4] for k in list(KINDS)[:3]) / 3)


def test_the_report_has_the_table_where_it_was_measured(judged: tuple[Run, Splits]) -> None:
    run, _ = judged
    text = run.report.read_text()
    assert '<section id="robustness">' in text
    assert "impulse noise" in text
    assert (run.plots / "robustness.svg").is_file()


def test_corrupted_test_images_are_one_opening(trained: tuple[Run, Splits], tmp_path: Path) -> None:
    run, splits = trained
    copy = Run(shutil.copytree(run.path, tmp_path / "run"))
    tinylens.evaluate(copy, "test", corruptions=True, limit=10, data=splits, progress=False)
    assert [opening["by"] for opening in copy.openings] == ["by tinylens evaluate --corruptions"]
    assert copy.openings[0]["lens"] == copy.lens_fingerprint


def test_limits_that_make_no_sense_are_refused(judged: tuple[Run, Splits]) -> None:
    run, splits = judged
    with pytest.raises(UsageError, match="limit 0: must be at least 1"):
        measure_robustness(run.lens, splits.test, limit=0)
    with pytest.raises(UsageError, match="a limit is for corruptions"):
        tinylens.evaluate(run, "validation", limit=10, data=splits, progress=False)


def test_a_damaged_file_says_what_to_do(judged: tuple[Run, Splits], tmp_path: Path) -> None:
    copy = Run(shutil.copytree(judged[0].path, tmp_path / "run"))
    copy.corruptions("validation").write_text('{"accuracies": {}}')
    with pytest.raises(TinylensError, match="--corruptions` makes it anew"):
        saved_robustness(copy, "validation")
