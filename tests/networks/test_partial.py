"""Convolutions whose backward pass is for some images only."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tinylens.networks.partial import PartialConv2d, learn_from
from tinylens.networks.whitened import PooledConv2d


@pytest.mark.parametrize("layer", [PartialConv2d(3, 4, 3, padding=1, bias=False), PooledConv2d(3, 4)])
@pytest.mark.parametrize("size", [(6, 6), (7, 5)])
@pytest.mark.parametrize("rows", [None, [0, 2, 3]])
def test_gradients_are_those_of_outputs_that_are_cut_off_for_other_images(
    layer: PartialConv2d, size: tuple[int, int], rows: list[int] | None
) -> None:
    torch.manual_seed(0)
    images = torch.randn(5, 3, *size, requires_grad=True)
    learn_from(layer, None, partial=True)
    out = layer(images)
    direction = torch.randn_like(out)
    learn_from(layer, None if rows is None else torch.tensor(rows), partial=True)
    found = torch.autograd.grad(out, [images, layer.weight], direction)
    kept = torch.ones(5) if rows is None else torch.zeros(5).index_fill(0, torch.tensor(rows), 1)
    learn_from(layer, None, partial=False)
    expected = torch.autograd.grad(layer(images), [images, layer.weight], direction * kept[:, None, None, None])
    for ours, plain in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, plain)


def test_it_computes_in_the_precision_of_training() -> None:
    layer = PartialConv2d(3, 4, 3, padding=1, bias=False)
    learn_from(layer, None, partial=True)
    with torch.autocast("cpu", torch.bfloat16):
        out = layer(torch.randn(2, 3, 6, 6))
    assert out.dtype == torch.bfloat16
    out.float().sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.dtype == torch.float32


def test_less_is_computed_and_images_that_are_left_out_get_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    backward = torch.ops.aten.convolution_backward

    def counting(gradient: Tensor, *rest: object) -> tuple[Tensor, ...]:
        counts.append(len(gradient))
        return backward(gradient, *rest)

    monkeypatch.setattr(torch.ops.aten, "convolution_backward", counting)
    network = nn.Sequential(PartialConv2d(3, 4, 3, padding=1, bias=False), nn.ReLU(), PooledConv2d(4, 5))
    images = torch.randn(6, 3, 8, 8, requires_grad=True)
    learn_from(network, None, partial=True)
    loss = F.max_pool2d(network(images), 2).square().sum()
    learn_from(network, torch.tensor([1, 4]), partial=True)
    loss.backward()
    assert counts == [2, 2]
    assert images.grad is not None
    assert images.grad.flatten(1).any(dim=1).tolist() == [False, True, False, False, True, False]
