"""Pooling, against torch's own layers."""

import torch
from torch import nn

from tinylens.networks.pooling import GlobalMaxPool


def test_it_is_torch_s_adaptive_max_pool_flattened() -> None:
    images = torch.randn(5, 7, 4, 6, generator=torch.Generator().manual_seed(0)).requires_grad_()
    theirs = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())(images)
    ours = GlobalMaxPool()(images)
    assert torch.equal(ours, theirs)
    of_ours, of_theirs = (torch.autograd.grad((out**2).sum(), images)[0] for out in (ours, theirs))
    assert torch.equal(of_ours, of_theirs)
