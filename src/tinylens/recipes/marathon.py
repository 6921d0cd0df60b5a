"""The long one: what an ordinary processor reaches on CIFAR-10 in an hour and a half."""

from typing import ClassVar

from pydantic import Field

from tinylens.optim.optimizers import Muon, Optimizer
from tinylens.pixels.augment import Augment, Cutout, Flip, PadAndCrop
from tinylens.recipes.sprint import Sprint


class Marathon(Sprint):
    """Sprint's network, wider, with three convolutions a stage, trained for longer on images that are partly blanked.

    Source: K. Jordan 2024, airbench96; with Muon for its optimizer, at rates a fifth lower than sprint's, as there.

    Expect: `tinylens train marathon` gives 95.8 % (95.4 to 96.1 %) on CIFAR-10's test set (seed 0 alone) after 84
    minutes of training on two cores of an AMD EPYC, short of airbench96's 96.0.
    """

    source: ClassVar[str] = "after K. Jordan 2024, airbench96 and airbench94_muon"

    augment: tuple[Augment, ...] = (PadAndCrop(pixels=4), Flip(alternate=True), Cutout(pixels=12))
    epochs: int = 27
    optimizer: Optimizer = Muon(lr=0.19, momentum=0.6, other_lr=83, other_momentum=0.85, weight_decay=4e-5)
    head_lr: float = Field(1050, gt=0, description="learning rate of the last layer, for batches of 2,000")
    widths: tuple[int, int, int] = Field((128, 384, 512), description="channels of the three stages")
    depths: tuple[int, int, int] = Field((3, 3, 3), description="convolutions of the three stages")
