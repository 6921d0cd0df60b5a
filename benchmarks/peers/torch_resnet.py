"""torchvision's ResNet-18 in a plain PyTorch loop, trained for a time and judged, printed as one line of JSON.

python benchmarks/peers/torch_resnet.py JOB        JOB: as five_minutes.py makes it

Source: torchvision's references for classification, which train resnet18 with SGD, momentum 0.9, weight decay 1e-4 and
batches of 256 in all at a rate of 0.1, divided by 10 after each third of the epochs; images are flipped, cropped and
normalised. Here the crops are those usual for CIFAR-10, and the schedule is set to the steps that fit the time, from
some steps that are timed first. A `DataLoader` with two workers over pictures, as PyTorch's tutorial on CIFAR-10 has.
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torchvision_alone  # noqa: F401  # first: torchvision may need it
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.models import resnet18

from clock import Budget

BATCH, WORKERS = 256, 2
TIMED = 5  # steps, after one that warms up
MEAN, DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
PREPARED = [transforms.ToTensor(), transforms.Normalize(MEAN, DEVIATION)]
AUGMENTED = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()]


class Pictures(Dataset[tuple[Tensor, int]]):
    """Images in memory as torchvision.datasets.CIFAR10 has them: each is made a picture and then transformed."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, steps: list[Any]) -> None:
        self.images, self.labels = images, labels
        self.transform = transforms.Compose(steps)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), int(self.labels[index])


def endless(loader: DataLoader[Any]) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches, epoch after epoch."""
    while True:
        yield from loader


def step(model: nn.Module, made: torch.optim.Optimizer, images: Tensor, labels: Tensor) -> None:
    """A step of training."""
    made.zero_grad()
    nn.functional.cross_entropy(model(images), labels).backward()
    made.step()


def learner() -> tuple[nn.Module, torch.optim.Optimizer]:
    """A fresh network and its optimizer."""
    model = resnet18(num_classes=10)
    return model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)


def step_seconds(batches: Iterator[tuple[Tensor, Tensor]]) -> float:
    """How long a step takes, from some of a network that is then thrown away."""
    model, made = learner()
    step(model, made, *next(batches))
    began = time.perf_counter()
    for _ in range(TIMED):
        step(model, made, *next(batches))
    return (time.perf_counter() - began) / TIMED


def train(batches: Iterator[tuple[Tensor, Tensor]], budget: Budget) -> nn.Module:
    """A network that is trained until the time is over, or its schedule before."""
    steps = budget.fits(step_seconds(batches))
    model, made = learner()
    schedule = torch.optim.lr_scheduler.StepLR(made, -(-steps // 3), gamma=0.1)
    for _ in range(steps):
        if budget.over:
            break
        images, labels = next(batches)
        step(model, made, images, labels)
        schedule.step()
        budget.images += len(images)
    return model


@torch.no_grad()
def accuracy(model: nn.Module, loader: DataLoader[Any]) -> float:
    """The share of images that are classified rightly."""
    model.eval()
    right = [(model(images).argmax(1) == labels).sum().item() for images, labels in loader]
    return sum(right) / len(loader.dataset)  # type: ignore[arg-type]


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train and judge. job: images, an .npz file; seconds; seed."""
    torch.manual_seed(job["seed"])
    with np.load(job["images"]) as arrays:
        training = Pictures(arrays["x_train"], arrays["y_train"], [*AUGMENTED, *PREPARED])
        test = Pictures(arrays["x_test"], arrays["y_test"], PREPARED)
    loader = DataLoader(training, BATCH, shuffle=True, num_workers=WORKERS, persistent_workers=True)
    budget = Budget(job["seconds"])
    model = train(endless(loader), budget)
    seconds = budget.spent
    began = time.perf_counter()
    share = accuracy(model, DataLoader(test, BATCH, num_workers=WORKERS))
    judging = time.perf_counter() - began
    found = {"accuracy": share, "tested": len(test), "images": budget.images, "seconds": seconds}
    return found | {"judging_seconds": judging, "precision": "float32", "versions": {"torch": torch.__version__}}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
