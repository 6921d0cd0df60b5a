"""The long one: what an ordinary processor reaches on CIFAR-10 in an hour and more."""

from pydantic import Field

from tinylens.pixels.augment import Augment, Cutout, Flip, PadAndCrop
from tinylens.recipes.sprint import Sprint


class Marathon(Sprint):
    """Sprint's network, wider, with three convolutions a stage, trained for longer on images that are partly blanked.

    Of each batch it learns from one half: the images at which a small network beside, that learns too, has the highest
    losses. So an epoch takes little more than half its time.

    Source: K. Jordan 2024, airbench96_faster; with Muon for its optimizer, and the small network trained along with the
    large one.

    Expect: `tinylens train marathon` ...
    """

    augment: tuple[Augment, ...] = (PadAndCrop(pixels=4), Flip(alternate=True), Cutout(pixels=12))
    epochs: int = 46
    hardest: float = 0.5
    widths: tuple[int, int, int] = Field((128, 384, 512), description="channels of the three stages")
    depths: tuple[int, int, int] = Field((3, 3, 3), description="convolutions of the three stages")
