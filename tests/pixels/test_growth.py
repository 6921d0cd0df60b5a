"""Images that grow as training goes."""

import torch
from torch import Tensor

from tinylens.pixels.growth import Growth, grown


def test_images_grow_as_training_goes(photographs: Tensor) -> None:
    side = photographs.shape[2]
    changes = [Growth(scale=0.5), Growth(since=0.5, scale=0.75), Growth(since=0.75, scale=1)]
    for done, scale in ((0.0, 0.5), (0.49, 0.5), (0.5, 0.75), (0.74, 0.75), (0.75, 1), (1.0, 1)):
        out = grown(changes, photographs[:5], done)
        assert out.shape == (5, 3, round(scale * side), round(scale * side))
        assert out.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(grown(changes, photographs, 0.9), photographs)
    assert torch.equal(grown([], photographs, 0.0), photographs)
    halved = grown(changes, photographs, 0.0)
    assert torch.allclose(halved.mean(dim=(2, 3)), photographs.mean(dim=(2, 3)), atol=4)
