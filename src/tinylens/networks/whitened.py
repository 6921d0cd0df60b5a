"""Networks that begin with whitened patches and learn fast: K. Jordan's, of the CIFAR-10 speed runs."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from tinylens.networks.pooling import GlobalMaxPool
from tinylens.networks.whitening import PatchWhitening

HEAD_DECAY = 3e-6
RATES_ARE_FOR = 2000  # images in a batch
SMALLEST = 16  # pixels a side: three stages leave one of 9, and images may be shrunk in training


def whitened_stages(
    image_size: tuple[int, int], num_classes: int, *, widths: Sequence[int], depths: Sequence[int]
) -> nn.Sequential:
    """Whitened 2x2 patches, a stage for each width, the largest value of each channel, a linear layer.

    image_size: height and width. widths, depths: the channels of each stage, and how many convolutions it has.
    Raises ValueError where images are too small.
    Source: K. Jordan 2024, 94% on CIFAR-10 in 3.29 Seconds on a Single GPU, sections 3.1 and 3.2, and airbench96.
    """
    if min(image_size) < SMALLEST:
        raise ValueError(f"images of {image_size[0]}x{image_size[1]} pixels are too small: {SMALLEST} at least")
    whiten = PatchWhitening()
    layers: OrderedDict[str, nn.Module] = OrderedDict(whiten=whiten, start=nn.GELU())
    before = whiten.out_channels
    for number, (width, depth) in enumerate(zip(widths, depths, strict=True), 1):
        layers[f"stage{number}"] = Stage(before, width, depth)
        before = width
    return nn.Sequential(layers | {"highest": GlobalMaxPool(), "head": ExactLinear(before, num_classes)})


def groups(network: Any, *, lr: float, other_lr: float, head_lr: float, batch_size: int) -> list[dict[str, Any]]:
    """Parameters for Muon: kernels, biases, and the last layer at a rate of its own, which is not moved orthogonally.

    lr: of kernels. other_lr, head_lr: of biases and the last layer for batches of 2,000 images, and in proportion for
    others, as where the losses of a batch's images are added: small batches are many, and noisy. What is not learned is
    left out.
    """
    last = network.head.weight
    learned = [p for p in network.parameters() if p.requires_grad and p is not last]
    share = batch_size / RATES_ARE_FOR / lr
    return [
        {"params": [p for p in learned if p.ndim > 1], "orthogonal": True},
        {"params": [p for p in learned if p.ndim == 1], "orthogonal": False, "scale": other_lr * share},
        {"params": [last], "orthogonal": False, "scale": head_lr * share, "weight_decay": HEAD_DECAY},
    ]


class Stage(nn.Module):
    """A convolution and a max-pool of 2, then more convolutions, each with normalisation and GELU.

    From three convolutions on, what the first gives is added to what the last gives.
    """

    def __init__(self, before: int, width: int, depth: int) -> None:
        super().__init__()
        pooled = convolution(PooledConv2d(before, width))
        self.first = nn.Sequential(pooled, nn.MaxPool2d(2), normalisation(width), nn.GELU())
        rest: list[nn.Module] = []
        for _ in range(depth - 1):
            same = nn.Conv2d(width, width, 3, padding=1, bias=False)
            rest += [convolution(same), normalisation(width), nn.GELU()]
        self.rest = nn.Sequential(*rest[:-1])
        self.end = nn.GELU()
        self.adds = depth > 2

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d i j"]:
        first = self.first(images)
        rest = self.rest(first)
        return self.end(rest + first if self.adds else rest)


class PooledConv2d(nn.Conv2d):
    """A "same" 3x3 convolution for a max-pool of 2 behind it, without the last of odd rows or columns, which it omits.

    The same numbers behind the pool, for a quarter less work on images of 7x7 pixels. Even sides are left to the
    convolution's own padding, which costs nothing: a border of real zeros is multiplied like all else.
    """

    def __init__(self, before: int, after: int) -> None:
        super().__init__(before, after, 3, padding=1, bias=False)

    def forward(self, input: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d i j"]:  # torch's own name for it
        odd_height, odd_width = (side % 2 for side in input.shape[2:])
        if not (odd_height or odd_width):
            return super().forward(input)
        return F.conv2d(F.pad(input, (1, 1 - odd_width, 1, 1 - odd_height)), self.weight)


class ExactLinear(nn.Linear):
    """A linear layer without a bias, divided by the number of features, so that no class is sure of anything at first.

    In float32 whatever the network computes in: logits of bfloat16 are often equal.
    """

    def __init__(self, features: int, num_classes: int) -> None:
        super().__init__(features, num_classes, bias=False)
        nn.init.normal_(self.weight)

    def forward(self, input: Float[Tensor, "n c"]) -> Float[Tensor, "n k"]:  # torch's own name for it
        with torch.autocast(input.device.type, enabled=False):
            return super().forward(input.float()) / self.in_features


def convolution(layer: nn.Conv2d) -> nn.Conv2d:
    """A convolution that begins by passing its channels on."""
    with torch.no_grad():
        nn.init.dirac_(layer.weight[: layer.in_channels])
    return layer


def normalisation(channels: int) -> nn.BatchNorm2d:
    """Batch normalisation with a bias and without a scale."""
    layer = nn.BatchNorm2d(channels, momentum=0.4)
    layer.weight.requires_grad = False
    return layer
