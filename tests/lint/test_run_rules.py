"""The rules for runs and recipes: each fires where it must, and is silent where it must not."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tinylens import recipes
from tinylens.data import Splits
from tinylens.errors import UsageError
from tinylens.evaluation.predictions import Predictions
from tinylens.files import write_json
from tinylens.lint.linting import lint, lint_recipe
from tinylens.recipe import Published
from tinylens.runs import Run
from tinylens.training.fit import fit

Prepare = Callable[..., tuple[Run, Splits]]

HARDWARE = {"device": "cpu", "device_name": "any", "threads": 1, "precision": "float32", "reason": "a test"}
TRAINED = {"ended": "all epochs done", "epochs": 9, "steps": 9, "seconds": 9.0, "hardware": HARDWARE}
MEASURED = {"accuracy": 0.5, "interval": [0.4, 0.6], "loss": 1.0, "images": 100}


def codes(recipe: str, **settings: Any) -> list[str]:
    """What is found in a recipe with settings; two underscores reach inside."""
    given = {name.replace("__", "."): value for name, value in settings.items()}
    return [finding.code for finding in lint_recipe(recipes.find(recipe).resolve(given))]


def told(run: Run, losses: list[tuple[float, float]], kept: int | None = None) -> list[str]:
    """What is found in a run whose epochs had these losses, on training and on validation images."""
    rows = [
        {
            "epoch": i,
            "step": i,
            "seconds": i,
            "train_loss": train,
            "train_accuracy": 0.5,
            "validation_loss": unseen,
            "validation_accuracy": 0.5,
        }
        for i, (train, unseen) in enumerate(losses, 1)
    ]
    best = min(rows, key=lambda row: row["validation_loss"])["epoch"]
    run.write_history(rows)
    run.write_training(TRAINED | {"kept_epoch": kept or best, "best_epoch": best})
    return [finding.code for finding in lint(run)]


@pytest.mark.parametrize("name", recipes.names())
def test_the_recipes_as_they_are_have_no_findings(name: str) -> None:
    assert lint_recipe(recipes.find(name)()) == []


def test_a_change_beyond_the_last_epoch_is_found() -> None:
    assert codes("four-by-four", epochs=5, schedule='{"kind":"step","every":5}') == ["TL104"]
    assert codes("four-by-four", epochs=6, schedule='{"kind":"step","every":5}') == []
    assert codes("four-by-four", epochs=5, schedule='{"kind":"milestones","at":[6,9]}') == ["TL104"]
    assert codes("four-by-four", epochs=5, schedule='{"kind":"milestones","at":[3,9]}') == []
    assert codes("four-by-four", epochs=5, patience=5) == ["TL104"]
    late = '[{"at": 9, "rates": [0.4], "unit": "epoch"}]'
    assert codes("mini-vgg", epochs=9, dropout=0.2, dropout_schedule=late) == ["TL104"]


def test_steps_are_counted_where_a_run_tells_of_its_images(prepare: Prepare) -> None:
    schedule = {"kind": "milestones", "at": [9], "unit": "iteration"}
    for size, found in ((30, ["TL104"]), (29, [])):  # 270 training images in 9 steps, or in 10
        run, _ = prepare(epochs=1, batch_size=size, schedule=schedule)
        assert [finding.code for finding in lint(run)] == found


def test_augmentation_without_effect_is_found() -> None:
    nothing = '[{"kind":"colour-jitter","brightness":0,"contrast":0,"saturation":0}]'
    assert codes("four-by-four", augment=nothing) == ["TL105"]
    assert codes("four-by-four", augment='[{"kind":"cutout","pixels":64}]') == ["TL105"]
    assert codes("four-by-four", augment='[{"kind":"cutout","pixels":16},{"kind":"colour-jitter"}]') == []


def test_images_that_are_not_normalised_once_are_found() -> None:
    assert codes("four-by-four", preprocess=()) == ["TL106"]
    assert codes("four-by-four", preprocess="centre") == ["TL106"]
    assert codes("four-by-four", preprocess="standardise,scale") == ["TL106"]
    assert codes("four-by-four", preprocess="scale,standardise") == []
    assert codes("four-by-four", preprocess="centre,scale") == []


def test_activations_are_found_in_the_network_that_is_built() -> None:
    assert codes("leaky-cnn", relu_before_leaky=True) == ["TL108"]
    assert codes("leaky-cnn", leaky_logits=True) == ["TL107"]
    found = lint_recipe(recipes.find("leaky-cnn").resolve({"leaky_logits": True}))
    assert found[0].evidence.startswith("LeakyReLU (leaky6) is applied to what Linear (dense2) gives")
    assert "TL109" in codes("elu-net", as_published=True)


def test_a_recipe_that_cannot_be_built_without_numbers_is_not_looked_into(noisy: str) -> None:
    assert codes(noisy) == []


def test_over_fitting_is_told_of_where_its_weights_are_kept(prepare: Prepare) -> None:
    run, _ = prepare(keep="last")
    curve = [(2.0, 2.0), (1.0, 1.0), (0.5, 1.2), (0.2, 1.5)]
    assert "TL110" in told(run, curve, kept=4)
    assert "from epoch 2 to 4" in next(f["evidence"] for f in run.findings if f["code"] == "TL110")
    assert "TL110" not in told(run, curve)
    assert "TL110" not in told(run, [(2.0, 2.0), (1.0, 1.0), (0.9, 1.05), (0.8, 1.08)], kept=4)


def test_learning_that_goes_on_is_a_note(prepare: Prepare) -> None:
    run, _ = prepare()
    assert told(run, [(2.0, 2.0), (1.5, 1.5), (1.2, 1.2), (1.0, 1.0)]) == ["TL111"]
    assert told(run, [(2.0, 2.0), (1.5, 1.5), (1.2, 1.2), (1.0, 1.199)]) == []
    assert told(run, [(0.9, 0.9), (2.0, 2.0), (1.5, 1.5), (1.2, 1.2), (1.0, 1.0)]) == []  # an earlier one was better


def test_divergence_is_found(prepare: Prepare) -> None:
    run, _ = prepare()
    assert told(run, [(1.5, 1.5), (0.9, 1.0), (1.8, 1.9)]) == ["TL112"]
    guess = math.log(10)
    assert told(run, [(guess, guess), (guess - 0.01, guess), (guess, guess)]) == ["TL112"]
    assert told(run, [(guess, guess), (guess - 0.2, guess), (guess - 0.3, guess - 0.2)]) == []


def judged(run: Run, logits: np.ndarray, labels: np.ndarray, **metrics: Any) -> None:
    """Leave what judging leaves."""
    classes = run.manifest.classes
    folder = run.evaluation("test")
    Predictions(logits.astype(np.float32), labels, classes, "test", "0" * 64).save(folder / "predictions.npz")
    write_json(folder / "metrics.json", MEASURED | metrics)


def test_classes_that_are_never_predicted_are_named(prepare: Prepare) -> None:
    run, _ = prepare()
    labels = np.arange(100) % 10
    logits = np.eye(10)[labels]
    judged(run, logits, labels)
    assert lint(run) == []
    logits[labels == 3] = np.eye(10)[4]
    judged(run, logits, labels)
    assert [(f.code, f.evidence) for f in lint(run)] == [("TL113", "1 class is never predicted on 100 test images: 3")]


def test_a_difference_within_the_interval_is_a_note(prepare: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = prepare()
    labels = np.arange(100) % 10
    for published, found in ((0.66, ["TL114"]), (0.80, []), (0.65, [])):
        monkeypatch.setattr(Run, "published", property(lambda _, p=published: Published(p, "digits", "here")))
        judged(run, np.eye(10)[labels], labels, accuracy=0.65, interval=[0.55, 0.74], images=100)
        assert [finding.code for finding in lint(run)] == found


def test_images_in_two_splits_are_counted(prepare: Prepare) -> None:
    run, splits = prepare()
    assert [f.code for f in lint(run, splits)] == []
    test = splits.test
    both = replace(test, rows=np.concatenate([test.rows[:-2], splits.train.rows[:2]]))
    found = lint(run, replace(splits, test=both))
    assert [finding.code for finding in found] == ["TL115"]
    assert found[0].evidence.startswith("2 test images of ")


def test_units_that_are_never_active_are_counted(prepare: Prepare) -> None:
    run, splits = prepare("four-by-four", epochs=1)
    fit(run, splits, progress=False)
    assert "TL116" not in [finding.code for finding in lint(run, splits)]
    lens = run.lens
    last = [layer for layer in lens.network.modules() if isinstance(layer, torch.nn.Linear)][-2]
    with torch.no_grad():
        last.bias[:250] = -1e6
    run.save_lens(lens)
    found = [finding for finding in lint(run, splits) if finding.code == "TL116"]
    assert len(found) == 1
    assert "of 256 units" in found[0].evidence


def test_findings_are_silenced_by_the_recipe_and_by_the_call(prepare: Prepare) -> None:
    run, _ = prepare(epochs=5, patience=5, silence="TL104")
    (found,) = lint(run)
    assert found.silenced == "the recipe's silence"
    assert not found.counts
    assert run.findings[0]["silenced"] == "the recipe's silence"
    (found,) = lint_recipe(recipes.find("four-by-four").resolve({"epochs": 5, "patience": 5}), ["tl104"])
    assert found.silenced == "--ignore"
    with pytest.raises(UsageError, match="no rule TL999"):
        lint_recipe(recipes.find("four-by-four")(), ["TL999"])


def test_a_run_that_is_not_trained_can_be_looked_at(prepare: Prepare, tmp_path: Path) -> None:
    run, splits = prepare()
    assert lint(run, splits) == []
