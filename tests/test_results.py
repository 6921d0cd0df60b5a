"""The page of results: what it says follows from the runs."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinylens import Splits, train
from tinylens.cli import main
from tinylens.data.dataset import IN_MEMORY
from tinylens.errors import UsageError
from tinylens.recipe import Published
from tinylens.results import Page, write_results
from tinylens.runs import Run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, digits: Splits) -> list[Run]:
    root = tmp_path_factory.mktemp("runs")
    settings = [{"seed": 0}, {"seed": 1}, {"seed": 0, "optimizer.lr": 0.005}, {"seed": 0, "as_published": True}]
    return [train("four-by-four", digits, epochs=2, settings=one, out=root, progress=False) for one in settings]


def rows(page: Page) -> list[list[str]]:
    lines = [line for line in page.path.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def stopped(run: Run, epochs: int = 100) -> Run:
    """The run as if it had been stopped after a few of many epochs."""
    (run.path / "lens" / "lens.json").unlink()
    shutil.rmtree(run.path / "evaluation")
    return edited(run, "recipe.json", lambda about: about["fields"].update(epochs=epochs))


def edited(run: Run, name: str, change: Callable[[dict[str, Any]], object]) -> Run:
    value = json.loads((run.path / name).read_text())
    change(value)
    (run.path / name).write_text(json.dumps(value))
    return Run(run.path)


def copied(run: Run, folder: Path) -> Run:
    shutil.copytree(run.path, folder)
    return Run(folder)


def test_runs_that_differ_by_seed_are_one_row_with_mean_and_deviation(runs: list[Run], tmp_path: Path) -> None:
    found = {row[0]: row for row in rows(write_results([runs[0].path.parent], tmp_path / "results.md"))}
    assert set(found) == {
        "four-by-four (epochs=2)",
        "four-by-four (epochs=2, optimizer.lr=0.005)",
        "four-by-four (as published, epochs=2)",
    }
    both = [run.metrics("test")["accuracy"] for run in runs[:2]]
    value, spread, n = re.findall(r"[\d.]+", found["four-by-four (epochs=2)"][6])
    assert (float(value), float(spread), n) == (
        pytest.approx(100 * np.mean(both), abs=0.006),
        pytest.approx(100 * np.std(both, ddof=1), abs=0.006),
        "2",
    )
    assert "1 run" in found["four-by-four (epochs=2, optimizer.lr=0.005)"][6]
    assert found["four-by-four (as published, epochs=2)"][6].endswith("†")
    precision = runs[0].training["hardware"]["precision"]
    assert found["four-by-four (epochs=2)"][1:5] == ["digits", "225,610", precision, "2"]


def test_each_run_and_each_seed_counts_once_and_the_newest_wins(runs: list[Run], tmp_path: Path) -> None:
    old = copied(runs[0], tmp_path / "runs" / "a")
    edited(old, "environment.json", lambda about: about.update(when="2001-01-01T00:00:00+00:00"))
    edited(old, "evaluation/test/metrics.json", lambda metrics: metrics.update(accuracy=0.5))
    page = write_results([runs[0].path, runs[0].path, tmp_path / "runs"], tmp_path / "results.md")
    [row] = rows(page)
    assert row[6].startswith(f"{100 * runs[0].metrics('test')['accuracy']:.2f}")
    assert row[6].endswith("1 run")


def test_another_precision_or_another_device_is_another_row(runs: list[Run], tmp_path: Path) -> None:
    for name, value in (("precision", "float64"), ("device", "cuda")):
        other = copied(runs[1], tmp_path / "runs" / name)
        edited(other, "training.json", lambda training, n=name, v=value: training["hardware"].update({n: v}))
    found = rows(write_results([runs[0].path, tmp_path / "runs"], tmp_path / "results.md"))
    assert len({row[3] for row in found}) == 3
    assert all(row[6].endswith("1 run") for row in found)


def test_another_code_of_a_user_s_recipe_is_another_row(noisy: str, tmp_path: Path) -> None:
    for folder, width in (("a", 8), ("b", 4)):
        (tmp_path / folder).mkdir()
        mine = tmp_path / folder / "mine.py"
        mine.write_text(Path(noisy).read_text().replace("(3, 8,", f"(3, {width},").replace("m2d(8)", f"m2d({width})"))
        mine.write_text(mine.read_text().replace("(8 * height", f"({width} * height"))
        train(str(mine), "digits", epochs=1, seed=width, out=tmp_path / "runs", progress=False)
    found = rows(write_results([tmp_path / "runs"], tmp_path / "results.md"))
    assert len({row[0] for row in found}) == 2
    assert all(re.fullmatch(r"mine \(code \w{6}, epochs=1\)", row[0]) for row in found)


def test_settings_are_written_as_set_takes_them(digits: Splits, tmp_path: Path) -> None:
    settings = {"patience": None, "augment": [{"kind": "flip"}], "epochs": 1}
    train("four-by-four", digits, settings=settings, out=tmp_path, progress=False)
    page = write_results([tmp_path], tmp_path / "results.md")
    name = rows(page)[0][0]
    assert "None" not in name
    assert "'" not in name
    assert 'augment=[{"kind": "flip"' in name


def test_the_published_figure_is_shown_only_beside_the_same_data(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {row[7] for row in rows(write_results([runs[0].path], tmp_path / "results.md"))} == {"–"}
    kind = type(runs[0].recipe)
    monkeypatch.setattr(kind, "published", Published(0.6684, "digits", "a table"))
    assert rows(write_results([runs[0].path], tmp_path / "results.md"))[0][7].startswith("66.84")


def test_an_unfinished_run_is_told_with_its_curve_and_the_time_it_would_take(runs: list[Run], tmp_path: Path) -> None:
    run = stopped(copied(runs[0], tmp_path / "run"))
    last = run.history[-1]
    page = write_results([run.path], tmp_path / "results.md").path.read_text()
    assert f"{last['step']:,} of {50 * last['step']:,} iterations" in page
    assert "on this machine" in page
    assert "on the validation images" in page
    assert "<svg" in (tmp_path / "results-four-by-four.svg").read_text()
    edited(run, "training.json", lambda training: training.update(steps=last["step"] + 7, seconds=1000.0))
    page = write_results([run.path], tmp_path / "results.md").path.read_text()
    assert f"{last['step'] + 7:,} of" in page
    assert "in 16 min 40 s (2 whole epochs)" in page


def test_an_unfinished_run_says_which_images_selection_looks_at(runs: list[Run], tmp_path: Path) -> None:
    run = stopped(copied(runs[3], tmp_path / "run"))
    page = write_results([run.path], tmp_path / "results.md").path.read_text()
    assert "† on the test images" in page
    assert "validation images" not in page.split("## ")[1]


def test_unfinished_runs_of_other_settings_have_a_curve_each_and_none_without_an_epoch(
    runs: list[Run], tmp_path: Path
) -> None:
    for number in (0, 2, 3):
        stopped(copied(runs[number], tmp_path / "runs" / str(number)))
    begun = Run(tmp_path / "runs" / "0")
    begun.write_history([])
    edited(begun, "training.json", lambda training: training.update(steps=3, seconds=1.0))
    page = write_results([tmp_path / "runs"], tmp_path / "results.md").path.read_text()
    assert page.count(", not finished") == 3
    assert "3 of" in page
    assert {path.name for path in tmp_path.glob("*.svg")} == {"results-four-by-four.svg", "results-four-by-four-2.svg"}


def test_an_unfinished_run_is_left_out_where_one_like_it_is_finished(runs: list[Run], tmp_path: Path) -> None:
    stopped(copied(runs[1], tmp_path / "run"), epochs=2)
    page = write_results([runs[0].path, tmp_path / "run"], tmp_path / "results.md").path.read_text()
    assert "not finished" not in page
    assert "1 run" in page


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("training.json", None),
        ("training.json", "{}"),
        ("training.json", '{"hardware": 3}'),
        ("data.json", "{"),
        ("recipe.json", "[]"),
        ("environment.json", "{}"),
        ("history.jsonl", "[1]"),
        ("history.jsonl", ""),
        ("evaluation/test/metrics.json", "{}"),
    ],
)
def test_a_run_that_cannot_be_read_is_named_and_left_out(
    runs: list[Run], tmp_path: Path, name: str, text: str | None
) -> None:
    broken = copied(runs[1], tmp_path / "run")
    (broken.path / name).unlink()
    if text is not None:
        (broken.path / name).write_text(text)
    page = write_results([runs[0].path, broken.path], tmp_path / "results.md")
    assert [one["run"] for one in page.broken] == [str(broken.path)]
    assert rows(page)[0][6].endswith("1 run")


def test_runs_on_part_of_the_data_or_never_judged_say_nothing_and_are_counted(
    runs: list[Run], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    edited(copied(runs[0], tmp_path / "runs" / "limited"), "data.json", lambda data: data["choice"].update(limit=100))
    shut = copied(runs[0], tmp_path / "runs" / "shut")
    shutil.rmtree(shut.evaluation("test"))
    with pytest.raises(UsageError, match=r"nothing to tell.*1 run left out.*--limit.*1 run left out.*never opened"):
        write_results([tmp_path / "runs"], tmp_path / "results.md")
    with pytest.raises(SystemExit) as ended:
        main(["results", str(tmp_path / "runs"), str(runs[0].path), "--out", str(tmp_path / "results.md")])
    assert ended.value.code == 0
    assert "1 run left out: made with --limit" in capfd.readouterr().err


def test_places_that_are_not_there_are_refused(runs: list[Run], tmp_path: Path) -> None:
    for folder, out, said in (
        (tmp_path / "nowhere", "results.md", "nowhere: there is no such folder"),
        (runs[0].path, "results.txt", "its name ends in .md"),
        (runs[0].path, "none/results.md", "there is no folder"),
    ):
        with pytest.raises(UsageError, match=said):
            write_results([folder], tmp_path / out)


def test_a_run_on_arrays_in_memory_has_no_command(digits: Splits, tmp_path: Path) -> None:
    run = train("four-by-four", replace(digits, origin=IN_MEMORY), epochs=1, out=tmp_path, progress=False)
    assert run.command is None
    assert "from Python, on arrays in memory" in write_results([tmp_path], tmp_path / "results.md").path.read_text()
