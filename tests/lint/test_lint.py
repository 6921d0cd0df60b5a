"""Lint: the rules on real runs, with and without the mistake."""

from collections.abc import Callable

from tinylens.data import Splits
from tinylens.lint.linting import lint
from tinylens.runs import Run
from tinylens.training.fit import fit

Prepare = Callable[..., tuple[Run, Splits]]


def codes(run: Run) -> list[str]:
    found = lint(run)
    assert [finding["code"] for finding in run.findings] == [finding.code for finding in found]
    return [finding.code for finding in found]


def test_the_corrected_form_has_no_findings(prepare: Prepare) -> None:
    run, splits = prepare(epochs=2)
    fit(run, splits, progress=False)
    assert codes(run) == []


def test_selecting_on_the_test_set_is_found_with_its_evidence(prepare: Prepare) -> None:
    run, splits = prepare(epochs=2, select_on="test")
    fit(run, splits, progress=False)
    assert codes(run) == ["TL101"]
    assert "which weights to keep was decided by 2 looks at the test images" in run.findings[0]["evidence"]


def test_looking_at_test_images_without_selecting_is_no_mistake(prepare: Prepare) -> None:
    run, splits = prepare(epochs=1, select_on="test", keep="last")
    fit(run, splits, progress=False)
    assert codes(run) == []


def test_keeping_the_last_weights_is_found_where_an_earlier_epoch_was_better(prepare: Prepare) -> None:
    settings = {"optimizer.lr": 0.3, "schedule": "constant", "patience": 2, "epochs": 20, "keep": "last"}
    run, splits = prepare(**settings)
    fit(run, splits, progress=False)
    assert set(codes(run)) - {"TL110", "TL112"} == {"TL102"}  # such a rate may end in more than that
    finding = next(finding for finding in run.findings if finding["code"] == "TL102")
    assert f"after epoch {run.training['epochs']}, whose weights were kept" in finding["evidence"]


def test_selecting_on_the_training_images_is_found_with_what_was_selected(prepare: Prepare) -> None:
    for settings, chosen in (
        ({}, "which weights to keep was decided by 2 looks at the training images"),
        ({"patience": 9}, "when to stop and which weights to keep was decided by 2 looks at the training images"),
        ({"patience": 9, "keep": "last"}, "when to stop was decided by 2 looks at the training images"),
    ):
        run, splits = prepare(epochs=2, select_on="train", **settings)
        fit(run, splits, progress=False)
        assert "TL103" in codes(run)
        finding = next(finding for finding in run.findings if finding["code"] == "TL103")
        assert finding["evidence"].startswith(f"select_on is train: {chosen}")
        assert finding["severity"] == "error"


def test_looking_at_training_images_without_selecting_is_no_mistake(prepare: Prepare) -> None:
    run, splits = prepare(epochs=1, select_on="train", keep="last")
    fit(run, splits, progress=False)
    assert codes(run) == []
