"""What can be read off a network's outputs."""

from jaxtyping import Float, Int
from torch import Tensor


def top_k_correct(logits: Float[Tensor, "n k"], labels: Int[Tensor, " n"], k: int) -> int:
    """How many labels are among the k highest logits."""
    return int((logits.topk(k, dim=1).indices == labels[:, None]).any(dim=1).sum())
