"""Four-by-four: the model of notebook 3."""

import numpy as np
import pytest
from torch import nn

from tinylens import recipes
from tinylens.errors import TinylensError
from tinylens.lens import untrained
from tinylens.networks.table import parameter_count


def test_it_has_the_published_number_of_parameters() -> None:
    assert parameter_count(recipes.find("four-by-four")().build((32, 32), 10)) == 225_610


def test_it_begins_as_keras_does() -> None:
    model = recipes.find("four-by-four")().build((32, 32), 10)
    for layer in model:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            area = layer.weight[0, 0].numel()
            bound = (6 / (area * (layer.weight.shape[0] + layer.weight.shape[1]))) ** 0.5
            assert 0.9 * bound < layer.weight.abs().max() <= bound
            assert not layer.bias.any()


@pytest.mark.parametrize("side", [13, 20, 32, 64])
def test_it_takes_images_of_any_size_from_13_pixels(side: int) -> None:
    recipe = recipes.find("four-by-four").resolve({"image_size": side})
    lens = untrained(recipe, "four-by-four", [str(i) for i in range(7)], None)
    assert lens.logits(np.zeros((2, side, side, 3), np.uint8)).shape == (2, 7)


def test_smaller_images_are_refused() -> None:
    recipe = recipes.find("four-by-four").resolve({"image_size": 12})
    with pytest.raises(TinylensError, match="images of 12x12 pixels are too small"):
        untrained(recipe, "four-by-four", ["a", "b"], None)
