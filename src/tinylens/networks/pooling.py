"""Pooling that torch has only in a form that some devices cannot repeat exactly."""

from jaxtyping import Float
from torch import Tensor, nn


class GlobalMaxPool(nn.Module):
    """The largest value of each channel over the whole image.

    As nn.AdaptiveMaxPool2d(1) and nn.Flatten, whose backward pass on a GPU differs from one run to the next.
    """

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c"]:
        return images.amax(dim=(2, 3))
