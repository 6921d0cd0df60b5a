"""Sweeps: what is trained, from what, what is written down of it, and that the test images stay shut."""

import re
from pathlib import Path

import pytest
from tests.sweeps.samples import QUICK
from tests.training.sameness import weights

import tinylens
from tinylens import experiment
from tinylens.data import Splits
from tinylens.errors import Interrupted, TrainingError, UsageError
from tinylens.runs import Run, all_runs
from tinylens.sweeps import Sweep
from tinylens.sweeps.remarks import remarks


def test_every_run_is_what_a_plain_training_with_its_settings_is(done: Sweep, digits: Splits, tmp_path: Path) -> None:
    for row in done.rows:
        for outcome in row.outcomes:
            run = Run(done.path / outcome.run)
            alone = tinylens.train(
                "four-by-four", digits, seed=outcome.seed, settings=row.values, out=tmp_path, **QUICK
            )
            assert weights(alone) == weights(run)
            assert run.recipe == alone.recipe
            assert "training begins" in (run.path / "log.txt").read_text()
            assert "goes on" not in (run.path / "log.txt").read_text()
    assert len({weights(Run(done.path / outcome.run)) for outcome in done.outcomes}) == 4


def test_every_combination_has_every_seed_and_a_run_of_its_own(done: Sweep) -> None:
    assert sorted(row.values["batch_size"] for row in done.rows) == [32, 128]
    assert all([outcome.seed for outcome in row.outcomes] == [0, 1] for row in done.rows)
    assert sorted(run.path.name for run in all_runs(done.path)) == sorted(o.run for o in done.outcomes)


def test_the_test_images_stay_shut_until_the_best_run_is_evaluated(digits: Splits, tmp_path: Path) -> None:
    made = tinylens.sweep("four-by-four", digits, over={"batch_size": [32, 64]}, out=tmp_path, **QUICK)
    for run in all_runs(made.path):
        assert run.times_opened == 0
        assert run.openings == []
        assert not run.evaluated("test")
        told = experiment.result(run)
        assert told["test"] is None
        assert told["validation"]["images"] == 30
        text = run.report.read_text()
        assert "validation accuracy, top-1" in text
        assert "The test images are unseen." in text
        assert "chosen by these very images" in text
    assert "are unseen" in " ".join(remarks(made))
    tinylens.evaluate(made.best, data=digits, progress=False)
    assert made.best.times_opened == 1
    assert "looked at once for the best run" in " ".join(remarks(made))


def test_a_run_that_leaves_test_shut_leaves_it_so_when_it_is_resumed(digits: Splits, tmp_path: Path) -> None:
    run = tinylens.train("four-by-four", digits, open_test=False, out=tmp_path, **QUICK)
    for file in run.evaluation("validation").iterdir():
        file.unlink()
    tinylens.resume(run, data=digits, progress=False)
    assert run.evaluated("validation")
    assert not run.evaluated("test")
    (run.path / "recipe.json").write_text((run.path / "recipe.json").read_text().replace('"opens_test": false,', ""))
    assert run.opens_test


def test_seeds_are_counted_from_the_one_that_is_set(digits: Splits, tmp_path: Path) -> None:
    over = {"batch_size": [64]}
    made = tinylens.sweep("four-by-four", digits, over=over, seeds=2, settings={"seed": 5}, out=tmp_path, **QUICK)
    assert [Run(made.path / outcome.run).recipe.seed for outcome in made.outcomes] == [5, 6]


def test_a_run_that_diverges_is_written_down_and_the_others_go_on(digits: Splits, tmp_path: Path) -> None:
    made = tinylens.sweep("four-by-four", digits, over={"optimizer.lr": [1e30, 0.001]}, out=tmp_path, **QUICK)
    assert [len(row.outcomes) for row in made.rows] == [1, 0]
    assert "loss is nan" in made.failures[0]
    assert "Failed: optimizer.lr=1e+30, seed 0" in " ".join(remarks(made))
    again = tinylens.resume_sweep(made.path, data=digits, progress=False)
    assert again.rows == made.rows
    with pytest.raises(TrainingError, match=r"every run of .* failed; the first: optimizer.lr=1e"):
        tinylens.sweep("four-by-four", digits, over={"optimizer.lr": [1e30]}, out=tmp_path / "none", **QUICK)


@pytest.mark.parametrize(
    ("wrong", "raised", "said"),
    [
        (
            "raise ZeroDivisionError",
            TrainingError,
            "every run of .* failed; the first: batch_size=32, .* cannot be built",
        ),
        ("raise SystemExit(3)", SystemExit, "3"),
        ("raise KeyboardInterrupt", Interrupted, "stopped before a run had begun; nothing is kept"),
        (
            "return nn.Flatten()",
            TrainingError,
            "every run of .* failed; the first: batch_size=32, .* no weights",
        ),
    ],
)
def test_where_no_run_ever_began_no_folder_is_left(
    wrong: str, raised: type[BaseException], said: str, tmp_path: Path, noisy: str, digits: Splits
) -> None:
    own = tmp_path / "own.py"
    build = "-> nn.Module:\n"
    own.write_text(Path(noisy).read_text().replace(build, f"{build}        {wrong}\n"))
    with pytest.raises(raised, match=said):
        tinylens.sweep(str(own), digits, over={"batch_size": [32, 64]}, out=tmp_path / "runs", **QUICK)
    assert not list((tmp_path / "runs").iterdir())


def test_whatever_is_wrong_with_one_run_is_written_down_and_the_next_begun(digits: Splits, tmp_path: Path) -> None:
    made = tinylens.sweep("four-by-four", digits, over={"batch_size": [32, 64]}, out=tmp_path, **QUICK)
    used, other = (Run(made.path / row.best.run) for row in made.rows)
    for run in (used, other):
        run.report.unlink()
    with used.locked():
        again = tinylens.resume_sweep(made.path, data=digits, progress=False)
    assert [row.best.run for row in again.ranked] == [other.path.name]
    assert "in use" in again.failures[0]
    assert other.report.is_file()


def test_runs_are_listed_with_those_of_sweeps(done: Sweep) -> None:
    rows = experiment.results(done.path.parent)
    assert len(rows) == 4
    assert all(row["run"].startswith(str(done.path)) for row in rows)
    assert len(experiment.results(done.path)) == 4


def test_a_sweep_that_is_taken_for_a_run_names_its_best(done: Sweep, tmp_path: Path) -> None:
    for act in (tinylens.evaluate, experiment.write_report, experiment.resume, Run):
        with pytest.raises(UsageError, match=re.escape(f"{done.path} is a sweep; its best run is {done.best.path}")):
            act(done.path)
    for text in ("{", "[]", '{"best": null}', '{"best": "gone"}'):
        (tmp_path / "sweep.json").write_text(text)
        with pytest.raises(UsageError, match="is a sweep: name one of its runs"):
            Run(tmp_path)
