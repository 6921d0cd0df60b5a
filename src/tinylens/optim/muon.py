"""Muon: kernels step along an orthogonal matrix near to their momentum, all else by SGD with Nesterov's momentum."""

from collections.abc import Callable, Iterable
from typing import Any, overload

import torch
from jaxtyping import Float
from torch import Tensor

COEFFICIENTS = 3.4445, -4.7750, 2.0315  # of the quintic; they take all singular values near to 1 in a few rounds
TINY = 1e-7


class MomentumOrthogonal(torch.optim.Optimizer):
    """Momentum, orthogonalised by Newton-Schulz iteration.

    parameters: groups as torch has them. In a group with `orthogonal` each parameter is a matrix, or a kernel taken as
    one, (units, all else): it is brought to the length sqrt(units) and then moved by lr times the orthogonal matrix.
    The other groups take SGD with Nesterov's momentum and, as torch's SGD has it, weight decay. rounds: of
    Newton-Schulz.

    Source: Jordan et al. 2024, Muon; the scale of kernels as in K. Jordan's airbench94_muon.
    """

    def __init__(
        self, parameters: Iterable[Any], lr: float, *, momentum: float = 0.6, weight_decay: float = 0.0, rounds: int = 3
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "rounds": rounds, "orthogonal": False}
        super().__init__(parameters, defaults)

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Move every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self.move(parameter, group)
        return loss

    def move(self, parameter: Tensor, group: dict[str, Any]) -> None:
        """Move one parameter."""
        gradient, state = parameter.grad, self.state[parameter]
        assert gradient is not None
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        if not group["orthogonal"]:
            gradient = gradient.add(parameter, alpha=group["weight_decay"])
        momentum = state["momentum"].mul_(group["momentum"]).add_(gradient)
        direction = gradient.add(momentum, alpha=group["momentum"])  # Nesterov's look ahead
        if not group["orthogonal"]:
            parameter.add_(direction, alpha=-group["lr"])
            return
        units = len(parameter)
        parameter.mul_(units**0.5 / parameter.norm().clamp_min(TINY))
        step = orthogonalised(direction.reshape(units, -1), group["rounds"])
        parameter.add_(step.view(parameter.shape).to(parameter.dtype), alpha=-group["lr"])


def orthogonalised(matrix: Float[Tensor, "m n"], rounds: int) -> Float[Tensor, "m n"]:
    """A matrix with the singular vectors of this one, whose singular values are all near to 1 (about 0.7 to 1.2).

    A quintic polynomial of the matrix, taken several times. It bears the rounding of bfloat16: the loop has it computed
    in the precision of training.
    Source: Jordan et al. 2024, Muon, Newton-Schulz iteration with the coefficients given there.
    """
    a, b, c = COEFFICIENTS
    tall = len(matrix) > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + TINY)
    for _ in range(rounds):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x
