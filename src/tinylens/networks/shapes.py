"""The shapes that layers leave behind, found by asking the layers."""

import torch
from torch import nn


def flat_features(layers: nn.Module, image_size: tuple[int, int]) -> int:
    """How many numbers these layers make of one RGB image of `image_size` (height, width).

    Raises ValueError where they cannot take images that small.
    """
    mode = layers.training
    try:
        with torch.no_grad():
            return int(layers.eval()(torch.zeros(1, 3, *image_size)).numel())
    except RuntimeError:
        height, width = image_size
        raise ValueError(f"images of {height}x{width} pixels are too small for these layers") from None
    finally:
        layers.train(mode)
