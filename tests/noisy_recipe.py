"""A recipe for tests: small, with all that makes going on hard, and a trap that sends its own process real signals."""

import os
from collections import Counter
from typing import ClassVar

from torch import Tensor, nn

from tinylens.networks.dropout import Dropout
from tinylens.optim.optimizers import AdamW, Optimizer
from tinylens.optim.schedules import Cosine, Schedule
from tinylens.pixels.preprocess import Preprocess, Standardise
from tinylens.recipe import Recipe


class Trap(nn.Module):
    """Sends signals at moments that TINYLENS_TEST_TRAP names, as `train:5:15` (the fifth training step, SIGTERM).

    Moments: train, look (each forward pass in that mode), save and load (each time the state is told or taken back).
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.register_state_dict_pre_hook(lambda *_: self.spring("save"))
        self.register_load_state_dict_pre_hook(lambda *_: self.spring("load"))

    def spring(self, moment: str) -> None:
        self.seen[moment] += 1
        for trap in os.environ.get("TINYLENS_TEST_TRAP", "").split():
            name, count, number = trap.split(":")
            if (name, int(count)) == (moment, self.seen[moment]):
                os.kill(os.getpid(), int(number))

    def forward(self, images: Tensor) -> Tensor:
        self.spring("train" if self.training else "look")
        return images


class Noisy(Recipe):
    """Batch norm, dropout in two stages and a linear layer, AdamW along a cosine: random state and buffers matter."""

    source: ClassVar[str] = "made for the tests"
    data: ClassVar[str] = "digits"

    image_size: int = 8
    epochs: int = 4
    batch_size: int = 64
    preprocess: tuple[Preprocess, ...] = (Standardise(),)
    optimizer: Optimizer = AdamW(lr=0.01)
    schedule: Schedule = Cosine(warmup=0.1)

    def build(self, image_size: tuple[int, int], num_classes: int) -> nn.Module:
        height, width = image_size
        layers = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), Dropout(0.3), nn.Flatten()
        return nn.Sequential(Trap(), *layers, Dropout(0.1, stage=1), nn.Linear(8 * height * width, num_classes))
