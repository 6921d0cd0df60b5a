"""Dropout whose mask costs little on a CPU, and whose rate can change as training goes."""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

LEVELS = 2**15  # a rate is rounded to 1 / LEVELS


class Dropout(nn.Module):
    """Set a share of the numbers to 0 in training and scale the others up, as torch's and Keras' layers do.

    rate: the share that is dropped, in 0 .. 1 without 1, rounded to 1 / 32,768. Callbacks may change it.
    stage: the part of the network that it stands in, from 0: which of a schedule's rates is its own.
    On a CPU torch draws one random number for each element, one after the other, which takes a quarter of a training
    step of a wide network; here four elements share the 64 bits of a draw of numpy's, which is seeded from torch's.
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
        return x * mask(x, self.rate)


def mask(x: Float[Tensor, "*shape"], rate: float) -> Float[Tensor, "*shape"]:
    """What to multiply a tensor by, in its type and layout in memory: 0 with probability `rate`, else 1 / (1 - rate).

    Whole numbers are worked on in place, since a comparison and its conversion to bfloat16 take four times as long.
    """
    count, scale = x.numel(), torch.tensor(1 / (1 - rate), dtype=x.dtype)
    seed = int(torch.randint(2**62, ()))
    draws = np.random.Generator(np.random.SFC64(seed)).integers(-(2**63), 2**63, -(-count // 4), dtype=np.int64)
    numbers = torch.from_numpy(draws).view(torch.int16)[:count].bitwise_and_(LEVELS - 1)
    kept = numbers.sub_(round((1 - rate) * LEVELS)).bitwise_right_shift_(15)  # all bits where below, none elsewhere
    if x.dtype == torch.bfloat16:
        factors = kept.bitwise_and_(int(scale.view(torch.int16))).view(torch.bfloat16)
    else:
        factors = kept.to(x.dtype).mul_(-scale)
    return factors.as_strided(x.shape, torch.empty_like(x).stride())
