"""A small network, trained beside a large one, that chooses which images of a batch the large one learns from."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tinylens.hardware import Hardware, computing
from tinylens.pixels.augment import Batch
from tinylens.recipe import Recipe
from tinylens.training.losses import losses, mixed_loss

EVERY = 4  # of its steps, one learns: to tell hard images from easy ones takes less than to tell classes apart


@dataclass(eq=False)
class Proxy:
    """A small network and its optimizer.

    Images that it finds easy the large network would learn little from. It looks at each image of a batch, and at each
    fourth batch learns itself from those that it chose.

    Source: K. Jordan 2024, airbench96_faster; of the idea, C. Coleman et al. 2020, Selection via Proxy.
    """

    recipe: Recipe
    network: nn.Module
    optimizer: torch.optim.Optimizer
    hardware: Hardware

    def hardest(self, batch: Batch, step: int) -> Batch:
        """The recipe's share of a batch's images, those with the highest losses, in the order of the batch."""
        learns = step % EVERY == 0
        with torch.set_grad_enabled(learns), computing(self.hardware.device, self.hardware.precision):
            logits = self.network(batch.images)
        chosen = highest(losses(logits.detach().float(), batch), self.recipe.hardest)
        batch = part(batch, chosen)
        if learns:
            loss = mixed_loss(self.recipe, logits[chosen].float(), batch)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            with computing(self.hardware.device, self.hardware.precision):
                self.optimizer.step()
        return batch

    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain values from which it goes on."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to where `state_dict` was called."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])


def highest(values: Float[Tensor, "n"], share: float) -> Int[Tensor, "m"]:
    """The places of so large a share of the values, the highest, at least one, in their order."""
    return values.topk(max(1, round(share * len(values)))).indices.sort().values


def part(batch: Batch, chosen: Int[Tensor, "m"]) -> Batch:
    """Some images of a batch, channels last as they were."""
    others = None if batch.others is None else batch.others[chosen]
    images = batch.images.permute(0, 2, 3, 1)[chosen].permute(0, 3, 1, 2)
    return replace(batch, images=images, labels=batch.labels[chosen], places=batch.places[chosen], others=others)
