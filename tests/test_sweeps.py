"""Sweeps: what is trained, from what, how it is ranked, what is written, and that the test images stay shut."""

import csv
import json
import math
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats

import tinylens
from tinylens import experiment, recipes
from tinylens.cli import main
from tinylens.data import Splits
from tinylens.errors import DataError, Interrupted, TinylensError, TrainingError, UsageError
from tinylens.evaluation.statistics import wilson_interval
from tinylens.runs import Run, all_runs, locked
from tinylens.sweeps import Outcome, Plan, Row, Sweep
from tinylens.sweeps.figure import draw, mark, scale
from tinylens.sweeps.outcome import ranked, t_interval
from tinylens.sweeps.page import coded, page
from tinylens.sweeps.plan import listed, read_values, trainings
from tinylens.sweeps.remarks import budgets, level, partial, remarks, spread, unfinished

QUICK: dict[str, Any] = {"epochs": 2, "limit": 300, "progress": False}
WORDS = ["--data", "digits", "--epochs", "1", "--limit", "60"]
COMMAND = [sys.executable, "-m", "tinylens"]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, digits: Splits) -> Sweep:
    """Two batch sizes with two seeds. Do not change it."""
    out = tmp_path_factory.mktemp("runs")
    return tinylens.sweep("four-by-four", digits, over={"batch_size": [32, 128]}, seeds=2, out=out, **QUICK)


def weights(run: Run) -> bytes:
    return (run.path / "lens" / "model.safetensors").read_bytes()


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


def test_the_files_and_the_figure_say_what_the_interval_is(done: Sweep) -> None:
    told = json.loads(done.file("json").read_text())["rows"][0]
    assert (told["interval_of"], told["interval"]) == ("seeds", list(done.rows[0].interval))
    assert told["deviation"] == done.rows[0].deviation
    text = done.file("html").read_text()
    assert "<dt>95 % interval of the mean over seeds (t)</dt>" in text
    assert "<dt>Standard deviation</dt>" in text
    single = sketch([Row({"batch_size": size}, (outcome(0.9),)) for size in (1, 2)])
    assert mark(single)["label"] == "95 % interval of the images (Wilson)"
    assert single.rows[0].to_json()["interval_of"] == "images"
    assert mark(done)["label"] == "95 % interval of the mean over seeds (t)"
    line = next(csv.DictReader(done.file("csv").read_text().splitlines()))
    assert float(line["low"]) == pytest.approx(done.rows[0].interval[0], abs=1e-6)
    assert line["interval_of"] == "seeds"


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


def outcome(accuracy: float, *, seed: int = 0, loss: float = 1.0, epochs: int = 3, images: int = 100) -> Outcome:
    interval = wilson_interval(round(accuracy * images), images)
    return Outcome(f"run-{accuracy}-{seed}", seed, accuracy, interval, loss, images, epochs, 30, 1.5)


def sketch(rows: list[Row], *, seeds: int = 1, over: dict[str, list[Any]] | None = None) -> Sweep:
    """A sweep whose runs are only told of."""
    over = over or {"batch_size": [row.values["batch_size"] for row in rows]}
    plan = Plan("four-by-four", "digits", "digits", over, seeds, {}, None, False)
    return Sweep(Path("runs/sweep-x"), plan, tuple(rows))


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


def test_a_single_seed_is_told_with_the_interval_of_its_images_and_the_doubt() -> None:
    best, near, far = (Row({"batch_size": size}, (outcome(a),)) for size, a in ((1, 0.9), (2, 0.88), (3, 0.2)))
    made = sketch([best, near, far])
    assert best.deviation is None
    assert best.interval == wilson_interval(90, 100)
    assert made.level == [near]
    assert "differences smaller than them are luck" in spread(made)
    assert level(made) == [
        "The interval of 1 of the other 2 combinations overlaps that of the best: this sweep does not tell them apart. "
        "Overlap is a rough guide, not a test."
    ]


def test_unequal_budgets_and_what_is_not_done_are_told() -> None:
    rows = [Row({"batch_size": 1}, (outcome(0.9, epochs=3),)), Row({"batch_size": 2}, (outcome(0.8, epochs=8),))]
    assert budgets(sketch(rows))[0].startswith("Budgets differ: 3 – 8 epochs a run")
    assert budgets(sketch(rows[:1])) == []
    assert unfinished(sketch(rows)) == []
    left = sketch([*rows, Row({"batch_size": 3}, ())])
    assert unfinished(left) == ["1 run of 3 not done yet: `tinylens resume runs/sweep-x` goes on."]


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


def test_the_page_needs_nothing_from_elsewhere_and_its_links_open(done: Sweep) -> None:
    text = done.file("html").read_text()
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    links = [link for link in re.findall(r'(?:href|src)="([^"]+)"', text) if not link.startswith("#")]
    assert len(links) == 4
    assert all((done.path / link).is_file() for link in links)
    assert "<code>tinylens evaluate " in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_has_no_error(done: Sweep, browser: Any, width: int, scheme: str) -> None:
    shown = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    problems: list[str] = []
    shown.on("pageerror", lambda error: problems.append(str(error)))
    shown.goto(done.file("html").resolve().as_uri())
    assert not problems
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.locator("figure svg").count() == 1
    shown.close()


def test_words_cannot_break_the_page() -> None:
    assert coded("<b> `a<b`") == "&lt;b&gt; <code>a&lt;b</code>"
    wicked = sketch([Row({"batch_size": "<script>$x$"}, (), ("<script>: bad",))])
    assert "<script>" not in page(wicked, None)


def test_the_figure_is_along_an_axis_for_numbers_and_by_line_for_all_else(done: Sweep) -> None:
    assert draw(done) == done.file("svg").read_text()
    words = [Row({"optimizer": kind}, (outcome(0.9),)) for kind in ("sgd", "$adam")]
    assert draw(sketch(words, over={"optimizer": ["sgd", "$adam"]})).startswith("<?xml")
    many = [Row({"a": i, "b": 1}, (outcome(1.0), outcome(0.9, seed=1))) for i in range(60)]
    tall = sketch(many, over={"a": list(range(60)), "b": [1]}, seeds=2)
    assert draw(tall).startswith("<?xml")
    assert scale([16.0, 32.0, 64.0, 128.0]) == "log"
    assert scale([5.0, 10.0, 15.0]) == "linear"
    assert scale([0.0, 0.1, 0.2]) == "linear"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("32,64", [32, 64]),
        ("sgd, adam", ["sgd", "adam"]),
        ("none,5", [None, 5]),
        ('[{"kind":"flip"}],[]', [[{"kind": "flip"}], []]),
        ("true,false", [True, False]),
        ("1e-3,0.1", [0.001, 0.1]),
    ],
)
def test_values_are_read_as_set_reads_them_and_written_so_that_they_are_read_again(
    text: str, values: list[Any]
) -> None:
    assert read_values("field", text) == values
    assert read_values("field", listed(values)) == values


def test_values_may_be_choices_and_lists_of_steps(digits: Splits, tmp_path: Path) -> None:
    over = {"augment": '[{"kind":"flip"}],[]', "optimizer": ["sgd", "adam"]}
    made = tinylens.sweep("four-by-four", digits, over=over, epochs=1, limit=60, out=tmp_path, progress=False)
    recipes_made = [Run(made.path / outcome.run).recipe for outcome in made.outcomes]
    assert {(len(r.augment), r.optimizer.kind) for r in recipes_made} == {
        (n, k) for n in (0, 1) for k in ("sgd", "adam")
    }
    assert made.plan.command(made.recipe).startswith("tinylens sweep four-by-four --data digits --over 'augment=[{")


def test_a_run_that_diverges_is_written_down_and_the_others_go_on(digits: Splits, tmp_path: Path) -> None:
    made = tinylens.sweep("four-by-four", digits, over={"optimizer.lr": [1e30, 0.001]}, out=tmp_path, **QUICK)
    assert [len(row.outcomes) for row in made.rows] == [1, 0]
    assert "loss is nan" in made.failures[0]
    assert "Failed: optimizer.lr=1e+30, seed 0" in " ".join(remarks(made))
    again = tinylens.resume_sweep(made.path, data=digits, progress=False)
    assert again.rows == made.rows
    with pytest.raises(TrainingError, match=r"every run of .* failed; the first: optimizer.lr=1e"):
        tinylens.sweep("four-by-four", digits, over={"optimizer.lr": [1e30]}, out=tmp_path / "none", **QUICK)


def test_a_stopped_sweep_goes_on_to_the_same_weights(
    tmp_path: Path, noisy: str, digits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = {"batch_size": [32, 64, 128]}
    whole = tinylens.sweep(noisy, digits, over=over, out=tmp_path / "whole", **QUICK)
    first = Run(whole.path / next(row for row in whole.rows if row.values["batch_size"] == 32).best.run)
    monkeypatch.setenv("TINYLENS_TEST_TRAP", f"train:7:{int(signal.SIGINT)}")  # in the second epoch of the first run
    with pytest.raises(Interrupted, match=r"stopped in run 1 of 3; `tinylens resume .*sweep-digits-noisy_recipe-"):
        tinylens.sweep(noisy, digits, over=over, out=tmp_path / "stopped", **QUICK)
    monkeypatch.delenv("TINYLENS_TEST_TRAP")
    (path,) = (tmp_path / "stopped").iterdir()
    (half,) = all_runs(path)
    assert not half.trained
    assert "3 runs of 3 not done yet" in (path / "sweep.html").read_text()
    before = half.history
    made = tinylens.resume_sweep(path, data=digits, progress=False)
    assert half.trained
    assert half.history[: len(before)] == before
    assert "goes on after step" in (half.path / "log.txt").read_text()
    assert weights(half) == weights(first)
    assert [row.values for row in made.rows] == [row.values for row in whole.rows]
    assert [row.accuracy for row in made.rows] == [row.accuracy for row in whole.rows]
    assert all(run.times_opened == 0 for run in all_runs(path))


def test_a_run_that_was_killed_before_its_first_checkpoint_is_trained_from_fresh_weights(
    tmp_path: Path, noisy: str
) -> None:
    words = ["sweep", noisy, "--over", "batch_size=64,128", "--epochs", "1", "--limit", "200"]
    trap = os.environ | {"TINYLENS_TEST_TRAP": f"look:1:{int(signal.SIGKILL)}"}
    killed = subprocess.run([*COMMAND, *words], cwd=tmp_path, env=trap, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    (path,) = tmp_path.glob("runs/sweep-*")
    (half,) = all_runs(path)
    assert not (half.checkpoints / "last.pt").exists()
    made = tinylens.resume_sweep(path, progress=False)
    assert made.failures == []
    assert len(all_runs(path)) == len(made.outcomes) == 2
    for row in made.rows:
        settings = row.values | {"epochs": 1}
        alone = tinylens.train(noisy, settings=settings, limit=200, out=tmp_path / "alone", progress=False)
        assert weights(Run(path / row.best.run)) == weights(alone)


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


def test_a_sweep_that_is_taken_for_a_run_names_its_best(done: Sweep, here: "Here", tmp_path: Path) -> None:
    for command in ("evaluate", "confusion", "report"):
        status, _, err = here(command, str(done.path))
        assert (status, err.strip()) == (2, f"tinylens: {done.path} is a sweep; its best run is {done.best.path}")
    for text in ("{", "[]", '{"best": null}', '{"best": "gone"}'):
        (tmp_path / "sweep.json").write_text(text)
        with pytest.raises(UsageError, match="is a sweep: name one of its runs"):
            Run(tmp_path)


def test_finished_runs_are_kept(done: Sweep, digits: Splits) -> None:
    before = {run.path: (run.path / "lens" / "lens.json").stat().st_mtime_ns for run in all_runs(done.path)}
    again = tinylens.resume_sweep(done.path, data=digits, progress=False)
    assert again.rows == done.rows
    after = {run.path: (run.path / "lens" / "lens.json").stat().st_mtime_ns for run in all_runs(done.path)}
    assert after == before


def test_a_sweep_goes_on_only_on_the_same_data_and_with_the_same_recipe(
    tmp_path: Path, noisy: str, digits: Splits
) -> None:
    own = tmp_path / "own.py"
    own.write_text(Path(noisy).read_text())
    mine = replace(digits, name="mine", origin="arrays in memory")
    made = tinylens.sweep(str(own), mine, over={"batch_size": [64, 128]}, out=tmp_path / "runs", **QUICK)
    assert made.path.name.startswith("sweep-mine-own-")
    own.write_text("raise SystemExit")
    lost = made.best.path
    for row in made.rows[1:]:
        for one in row.outcomes:
            (made.path / one.run / "report.html").unlink()
    with pytest.raises(DataError, match="arrays in memory"):
        tinylens.resume_sweep(made.path)
    shifted = replace(mine, test=replace(digits.test, labels=(digits.test.labels + 1) % 10))
    with pytest.raises(DataError, match="changed since the run was made"):
        tinylens.resume_sweep(made.path, data=shifted, progress=False)
    again = tinylens.resume_sweep(made.path, data=mine, progress=False)
    assert again.best.path == lost
    assert again.title == "own on mine"
    assert again.plan.command(again.recipe) is None


def test_a_folder_of_pictures_can_be_gone_on_with_from_elsewhere(
    tmp_path: Path, digits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "some.npz", images=digits.train.images[:300], labels=digits.train.labels[:300])
    monkeypatch.chdir(tmp_path)
    made = tinylens.sweep("four-by-four", "some.npz", over={"batch_size": [32, 64]}, out=tmp_path / "r", **QUICK)
    (made.path / made.rows[1].best.run / "recipe.json").unlink()
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    again = tinylens.resume_sweep(made.path, progress=False)
    assert [row.accuracy for row in again.rows] == [row.accuracy for row in made.rows]
    assert {run.manifest.choice.name for run in all_runs(made.path)} == {"some.npz"}


def test_what_is_no_sweep_or_damaged_is_told_in_one_line(done: Sweep, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a sweep"):
        tinylens.resume_sweep(tmp_path)
    for text in ("{", "[]", "{}", '{"plan": {"recipe": 3}}', '{"plan": []}'):
        (tmp_path / "sweep.json").write_text(text)
        with pytest.raises(TinylensError, match=r"sweep\.json") as failed:
            tinylens.resume_sweep(tmp_path)
        assert "\n" not in str(failed.value)


def test_a_sweep_in_use_is_refused(done: Sweep, digits: Splits) -> None:
    with locked(done.path), pytest.raises(TinylensError, match="in use"):
        tinylens.resume_sweep(done.path, data=digits, progress=False)


def test_runs_are_listed_with_those_of_sweeps(done: Sweep) -> None:
    rows = experiment.results(done.path.parent)
    assert len(rows) == 4
    assert all(row["run"].startswith(str(done.path)) for row in rows)
    assert len(experiment.results(done.path)) == 4


@pytest.mark.parametrize(
    ("over", "options", "expected"),
    [
        ({"batch_sise": [1, 2]}, {}, "did you mean batch_size?"),
        ({"optimizer.lt": [1, 2]}, {}, "no field 'lt'; there are kind, lr"),
        ({"batch_size": []}, {}, "an empty value"),
        ({"batch_size": "32,,64"}, {}, "an empty value"),
        ({}, {}, "needs --over FIELD=VALUE,VALUE"),
        ({"batch_size": 32}, {}, "values are a list, or text with commas, not one int"),
        ({"batch_size": [32, 32]}, {}, "batch_size=32 and batch_size=32 are the same training"),
        ({"optimizer": ["sgd", {"kind": "sgd"}]}, {}, "are the same training"),
        ({"batch_size": [1], "batch-size": [2]}, {}, "is there twice"),
        ({"batch_size": ["many"]}, {}, "batch_size=many"),
        ({"batch_size": [32, 0]}, {}, "batch_size=0"),
        ({"batch_size": [32, np.array([3])]}, {}, "no plain value"),
        ({"seed": [1, 2]}, {}, "--seeds N"),
        ({"epochs": [1, 2]}, {"epochs": 3}, "is set to 3 and swept over as well"),
        ({"batch_size": [1, 2]}, {"seeds": 0}, "at least 1"),
        ({"batch_size": list(range(1, 503))}, {"seeds": 2}, "1,004 runs"),
        ({"batch_size": [1, 2]}, {"settings": {"as_published": True}}, "leave as_published out"),
        ({"as_published": [False, True]}, {}, "--set select_on=validation"),
        ({"batch_size": [1, 2]}, {"limit": 0}, "at least 1"),
        ({"batch_size": [1, 2]}, {"limit": 5}, "leaves classes without an image"),
        ({"validation_share": [0.2, 0.99]}, {"limit": 20}, "too few to cut"),
        ({"batch_size": [1, 2]}, {"data": "nowhere"}, "no data 'nowhere'"),
        ({"image_size": [32, 24]}, {"data": "splits"}, "load it in that way"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_run(
    over: dict[str, Any], options: dict[str, Any], expected: str, tmp_path: Path, digits: Splits
) -> None:
    given = {"data": "digits", "progress": False, "out": tmp_path / "runs"} | options
    data = digits if given["data"] == "splits" else given["data"]
    with pytest.raises(TinylensError, match=re.escape(expected)) as refused:
        tinylens.sweep("four-by-four", over=over, **given | {"data": data})
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "runs").exists()


Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Here:
    """Run one command in this process, in a folder of the test's own: status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)

    def run(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        signal.signal(signal.SIGTERM, before)
        return int(str(ended.value.code)), *capfd.readouterr()

    return run


def test_the_command_prints_a_table_and_one_json_document(here: Here, tmp_path: Path) -> None:
    words = "sweep", "four-by-four", *WORDS, "--over", "batch_size=16,32", "--over", "optimizer.lr=0.01,0.001"
    status, out, err = here(*words)
    assert status == 0, err
    assert "4 combinations, 4 runs" in out
    assert "Seeds were not repeated" in out
    assert "run 4 of 4: batch_size=32, optimizer.lr=0.001, seed 0" in err
    (path,) = (tmp_path / "runs").glob("sweep-digits-four-by-four-*")
    status, out, err = here("resume", str(path), "--json")
    assert status == 0, err
    told = json.loads(out)
    assert told["runs_done"] == 4
    assert [row["values"].keys() for row in told["rows"]] == [{"batch_size", "optimizer.lr"}] * 4
    assert (tmp_path / told["best"]).is_dir()
    status, out, _ = here("runs", "--json")
    assert [row["test_openings"] for row in json.loads(out)] == [0] * 4
    status, out, err = here("runs")
    assert status == 0, err
    assert out.count("not opened") == 4
    assert f"{path.name}/digits-four-by-four" in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "needs --over FIELD=VALUE,VALUE"),
        (["--over", "batch_size"], "--over takes FIELD=VALUE"),
        (["--over", "batch_size="], "an empty value"),
        (["--over", "batch_size=1", "--over", "batch_size=2"], "is there twice"),
        (["--over", "batch_sise=1,2"], "did you mean batch_size?"),
        (["--over", "batch_size=1,2", "--set", "as_published=true"], "--set select_on=validation"),
    ],
)
def test_what_is_wrong_with_a_call_is_one_line(here: Here, words: list[str], expected: str, tmp_path: Path) -> None:
    status, _, err = here("sweep", "four-by-four", *WORDS, *words)
    assert status == 2
    assert expected in err
    assert len(err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_ctrl_c_names_the_sweep_and_resume_finishes_it(tmp_path: Path) -> None:
    words = [
        "sweep",
        "four-by-four",
        "--data",
        "digits",
        "--over",
        "batch_size=8,16",
        "--epochs",
        "30",
        "--limit",
        "200",
    ]
    process = subprocess.Popen([*COMMAND, *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("runs/sweep-*/*/checkpoints/last.pt")):
        time.sleep(0.01)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    (path,) = tmp_path.glob("runs/sweep-*")
    assert f"stopped in run 1 of 2; `tinylens resume runs/{path.name}` goes on" in said
    assert json.loads((path / "sweep.json").read_text())["plan"]["over"] == {"batch_size": [8, 16]}
