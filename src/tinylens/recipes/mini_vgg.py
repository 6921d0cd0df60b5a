"""The small VGG-like CNN of notebook 2, tasks 12 to 17, on CIFAR-10: plain, with dropout, with batch normalisation."""

from collections import OrderedDict
from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import nn

from tinylens.networks.dropout import Dropout
from tinylens.networks.keras import keras_batch_norm, keras_initialise
from tinylens.networks.shapes import flat_features
from tinylens.optim.optimizers import Adam, Optimizer
from tinylens.recipe import Monitor, Recipe


class MiniVGG(Recipe):
    """Conv 32 same, conv 32, pool, conv 64, conv 64, pool, all 3x3 with ReLU; Dense 512; Dense k.

    `--set dropout=0.25` adds dropout after each pool and after the dense layer, `--set batch_norm=true` batch
    normalisation in the same places.

    Source: Deep Neural Networks (AI341), assignment 2, GIK Institute, tasks 12 to 17. x / 255, Adam, batch 32, 10
    epochs, early stopping on validation accuracy with patience 2, a tenth of the training images for validation. It
    states no accuracy.

    Expect: `tinylens train mini-vgg` gives 73.4 ± 1.0 % on CIFAR-10's test set (3 seeds) in 2 minutes on two cores of
    an AMD EPYC; with dropout 75.5 ± 1.2 %, with dropout and batch normalisation 75.6 ± 1.5 %, in 2.2 to 2.8 minutes.

    Faults of the source, kept with `--set as_published=true`, and what is done without it:
    - Two pixels of padding and a valid convolution where "same" was asked for.   It is same (first_padding).
    - The images are loaded again and not normalised, while the test images are.   All are scaled (its published form
      cannot be kept: one lens prepares all images in one way).
    - The test set, with labels divided by 255, is the validation data.   A validation split is cut off (select_on).
    - Nothing stops early and the last weights are kept.   It stops, and the best epoch's are kept (patience) (keep).
    - BatchNormalization(momentum=1, epsilon=0.003) never learns its statistics.   Keras' own 0.99 and 0.001
      (norm_momentum) (norm_epsilon).
    - Batch sizes are compared by going on with the same weights.   Each run begins with its own.
    """

    source: ClassVar[str] = "Deep Neural Networks (AI341), assignment 2, tasks 12 to 17"
    data: ClassVar[str] = "cifar10"
    faults: ClassVar[dict[str, Any]] = {
        "first_padding": "two",
        "select_on": "test",
        "patience": None,
        "keep": "last",
        "norm_momentum": 1.0,
        "norm_epsilon": 0.003,
    }

    epochs: int = 10
    batch_size: int = 32
    optimizer: Optimizer = Adam()
    monitor: Monitor = "validation_accuracy"
    patience: int | None = 2
    dropout: float = Field(0.0, ge=0, lt=1, description="after each pool and after the dense layer")
    batch_norm: bool = Field(False, description="batch normalisation in the same places")
    norm_momentum: float = Field(0.99, ge=0, le=1, description="share of the running statistics kept at a step")
    norm_epsilon: float = Field(0.001, gt=0, description="added to the variance")
    first_padding: Literal["same", "two"] = Field("same", description="pixels around the image: one, or a fault's two")

    def build(self, image_size: tuple[int, int], num_classes: int) -> nn.Module:
        """Four convolutions and two dense layers."""
        layers = OrderedDict[str, nn.Module](
            conv1=nn.Conv2d(3, 32, 3, padding=1 if self.first_padding == "same" else 2),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(32, 32, 3),
            pool1=nn.MaxPool2d(2),  # before ReLU: the same numbers for a quarter of its work
            relu2=nn.ReLU(),
        )
        self.regularise(layers, 1, 32, spatial=True)
        layers["conv3"] = nn.Conv2d(32, 64, 3)
        layers["relu3"] = nn.ReLU()
        layers["conv4"] = nn.Conv2d(64, 64, 3)
        layers["pool2"] = nn.MaxPool2d(2)
        layers["relu4"] = nn.ReLU()
        self.regularise(layers, 2, 64, spatial=True)
        layers["flatten"] = nn.Flatten()
        layers["dense1"] = nn.Linear(flat_features(nn.Sequential(layers), image_size), 512)
        layers["relu5"] = nn.ReLU()
        self.regularise(layers, 3, 512, spatial=False)
        layers["dense2"] = nn.Linear(512, num_classes)
        return keras_initialise(nn.Sequential(layers))

    def regularise(self, layers: OrderedDict[str, nn.Module], number: int, features: int, *, spatial: bool) -> None:
        """Add the dropout and batch normalisation that are asked for."""
        if self.dropout:
            layers[f"dropout{number}"] = Dropout(self.dropout)
        if self.batch_norm:
            layers[f"norm{number}"] = keras_batch_norm(
                features, spatial=spatial, momentum=self.norm_momentum, epsilon=self.norm_epsilon
            )
