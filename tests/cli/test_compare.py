"""tinylens compare, train --seeds, predict --coverage and evaluate --corruptions, as a user types them."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from tests.calling import Here, said

WORDS = ["--data", "digits", "--epochs", "1", "--limit", "80"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which commands are run."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def folders(place: Path) -> list[str]:
    """Two seeds of two recipes, each in a folder of its own."""
    import os

    from tinylens.cli import main

    before = Path.cwd()
    os.chdir(place)
    try:
        for settings in ([], ["--set", "batch_size=8"]):
            with pytest.raises(SystemExit) as ended:
                main(["train", "four-by-four", *WORDS, "--seeds", "2", *settings])
            assert ended.value.code == 0
    finally:
        os.chdir(before)
    return [str(path.relative_to(place)) for path in sorted(place.glob("runs/seeds-*"))]


def test_train_seeds_prints_mean_spread_and_every_run(here: Here, folders: list[str], place: Path) -> None:
    result = here("resume", folders[0], cwd=place)
    assert result.returncode == 0, result.stderr
    assert "four-by-four on digits: 2 runs" in result.stdout
    assert "n = 2" in result.stdout
    for word in ("lowest", "highest", "±", "95 % interval of the mean over seeds", "validation accuracy"):
        assert word in result.stdout
    told = said(here("resume", folders[0], "--json", cwd=place))
    assert told["plan"]["open_test"] is True
    assert told["rows"][0]["n"] == 2
    assert [row["test_openings"] for row in said(here("runs", "--json", cwd=place))] == [1] * 4


def test_compare_prints_tables_and_a_verdict_and_writes_page_and_figure(
    here: Here, folders: list[str], place: Path
) -> None:
    result = here("compare", *folders, "--page", "compare.html", "--plot", "compare.svg", cwd=place)
    assert result.returncode == 0, result.stderr
    assert "batch_size=8" in result.stdout
    assert "over 2 seeds each" in result.stdout
    assert "p Holm" in result.stdout
    assert (place / "compare.html").is_file()
    assert (place / "compare.svg").is_file()
    told = said(here("compare", *folders, "--json", cwd=place))
    assert told["pairs"][0]["seeds"]["method"] == "paired by seed"
    assert told["pairs"][0]["verdict"] in result.stdout
    assert [side["seeds"] for side in told["sides"]] == [[0, 1], [0, 1]]
    assert [row["test_openings"] for row in said(here("runs", "--json", cwd=place))] == [1] * 4


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        ([], 2, "takes two runs or more"),
        (["nothing", "there"], 2, "there is no such folder"),
        (["FOLDER", "--page", "compare.txt"], 2, "the page is a .html file"),
        (["FOLDER", "--page", "no/compare.html"], 2, "there is no folder no"),
        (["FOLDER", "--plot", "compare.gif"], 2, "a picture can be"),
        (["FOLDER", "--split", "validation"], 1, "cut from the training images by another seed"),
    ],
)
def test_what_is_wrong_with_a_comparison_is_one_line(
    here: Here, folders: list[str], place: Path, words: list[str], status: int, expected: str
) -> None:
    given = [folders[0] if word == "FOLDER" else word for word in words]
    result = here("compare", *given, cwd=place)
    assert result.returncode == status
    assert expected in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_seeds_and_time_together_are_refused(here: Here, tmp_path: Path) -> None:
    result = here("train", "four-by-four", "--data", "digits", "--seeds", "2", "--time", "1m", cwd=tmp_path)
    assert result.returncode == 2
    assert "give --epochs" in result.stderr
    assert not list(tmp_path.iterdir())


def test_predict_tells_a_set_or_that_it_is_not_sure(here: Here, folders: list[str], place: Path) -> None:
    run = next(path for path in sorted((place / folders[0]).iterdir()) if path.is_dir())
    assert here("data", "show", "digits", "--out", "sheet.png", cwd=place).returncode == 0
    words = ["predict", str(run), "sheet.png", "--coverage", "0.8"]
    result = here(*words, cwd=place)
    assert result.returncode == 0, result.stderr
    assert "80 % set" in result.stdout
    (one,) = said(here(*words, "--json", cwd=place))
    assert set(one["set"]) <= {
        entry["class"] for entry in said(here(*words, "--top", "10", "--json", cwd=place))[0]["top"]
    }
    rows = list(csv.DictReader(io.StringIO(here(*words, "--format", "csv", cwd=place).stdout)))
    assert rows[0]["set"] == "|".join(one["set"])
    told = " or ".join(one["set"]) if 0 < len(one["set"]) <= 5 else "not sure"
    assert told in result.stdout
    result = here("predict", str(run), "sheet.png", "--coverage", "2", cwd=place)
    assert (result.returncode, len(result.stderr.strip().splitlines())) == (2, 1)


def test_evaluate_corruptions_prints_a_table(here: Here, folders: list[str], place: Path, tmp_path: Path) -> None:
    run = next(path for path in sorted((place / folders[0]).iterdir()) if path.is_dir())
    copy = shutil.copytree(run, tmp_path / "run")
    words = ["evaluate", str(copy), "--split", "validation", "--corruptions", "--limit", "10"]
    result = here(*words, cwd=place)
    assert result.returncode == 0, result.stderr
    assert "impulse noise" in result.stdout
    assert "mean corruption accuracy" in result.stdout
    assert said(here(*words, "--json", cwd=place))["corruptions"]["images"] == 10
    result = here("evaluate", str(copy), "--limit", "10", cwd=place)
    assert result.returncode == 2
    assert "a limit is for corruptions" in result.stderr


def test_a_run_that_selected_on_test_is_marked_wherever_it_is_told_of(here: Here, tmp_path: Path) -> None:
    trained = here("train", "four-by-four", *WORDS, "--set", "as_published=true", cwd=tmp_path)
    (run,) = tmp_path.glob("runs/*")
    shown = [trained, *(here(*words, cwd=tmp_path) for words in (
        ["runs"], ["evaluate", str(run)], ["confusion", str(run)], ["predictions", str(run)]
    ))]  # fmt: skip
    for result in shown:
        assert result.returncode == 0, result.stderr
        assert "†: selection looked at the test images" in result.stdout, result.args
    text = (run / "report.html").read_text()
    assert text.count("†") >= 3
    assert said(here("evaluate", str(run), "--json", cwd=tmp_path))["selected_on"] == "test"
