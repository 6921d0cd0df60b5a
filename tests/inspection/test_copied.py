"""Accuracy on copies of training images is told apart from that on the rest, and a flattering one is a warning."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.calling import Here, said
from tests.data.checkup.samples import fill

from tinylens.data.checkup.survey import Survey, survey
from tinylens.evaluation.predictions import Predictions
from tinylens.inspection.copied import accuracy_on_copies


@pytest.fixture
def leaky(tmp_path: Path) -> Survey:
    """Forty test images, ten of which, all of them cats, are training images too."""
    root = fill(tmp_path / "leaky", {"train/cat": 20, "train/dog": 20, "test/cat": 10, "test/dog": 20})
    for i in range(10):
        shutil.copy(root / f"train/cat/{i}.png", root / f"test/cat/z{i}.png")
    return survey(root)


def answers(found: Survey, wrong: list[int]) -> Predictions:
    """Predictions of the test images that are wrong at these places only."""
    labels = found.splits["test"].labels
    said = labels.copy()
    said[wrong] = 1 - said[wrong]
    return Predictions(np.eye(2, dtype=np.float32)[said], labels, found.classes, "test", "")


def places(found: Survey, *, copies: bool) -> list[int]:
    """The test images that are copies of training images, or the others."""
    first = int(found.starts[1])
    return [i for i in range(len(found.splits["test"])) if ("/z" in found.called(first + i)) == copies]


def test_right_on_copies_and_wrong_on_the_rest_is_a_warning(leaky: Survey) -> None:
    others = places(leaky, copies=False)
    found = accuracy_on_copies([answers(leaky, others[:25])], leaky)
    assert found.severity == "warning"
    assert dict(found.facts)["test"] == {"copies": {"images": 10, "right": 10}, "rest": {"images": 30, "right": 5}}
    assert "100.0\u202f% on 10 images with a copy in train, 16.7\u202f% on the other 30" in found.found
    assert [row[1] for row in found.tables[0].rows] == ["10", "30", "40"]


def test_as_good_on_the_rest_is_a_note(leaky: Survey) -> None:
    wrong = places(leaky, copies=True)[:1] + places(leaky, copies=False)[:3]
    found = accuracy_on_copies([answers(leaky, wrong)], leaky)
    assert found.severity == "note"
    assert not found.remedy


def test_without_copies_there_is_nothing_to_tell(tmp_path: Path) -> None:
    sound = survey(fill(tmp_path / "sound", {"train/cat": 20, "train/dog": 20, "test/cat": 20, "test/dog": 20}))
    found = accuracy_on_copies([answers(sound, [0, 1])], sound)
    assert (found.severity, found.found) == ("fine", "no test image is a copy of a training image")
    assert accuracy_on_copies([], sound).severity == "fine"


def test_a_run_is_told_of_its_copies_by_the_command(leaky: Survey, here: Here, tmp_path: Path) -> None:
    run = said(here("train", "four-by-four", "--data", "leaky", "--epochs", "1", "--json", cwd=tmp_path))["run"]
    checks = said(here("data", "check", "leaky", "--run", str(run), "--json", cwd=tmp_path))["checks"]
    figures = next(one["facts"] for one in checks if one["code"] == "copied")["test"]
    assert (figures["copies"]["images"], figures["rest"]["images"]) == (10, 30)
