"""The history of a training as a table and as curves, also of older runs and of one that is under way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tinylens.data import Splits
from tinylens.errors import TinylensError, UsageError
from tinylens.report.history import history_csv, history_table, plot_history
from tinylens.runs import Run

ROW = {"step": 5, "seconds": 1.25, "learning_rate": 0.001, "train_loss": 2.0, "train_accuracy": 0.25,
       "validation_loss": 1.5, "validation_accuracy": 0.5}  # fmt: skip


def test_the_table_has_a_row_an_epoch(trained: tuple[Run, Splits]) -> None:
    headings, rows = history_table(trained[0])
    assert headings == ["epoch", "step", "learning rate", "train loss", "train accuracy", "validation loss",
                        "validation accuracy", "validation top-5", "seconds"]  # fmt: skip
    assert [row[0] for row in rows] == ["1", "2"]
    assert rows[1][6] == f"{trained[0].history[1]['validation_accuracy']:.4f}"


def test_rows_of_older_runs_may_lack_top_5(prepare: Callable[..., tuple[Run, Splits]], tmp_path: Path) -> None:
    run, _ = prepare("four-by-four", as_published=True)
    with pytest.raises(TinylensError, match="none of its epochs is done"):
        plot_history(run, tmp_path / "curves.png")
    run.write_history([ROW | {"epoch": 1}])
    assert history_table(run) == (
        ["epoch", "step", "learning rate", "train loss", "train accuracy", "test loss", "test accuracy", "seconds"],
        [["1", "5", "0.001", "2.0000", "0.2500", "1.5000", "0.5000", "1.2"]],
    )
    assert history_csv(run)[0] == [
        *("step", "seconds", "learning_rate", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "epoch")
    ]
    run.write_history([ROW | {"epoch": 1}, ROW | {"epoch": 2, "validation_top5": 0.75}])
    assert [row[7] for row in history_table(run)[1]] == ["–", "0.7500"]
    plot_history(str(run.path), tmp_path / "curves.svg")
    assert "test top-5" in (tmp_path / "curves.svg").read_text()


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_curves_are_drawn_the_same_each_time(trained: tuple[Run, Splits], tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"curves.{suffix}"
    plot_history(trained[0], path)
    before = path.read_bytes()
    assert len(before) > 5000
    plot_history(trained[0], path)
    assert suffix == "pdf" or path.read_bytes() == before
    with pytest.raises(UsageError, match="a picture can be"):
        plot_history(trained[0], tmp_path / "curves.jpg")
    with pytest.raises(UsageError, match="no folder"):
        plot_history(trained[0], tmp_path / "nowhere" / "curves.png")
