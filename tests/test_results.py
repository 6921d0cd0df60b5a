"""The page of results: what it says follows from the runs."""

import re
from pathlib import Path

import numpy as np
import pytest

from tinylens import Splits, train
from tinylens.errors import UsageError
from tinylens.recipe import Published
from tinylens.results import write_results
from tinylens.runs import Run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, digits: Splits) -> list[Run]:
    root = tmp_path_factory.mktemp("runs")
    settings = [{"seed": 0}, {"seed": 1}, {"seed": 0, "optimizer.lr": 0.005}, {"seed": 0, "as_published": True}]
    return [train("four-by-four", digits, epochs=2, settings=one, out=root, progress=False) for one in settings]


def rows(page: Path) -> list[list[str]]:
    lines = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_runs_that_differ_by_seed_are_one_row_with_mean_and_deviation(runs: list[Run], tmp_path: Path) -> None:
    found = {row[0]: row for row in rows(write_results([runs[0].path.parent], tmp_path / "results.md"))}
    assert set(found) == {
        "four-by-four (epochs=2)",
        "four-by-four (epochs=2, optimizer.lr=0.005)",
        "four-by-four (as published, epochs=2)",
    }
    both = [run.metrics("test")["accuracy"] for run in runs[:2]]
    value, spread, n = re.findall(r"[\d.]+", found["four-by-four (epochs=2)"][5])
    assert (float(value), float(spread), n) == (
        pytest.approx(100 * np.mean(both), abs=0.006),
        pytest.approx(100 * np.std(both, ddof=1), abs=0.006),
        "2",
    )
    assert "1 run" in found["four-by-four (epochs=2, optimizer.lr=0.005)"][5]
    assert found["four-by-four (as published, epochs=2)"][5].endswith("†")
    assert found["four-by-four (epochs=2)"][1:4] == ["digits", "225,610", "2"]


def test_the_published_figure_is_shown_only_beside_the_same_data(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {row[6] for row in rows(write_results([runs[0].path], tmp_path / "results.md"))} == {"–"}
    kind = type(runs[0].recipe)
    monkeypatch.setattr(kind, "published", Published(0.6684, "digits", "a table"))
    assert rows(write_results([runs[0].path], tmp_path / "results.md"))[0][6].startswith("66.84")


def test_an_unfinished_run_is_told_with_its_curve_and_the_time_it_would_take(digits: Splits, tmp_path: Path) -> None:
    run = train("four-by-four", digits, epochs=2, out=tmp_path, progress=False)
    (run.path / "lens" / "lens.json").unlink()  # as if it had been stopped after two of a hundred epochs
    (run.path / "evaluation" / "test" / "metrics.json").unlink()
    about = (run.path / "recipe.json").read_text()
    (run.path / "recipe.json").write_text(about.replace('"epochs": 2', '"epochs": 100'))
    page = write_results([run.path], tmp_path / "results.md")
    last = run.history[-1]
    assert f"{last['step']:,} of {50 * last['step']:,} iterations" in page.read_text()
    assert "on this machine" in page.read_text()
    assert "<svg" in (tmp_path / "results-four-by-four.svg").read_text()


def test_runs_on_part_of_the_data_say_nothing(digits: Splits, tmp_path: Path) -> None:
    train("four-by-four", "digits", epochs=1, limit=100, out=tmp_path, progress=False)
    with pytest.raises(UsageError, match="no run on whole data"):
        write_results([tmp_path], tmp_path / "results.md")
    with pytest.raises(UsageError, match="nothing to tell"):
        write_results([tmp_path / "nowhere"], tmp_path / "results.md")
