"""A first convolution that is not learned: it whitens small patches of the training images."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

PART = 250  # images whose patches are in memory at once


class PatchWhitening(nn.Conv2d):
    """Each patch as what it has of the principal components of all patches, each of variance 1, and of their negatives.

    The kernels are fitted, not trained, so that no gradient has to come so far down. side: of a patch, in pixels.
    Source: D. Page 2019, How to Train Your ResNet 8; with the negatives, K. Jordan 2024, airbench94.
    """

    def __init__(self, channels: int = 3, side: int = 2) -> None:
        super().__init__(channels, 2 * channels * side * side, side, bias=False)
        self.weight.requires_grad = False

    @torch.no_grad()
    def fit(self, images: Float[Tensor, "n c h w"], *, epsilon: float = 5e-4) -> None:
        """Take the kernels from the patches of these images. epsilon: added to a variance before it is divided by."""
        products, count = torch.zeros(()), 0
        for part in images.split(PART):
            patches = F.unfold(part, self.kernel_size).movedim(1, 2).flatten(0, 1).double()
            products, count = products + patches.T @ patches, count + len(patches)
        variances, vectors = torch.linalg.eigh(products / count)
        kernels = (vectors / (variances + epsilon).sqrt()).T.flip(0)  # the largest variance first
        self.weight.copy_(torch.cat([kernels, -kernels]).view_as(self.weight))
