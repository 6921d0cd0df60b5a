"""fastai's resnet18 along one cycle, trained for a time and judged, printed as one line of JSON.

python benchmarks/peers/fastai_resnet.py JOB        JOB: as five_minutes.py makes it

Source: fastai's documentation, Computer vision: `ImageDataLoaders.from_folder` with `aug_transforms`, `vision_learner`,
`fit_one_cycle`, all with their defaults; but the weights are fresh ones, as everybody's here. The cycle has the number
of whole epochs that comes nearest to the time, by some batches that are timed first, and ends with the time at last.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torchvision_alone  # noqa: F401  # first: torchvision may need it
from fastai import __version__
from fastai.vision.all import (
    Callback,
    CancelFitException,
    ImageDataLoaders,
    Learner,
    Normalize,
    accuracy,
    aug_transforms,
    cifar_stats,
    get_image_files,
    resnet18,
    set_seed,
    vision_learner,
)

from clock import Budget

TIMED = 60  # batches, after some that warm up: while its workers begin, batches take several times as long
WARM_UP = 40


class Stop(Callback):
    """Count the images, and end training when its time is over."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def after_batch(self) -> None:
        if self.training:
            self.budget.images += len(self.xb[0])
            if self.budget.over:
                raise CancelFitException


class TimeBatches(Callback):
    """How long a batch takes, from some."""

    seconds = 0.0

    def before_batch(self) -> None:
        if self.iter == WARM_UP:
            self.began = time.perf_counter()
        if self.iter == WARM_UP + TIMED:
            self.seconds = (time.perf_counter() - self.began) / TIMED
            raise CancelFitException


def loaded(folder: Path) -> ImageDataLoaders:
    """Batches of the training and the validation pictures."""
    transforms = [*aug_transforms(), Normalize.from_stats(*cifar_stats)]
    return ImageDataLoaders.from_folder(folder, train="train", valid="val", batch_tfms=transforms)


def learner(loaders: ImageDataLoaders) -> Learner:
    """A learner with fresh weights."""
    return vision_learner(loaders, resnet18, pretrained=False, metrics=accuracy)


def train(learn: Learner, trial: Learner, budget: Budget) -> None:
    """Train along one cycle. trial: another learner, from which it is known how many epochs fit."""
    timer = TimeBatches()
    with trial.no_bar(), trial.no_logging():
        trial.fit(1, cbs=timer)
    each = timer.seconds * (len(learn.dls.train) + len(learn.dls.valid) / 3)  # forward alone: a third
    epochs = max(1, round((budget.seconds - budget.spent) / each))  # what is too long is cut off
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(epochs, cbs=Stop(budget))


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train and judge. job: folder, of pictures; seconds; seed."""
    set_seed(job["seed"])
    folder = Path(job["folder"])
    loaders = loaded(folder)
    budget = Budget(job["seconds"])
    learn = learner(loaders)
    train(learn, learner(loaders), budget)
    seconds = budget.spent
    began = time.perf_counter()
    test = learn.dls.test_dl(get_image_files(folder / "test"), with_labels=True)
    with learn.no_bar(), learn.no_logging():
        share = float(accuracy(*learn.get_preds(dl=test)))
    judging = time.perf_counter() - began
    found = {"accuracy": share, "tested": len(test.dataset), "images": budget.images, "seconds": seconds}
    versions = {"fastai": __version__, "torch": torch.__version__}
    return found | {"judging_seconds": judging, "precision": "float32", "versions": versions}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
