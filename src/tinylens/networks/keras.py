"""Keras' conventions, for models that were first written in it.

A "same" max-pool of 2 is nn.MaxPool2d(2, ceil_mode=True).
"""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

SMALL = 16  # pixels of an image up to which a product of matrices is faster than a convolution
FUZZ = 1e-7  # keras.backend.epsilon()
CUT_NORMAL = 0.87962566103423978  # the deviation of a standard normal distribution cut off at -2 and 2

Initialiser = Literal["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"]


class SameConv2d(nn.Conv2d):
    """A convolution that keeps the image's size: of an even kernel, the odd pixel of padding is right and below.

    torch's own padding="same" gives the same numbers, and a warning with each even kernel. On a CPU very small images
    are convolved as one product of matrices, which takes from a half down to an eighth of the time.
    """

    def __init__(self, channels: int, units: int, kernel: int) -> None:
        super().__init__(channels, units, kernel)
        self.before = (kernel - 1) // 2  # pixels of padding to the left and above
        self.after = kernel - 1 - self.before
        if kernel % 2:  # as much on all sides, which the convolution does without a copy of the image
            self.padding = (self.before, self.before)

    def forward(self, input: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h w"]:
        if input.shape[2] * input.shape[3] <= SMALL and input.device.type == "cpu":
            return self.as_product(input)
        even = self.before != self.after
        return super().forward(F.pad(input, (self.before, self.after) * 2) if even else input)

    def as_product(self, input: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h w"]:
        """The same numbers by a product of all patches with all kernels.

        What of a kernel lies beside the image wherever it is put takes no part: of 2x2 around a single pixel, three
        quarters.
        """
        count, _, height, width = input.shape
        (above, below), (left, right) = ((min(self.before, n - 1), min(self.after, n - 1)) for n in (height, width))
        centre = self.before
        kernels = self.weight[:, :, centre - above : centre + below + 1, centre - left : centre + right + 1]
        padded = F.pad(input.permute(0, 2, 3, 1), (0, 0, left, right, above, below))
        windows = padded.unfold(1, above + below + 1, 1).unfold(2, left + right + 1, 1)  # n, h, w, c, rows, columns
        patches = windows.permute(0, 1, 2, 4, 5, 3).reshape(count * height * width, -1)
        outputs = F.linear(patches, kernels.permute(0, 2, 3, 1).flatten(1), self.bias)
        return outputs.view(count, height, width, -1).permute(0, 3, 1, 2)


def keras_initialise(model: nn.Module, kernels: Initialiser = "glorot_uniform") -> nn.Module:
    """Give every convolution and linear layer kernels as Keras begins them, and zero biases. Returns the model.

    kernels: Keras' name of the initialiser; without it, the default of its Dense and Conv2D.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            initialise(layer.weight, kernels)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return model


@torch.no_grad()
def initialise(kernel: Tensor, initialiser: Initialiser) -> None:
    """Fill a kernel, (units, channels, ...), with random numbers whose variance is scale / fan.

    Those of a `normal` initialiser are cut off at two standard deviations, and drawn from a wider distribution so that
    their variance is still that. Source: keras.initializers.VarianceScaling; Glorot and Bengio 2010, He et al. 2015,
    LeCun et al. 1998.
    """
    source, shape = initialiser.split("_")
    units, channels, *window = kernel.shape
    area = math.prod(window)
    fan_in, fan_out = channels * area, units * area
    scale, fan = {"glorot": (1.0, (fan_in + fan_out) / 2), "he": (2.0, fan_in), "lecun": (1.0, fan_in)}[source]
    deviation = math.sqrt(scale / fan)
    if shape == "uniform":
        nn.init.uniform_(kernel, -math.sqrt(3) * deviation, math.sqrt(3) * deviation)
    else:
        wider = deviation / CUT_NORMAL
        nn.init.trunc_normal_(kernel, std=wider, a=-2 * wider, b=2 * wider)


def keras_batch_norm(features: int, *, spatial: bool, momentum: float = 0.99, epsilon: float = 1e-3) -> nn.Module:
    """Batch normalisation with Keras' defaults. momentum: the share of the running statistics that is kept at a step.

    spatial: over images of `features` channels, not over rows of that many numbers. A momentum of 1 never learns.
    """
    kind = nn.BatchNorm2d if spatial else nn.BatchNorm1d
    return kind(features, eps=epsilon, momentum=1 - momentum)


def cross_entropy_of_raw_outputs(outputs: Float[Tensor, "n k"], labels: Int[Tensor, " n"]) -> Float[Tensor, ""]:
    """What Keras' categorical_crossentropy makes of raw outputs when it takes them for probabilities.

    It divides them by their sum, clips them to FUZZ .. 1 - FUZZ, and takes the logarithm: a fault that some recipes
    keep in their published form. Source: keras.losses.categorical_crossentropy, from_logits=False.
    """
    shares = outputs / outputs.sum(dim=1, keepdim=True)
    named = shares.gather(1, labels[:, None]).squeeze(1)
    return -torch.log(named.clamp(FUZZ, 1 - FUZZ)).mean()
