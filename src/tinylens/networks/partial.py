"""Convolutions whose backward pass is for some images of the batch only."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn


class PartialConv2d(nn.Conv2d):
    """A convolution that can leave images out of its backward pass, as if the gradient at its outputs for them were 0.

    partial: whether it may happen for the forward pass to come. rows: the images that are not left out, of all where it
    is None. Kernels of stride 1 without a bias.
    """

    partial: bool = False
    rows: Int[Tensor, "r"] | None = None

    def forward(self, input: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d i j"]:  # torch's own name for it
        return self.convolved(input, int(self.padding[0]))

    def convolved(self, input: Float[Tensor, "n c h w"], padding: int) -> Float[Tensor, "n d i j"]:
        """The convolution with so much padding on all sides."""
        if not (self.partial and torch.is_grad_enabled()):
            return F.conv2d(input, self.weight, padding=padding)
        device, weight = input.device.type, self.weight
        if torch.is_autocast_enabled(device):
            kind = torch.get_autocast_dtype(device)
            input, weight = input.to(kind), weight.to(kind)
        with torch.autocast(device, enabled=False):
            return PartialBackward.apply(input, weight, padding, self)


class PartialBackward(torch.autograd.Function):
    """A convolution, and its gradients from some images."""

    @staticmethod
    def forward(ctx: Any, input: Tensor, weight: Tensor, padding: int, layer: PartialConv2d) -> Tensor:
        ctx.save_for_backward(input, weight)
        ctx.padding, ctx.layer = padding, layer
        return F.conv2d(input, weight, padding=padding)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (input, weight), rows = ctx.saved_tensors, ctx.layer.rows
        images = len(input)
        if rows is not None:
            input, gradient = chosen(input, rows), chosen(gradient, rows)
        needed = [ctx.needs_input_grad[0], True, False]
        padding = [ctx.padding, ctx.padding]
        to_input, to_weight, _ = torch.ops.aten.convolution_backward(
            gradient, input, weight, None, [1, 1], padding, [1, 1], False, [0, 0], 1, needed
        )
        if to_input is not None and rows is not None:
            to_input = spread(to_input, rows, images)
        return to_input, to_weight, None, None


def chosen(images: Float[Tensor, "n c h w"], rows: Int[Tensor, "r"]) -> Float[Tensor, "r c h w"]:
    """Some of the images, channels last: so each is one block of memory."""
    return images.permute(0, 2, 3, 1).contiguous().index_select(0, rows).permute(0, 3, 1, 2)


def spread(images: Float[Tensor, "r c h w"], rows: Int[Tensor, "r"], count: int) -> Float[Tensor, "n c h w"]:
    """So many images: these at their places, and zeros."""
    found = images.permute(0, 2, 3, 1).contiguous()
    return found.new_zeros(count, *found.shape[1:]).index_copy_(0, rows, found).permute(0, 3, 1, 2)


def learn_from(network: nn.Module, rows: Int[Tensor, "r"] | None, *, partial: bool) -> None:
    """Tell a network's partial convolutions whether the backward pass will be partial, and for which images it is."""
    for layer in network.modules():
        if isinstance(layer, PartialConv2d):
            layer.partial, layer.rows = partial, rows
