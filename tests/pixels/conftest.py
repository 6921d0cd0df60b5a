"""What tests of pixels share: real images in colour that are always here."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def patches() -> np.ndarray:
    """Pieces of two colour photographs that come with scikit-learn: uint8 (1870, 16, 16, 3), no two alike."""
    from sklearn.datasets import load_sample_images

    pieces = []
    for picture in load_sample_images().images:
        rows, columns = picture.shape[0] // 16, picture.shape[1] // 16
        cut = picture[: rows * 16, : columns * 16].reshape(rows, 16, columns, 16, 3)
        pieces.append(cut.transpose(0, 2, 1, 3, 4).reshape(-1, 16, 16, 3))
    return np.unique(np.concatenate(pieces), axis=0)
