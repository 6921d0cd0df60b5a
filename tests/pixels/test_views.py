"""Other views: what they are, their shares, and that only unsure images are looked at again."""

import numpy as np
import pytest
import torch
from torch import Tensor

from tinylens.lens import pixels
from tinylens.pixels.views import Mirror, Shift, combined, look


@pytest.fixture(scope="module")
def images(patches: np.ndarray) -> Tensor:
    return pixels(torch.from_numpy(patches[::30][:60])) / 255


def network(images: Tensor) -> Tensor:
    """Two classes, by the brightness of a corner: of little certainty where that is near to the middle."""
    corner = 20 * (images[:, :, :8, :4].mean(dim=(1, 2, 3)) - 0.5)
    return torch.stack([corner, -corner], dim=1)


def test_shares_add_up_and_the_image_itself_comes_first(images: Tensor) -> None:
    for views, count in (((), 1), ((Mirror(),), 2), ((Shift(),), 3), ((Mirror(), Shift(pixels=2)), 6)):
        found = combined(views, images)
        assert len(found) == count
        assert sum(share for share, _ in found) == pytest.approx(1)
        assert torch.equal(found[0][1], images)
        assert all(view.shape == images.shape for _, view in found)


def test_moved_images_are_windows_of_the_reflected_one(images: Tensor) -> None:
    (_, same), (_, down_right), (_, up_left) = Shift(pixels=2).of(images)
    assert torch.equal(same, images)
    assert torch.equal(down_right[:, :, 2:, 2:], images[:, :, :-2, :-2])
    assert torch.equal(up_left[:, :, :-2, :-2], images[:, :, 2:, 2:])
    assert torch.equal(down_right[:, :, 1], down_right[:, :, 3])  # the border itself is not repeated


def test_logits_are_the_mean_over_views_in_their_shares(images: Tensor) -> None:
    views = (Mirror(), Shift())
    expected = sum(share * network(view) for share, view in combined(views, images))
    torch.testing.assert_close(look(network, images, views, 1.0), expected)


def test_only_images_that_are_not_sure_are_looked_at_again(images: Tensor) -> None:
    seen: list[int] = []

    def counting(batch: Tensor) -> Tensor:
        seen.append(len(batch))
        return network(batch)

    first = network(images)
    unsure = first.softmax(dim=1).amax(dim=1) < 0.9
    assert 5 < int(unsure.sum()) < 55
    out = look(counting, images, (Mirror(),), 0.9)
    assert seen == [60, int(unsure.sum())]
    assert torch.equal(out[~unsure], first[~unsure])
    assert (out[unsure] != first[unsure]).any()
    alone = torch.cat([look(network, image[None], (Mirror(),), 0.9) for image in images])
    torch.testing.assert_close(alone, out)  # what else is in the batch does not matter
    assert torch.equal(look(network, images, (), 1.0), first)
