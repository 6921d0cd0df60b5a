"""What tests of comparisons share: copies of a judged run that differ in what is said, and only there."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tinylens.evaluation.judge import saved_predictions
from tinylens.runs import Run


def edited(file: Path, change: Any) -> None:
    """Change the value in a JSON file."""
    file.write_text(json.dumps(change(json.loads(file.read_text()))))


def copied(base: Run, path: Path, *, seed: int = 0, rate: float = 0.9, luck: int = 0, **fields: object) -> Run:
    """A copy of a run with another seed and other fields, which is right on that share of the test images.

    Which images are hard is the same in all copies. luck: of the rest.
    """
    shutil.copytree(base.path, path)
    edited(path / "recipe.json", lambda about: about | {"fields": about["fields"] | {"seed": seed} | fields})
    if seed:
        edited(path / "data.json", lambda about: with_train(about, f"{seed:064}"))
    run = Run(path)
    said = saved_predictions(run, "test")
    hardness = np.random.default_rng(99).random(len(said))
    noise = np.random.default_rng(luck).normal(0, 0.05, len(said))
    right = hardness + noise < rate
    predicted = np.where(right, said.labels, (said.labels + 1) % 10)
    logits = (np.eye(10)[predicted] * 4).astype(np.float32)
    replace(said, logits=logits).save(run.evaluation("test") / "predictions.npz")
    return run


def with_train(about: dict[str, Any], fingerprint: str) -> dict[str, Any]:
    """A manifest whose training images have another fingerprint."""
    splits = about["splits"]
    return about | {"splits": splits | {"train": splits["train"] | {"fingerprint": fingerprint}}}
