"""Muon: an orthogonal step for kernels, torch's own SGD for everything else."""

import pytest
import torch
from torch import nn

from tinylens.optim.muon import orthogonalised
from tinylens.optim.optimizers import Muon


@pytest.mark.parametrize("shape", [(16, 16), (8, 72), (72, 8), (5, 1)])
def test_singular_values_come_near_to_one_and_vectors_stay(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    near = orthogonalised(matrix, 5)
    assert torch.linalg.svdvals(near).min() > 0.6
    assert torch.linalg.svdvals(near).max() < 1.3
    turned = u.T @ near @ v.T
    assert (turned - torch.diag(turned.diagonal())).abs().max() < 1e-4


def test_kernels_move_by_an_orthogonal_matrix_from_a_length_of_their_own() -> None:
    kernel = nn.Parameter(torch.randn(8, 3, 3, 3))
    optimizer = Muon(lr=0.1, rounds=5).build([kernel])
    kernel.grad = torch.randn_like(kernel)
    before = kernel.detach().clone()
    optimizer.step()
    scaled = before * 8**0.5 / before.norm()
    step = ((scaled - kernel.detach()) / 0.1).reshape(8, -1)
    assert torch.allclose(step, orthogonalised(1.6 * kernel.grad.reshape(8, -1), 5), atol=1e-4)


def test_all_else_is_moved_as_torch_s_sgd_moves_it() -> None:
    mine, its = (nn.Parameter(torch.arange(5.0)) for _ in range(2))
    optimizer = Muon(lr=0.24, other_lr=0.05, weight_decay=0.01).build([mine])
    (group,) = optimizer.param_groups
    group["lr"] *= group["scale"]  # as ScheduleRate does
    reference = torch.optim.SGD([its], 0.05, 0.85, weight_decay=0.01, nesterov=True)
    for step in range(5):
        mine.grad = its.grad = torch.linspace(-1, 1, 5) * (step + 1)
        optimizer.step()
        reference.step()
    assert torch.allclose(mine, its, atol=1e-6)


def test_a_recipe_s_groups_are_kept_and_the_rest_is_parted_by_shape() -> None:
    head, body = nn.Linear(4, 2), nn.Conv2d(3, 4, 3)
    groups = [{"params": list(body.parameters())}, {"params": [head.weight], "orthogonal": False, "scale": 2.0}]
    optimizer = Muon().build(groups)
    told = [(group["orthogonal"], [p.ndim for p in group["params"]]) for group in optimizer.param_groups]
    assert sorted(told) == [(False, [1]), (False, [2]), (True, [4])]
    assert [group["scale"] for group in optimizer.param_groups if [p.ndim for p in group["params"]] == [2]] == [2.0]
    state = optimizer.state_dict()
    again = Muon().build([{"params": list(body.parameters())}, {"params": [head.weight], "orthogonal": False}])
    again.load_state_dict(state)
    assert [g.get("scale") for g in again.param_groups] == [g.get("scale") for g in optimizer.param_groups]
