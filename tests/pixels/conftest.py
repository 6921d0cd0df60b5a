"""Images that augmentation is tried on."""

import numpy as np
import pytest
import torch
from torch import Tensor

from tinylens.lens import pixels


@pytest.fixture(scope="module")
def photographs(patches: np.ndarray) -> Tensor:
    """The pieces of photographs in 0 .. 255, channels last."""
    return pixels(torch.from_numpy(patches))
