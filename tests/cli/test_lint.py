"""tinylens lint, as it is typed."""

import json
from pathlib import Path

import pytest
from tests.calling import Here

from tinylens.data import Splits
from tinylens.runs import Run

FAULTY = """import keras
keras.utils.set_random_seed(0)
(x, y), (xt, yt) = keras.datasets.mnist.load_data()
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x / 255, y, validation_data=(xt / 255, yt))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(FAULTY)
    return path


def test_findings_are_told_with_place_evidence_and_remedy(here: Here, script: Path, tmp_path: Path) -> None:
    done = here("lint", "train.py", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("train.py: 1 warning\n")
    assert "  train.py:6: TL202 warning: the test set is the validation data\n    found:  " in done.stdout
    assert "    remedy: validate on a part of the training images" in done.stdout


def test_silenced_findings_are_counted_and_shown(here: Here, script: Path, tmp_path: Path) -> None:
    done = here("lint", "train.py", "--ignore", "TL202", cwd=tmp_path)
    assert done.returncode == 0
    assert "train.py: 1 silenced" in done.stdout
    assert "TL202 silenced by --ignore" in done.stdout
    assert here("lint", "train.py", "--ignore", "TL2", cwd=tmp_path).returncode == 2


def test_the_json_document_has_keys_that_stay(here: Here, script: Path, tmp_path: Path) -> None:
    done = here("lint", "train.py", "four-by-four", "--json", cwd=tmp_path)
    source, recipe = json.loads(done.stdout)
    assert done.returncode == 1
    assert (source["target"], source["kind"], recipe["kind"], recipe["findings"]) == (
        "train.py",
        "source",
        "recipe",
        [],
    )
    (finding,) = source["findings"]
    assert finding == finding | {"code": "TL202", "severity": "warning", "line": 6, "cell": None, "silenced": None}
    assert {"title", "evidence", "remedy"} <= set(finding)


def test_runs_recipes_and_folders_can_be_named(
    here: Here, script: Path, trained: tuple[Run, Splits], tmp_path: Path
) -> None:
    # its patience is as long as it is: two epochs
    assert here("lint", str(trained[0].path), "--ignore", "TL104", cwd=tmp_path).returncode == 0
    assert here("lint", "leaky-cnn", "--set", "as_published=true", cwd=tmp_path).returncode == 1
    (tmp_path / "mine.py").write_text(
        "from torch import nn\nfrom tinylens import Recipe\n\n\nclass Mine(Recipe):\n    epochs: int = 2\n"
        "    patience: int | None = 7\n\n    def build(self, image_size, num_classes):\n"
        "        return nn.Sequential(nn.Flatten(), nn.Linear(3 * image_size[0] * image_size[1], num_classes))\n"
    )
    done = here("lint", ".", "mine.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "TL202" in done.stdout
    assert "mine.py: 1 warning\n\n  TL104" in done.stdout


def test_a_folder_is_gone_through_and_one_broken_notebook_does_not_stop_it(
    here: Here, script: Path, tmp_path: Path
) -> None:
    for folder in ("below", ".hidden", "venv"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "other.py").write_text(FAULTY)
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (tmp_path / "broken.ipynb").write_text("{")
    found = {one["target"]: one["findings"] for one in json.loads(here("lint", ".", "--json", cwd=tmp_path).stdout)}
    assert {name: [one["code"] for one in said] for name, said in found.items()} == {
        "below/other.py": ["TL202"],
        "broken.ipynb": ["TL200"],
        "train.py": ["TL202"],
    }


def test_a_folder_of_runs_is_its_runs(here: Here, trained: tuple[Run, Splits], tmp_path: Path) -> None:
    run = trained[0].path
    done = json.loads(here("lint", str(run.parent), "--json", cwd=tmp_path).stdout)
    assert {"target": str(run), "kind": "run"}.items() <= next(one for one in done if one["target"] == str(run)).items()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "lint needs a run"),
        (["none.ipynb"], "none.ipynb is not there"),
        (["none"], "no recipe is called 'none'"),
        (["empty"], "neither a run nor a folder of runs"),
        (["train.py", "--page", "page.html"], "takes a Markdown file"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2(
    here: Here, script: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    done = here("lint", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_page_has_every_rule_and_what_was_found(here: Here, script: Path, tmp_path: Path) -> None:
    from tinylens.lint import codes

    here("lint", ".", "--page", "lint.md", cwd=tmp_path)
    page = (tmp_path / "lint.md").read_text()
    assert "| TL202 the test set is the validation data | 6 |" in page
    assert "| TL201 selected on the test set | – |" in page
    for code, rule in codes().items():
        assert f"{code} {rule.title}" in page
    committed = (Path(__file__).parents[2] / "docs" / "lint.md").read_text()
    sections = page[page.index("\n## <a") :]
    assert committed.endswith(sections), "docs/lint.md is older than the rules: write it again"
