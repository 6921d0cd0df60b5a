"""Whitened patches."""

import numpy as np
import torch

from tinylens.networks.whitening import PatchWhitening


def test_what_it_gives_of_its_images_is_white_and_its_own_negative(patches: np.ndarray) -> None:
    images = torch.from_numpy(patches).permute(0, 3, 1, 2).float() / 255
    images = images - images.mean(dim=(0, 2, 3), keepdim=True)
    layer = PatchWhitening()
    layer.fit(images, epsilon=0.0)
    out = layer(images)
    assert out.shape == (len(images), 24, images.shape[2] - 1, images.shape[3] - 1)
    first, second = out.movedim(1, 3).flatten(0, 2).split(12, dim=1)
    torch.testing.assert_close(first.T @ first / len(first), torch.eye(12), atol=2e-3, rtol=0)
    torch.testing.assert_close(second, -first)
    assert not layer.weight.requires_grad
    assert layer.bias is None


def test_the_first_kernel_is_of_the_largest_variance_and_epsilon_keeps_small_ones_small(patches: np.ndarray) -> None:
    images = torch.from_numpy(patches).permute(0, 3, 1, 2).float() / 255
    images = images - images.mean(dim=(0, 2, 3), keepdim=True)
    layer = PatchWhitening()
    layer.fit(images, epsilon=0.01)
    variances = layer(images).movedim(1, 3).flatten(0, 2)[:, :12].square().mean(dim=0)
    assert (variances.diff() < 1e-4).all()
    assert variances[0] > 0.9 > 0.2 > variances[-1]
