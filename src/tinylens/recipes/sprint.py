"""The quick one: CIFAR-10 in minutes on an ordinary processor, and what is recommended for a folder of one's own."""

from typing import Any, ClassVar, Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from tinylens.networks.whitened import groups, whitened_stages
from tinylens.optim.optimizers import Muon, Optimizer
from tinylens.optim.schedules import Linear, Schedule
from tinylens.pixels.augment import Augment, Flip, PadAndCrop
from tinylens.pixels.preprocess import Preprocess, Standardise
from tinylens.pixels.views import Mirror, Shift, View
from tinylens.recipe import Recipe


class Sprint(Recipe):
    """Whitened 2x2 patches, three pairs of 3x3 convolutions of 64, 256 and 256 channels, max-pools, linear.

    The lens looks again, mirrored and moved, at the images that it is unsure of, about a fifth.

    Source: K. Jordan 2024, 94% on CIFAR-10 in 3.29 Seconds on a Single GPU (airbench94), and its form with Muon. The
    bound of being unsure is ours, chosen on validation images.

    Expect: `tinylens train sprint` gives 94.16 ± 0.11 % on CIFAR-10's test set (five seeds: 94.05 to 94.32 %) after 8
    minutes of training (479 to 499 s) on two cores of an AMD EPYC, 8 minutes 20 seconds from typing it to the report.
    """

    source: ClassVar[str] = "after K. Jordan 2024, airbench94_muon"
    data: ClassVar[str] = "cifar10"

    preprocess: tuple[Preprocess, ...] = (Standardise(),)
    augment: tuple[Augment, ...] = (PadAndCrop(pixels=2), Flip(alternate=True))
    epochs: int = 10
    batch_size: int = 2000
    optimizer: Optimizer = Muon(lr=0.24, momentum=0.6, other_lr=106, other_momentum=0.85, weight_decay=4e-5)
    schedule: Schedule = Linear()
    label_smoothing: float = 0.2
    validation_most: int | None = 1000
    keep: Literal["best", "last"] = "last"
    views: tuple[View, ...] = (Mirror(), Shift())
    unsure: float = 0.6
    lens_precision: Literal["auto", "float32", "bfloat16"] = "auto"
    head_lr: float = Field(1340, gt=0, description="learning rate of the last layer, for batches of 2,000")
    widths: tuple[int, int, int] = Field((64, 256, 256), description="channels of the three stages")
    depths: tuple[int, int, int] = Field((2, 2, 2), description="convolutions of the three stages")

    def build(self, image_size: tuple[int, int], num_classes: int) -> nn.Module:
        """Seven convolutions and a linear layer."""
        return whitened_stages(image_size, num_classes, widths=self.widths, depths=self.depths)

    def fit_network(self, network: Any, images: Float[Tensor, "n 3 h w"]) -> None:
        """Whiten the patches of these images."""
        network.whiten.fit(images)

    def parameter_groups(self, network: Any) -> list[dict[str, Any]]:
        """For Muon, the last layer and biases at rates of their own; what is not learned is left out."""
        used = self.optimizer
        if not isinstance(used, Muon):
            return super().parameter_groups(network)
        rates = {"lr": used.lr, "other_lr": used.other_lr, "head_lr": self.head_lr}
        return groups(network, **rates, batch_size=self.batch_size)
