"""Dropout whose mask costs little on a CPU, and whose rate can change as training goes."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

LEVELS = 2**16  # a rate is rounded to 1 / LEVELS


class Dropout(nn.Module):
    """Set a share of the numbers to 0 in training and scale the others up, as torch's and Keras' layers do.

    rate: the share that is dropped, in 0 .. 1 without 1, rounded to 1 / 65,536. Callbacks may change it.
    stage: the part of the network that it stands in, from 0: which of a schedule's rates is its own.
    On a CPU torch draws one random number for each mask element, one after the other, which takes a quarter of a
    training step of a wide network; here four elements share the 64 bits of a draw.
    Source: Srivastava et al. 2014, Dropout: A Simple Way to Prevent Neural Networks from Overfitting.
    """

    def __init__(self, rate: float, *, stage: int = 0) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"a dropout rate is at least 0 and below 1, not {rate}")
        self.rate = rate
        self.stage = stage

    def extra_repr(self) -> str:
        return f"rate={self.rate:g}"

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        if not self.training or self.rate == 0:
            return x
        if x.device.type != "cpu":
            return F.dropout(x, self.rate)
        return x * kept(x, self.rate).to(x.dtype).mul_(1 / (1 - self.rate))


def kept(x: Float[Tensor, "*shape"], rate: float) -> Bool[Tensor, "*shape"]:
    """Which elements of a tensor are kept, with its layout in memory; each is dropped with probability `rate`."""
    count = x.numel()
    draws = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None)
    stays = draws.view(torch.int16)[:count] >= round(rate * LEVELS) - LEVELS // 2
    return stays.as_strided(x.shape, torch.empty_like(x).stride())
