"""The loss of a batch, whose images may be mixtures of two."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from tinylens.pixels.augment import Batch
from tinylens.recipe import Recipe


def mixed_loss(recipe: Recipe, logits: Float[Tensor, "n k"], batch: Batch) -> Float[Tensor, ""]:
    """The recipe's loss; of mixtures, that of each part in its share."""
    loss = recipe.loss(logits, batch.labels)
    if batch.others is None:
        return loss
    return batch.share * loss + (1 - batch.share) * recipe.loss(logits, batch.others)


def losses(logits: Float[Tensor, "n k"], batch: Batch) -> Float[Tensor, "n"]:
    """Each image's cross-entropy in nats, whatever loss the recipe has; of a mixture that of each part in its share."""
    found = F.cross_entropy(logits, batch.labels, reduction="none")
    if batch.others is None:
        return found
    return batch.share * found + (1 - batch.share) * F.cross_entropy(logits, batch.others, reduction="none")
