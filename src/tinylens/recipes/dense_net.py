"""The dense network of notebook 2, tasks 6 to 11, on CIFAR-10: no convolution at all."""

from collections import OrderedDict
from typing import Annotated, Any, ClassVar

from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor, nn

from tinylens.networks.keras import cross_entropy_of_raw_outputs, keras_batch_norm, keras_initialise
from tinylens.optim.optimizers import Adam, Optimizer
from tinylens.recipe import Monitor, Recipe

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class DenseNet(Recipe):
    """Dense 2048, 1024, 512, 256, each with ReLU, and with batch normalisation where asked for; Dense k.

    Source: Deep Neural Networks (AI341), assignment 2, GIK Institute, tasks 6 to 11. x / 255, Adam, batch 32, 10
    epochs, early stopping on validation accuracy with patience 2, a tenth of the training images for validation. Its
    first form uses plain SGD for 8 epochs (--set optimizer=sgd --set epochs=8). It states no accuracy.

    Expect: `tinylens train dense-net` gives 45.8 ± 2.4 % on CIFAR-10's test set (3 seeds; the one that stops after 5
    epochs 43.0 %) in about 3 minutes on two cores of an AMD EPYC; with `--set batch_norm=true` 48.0 ± 1.5 % in as long.

    Faults of the source, kept with `--set as_published=true`, and what is done without it:
    - Raw outputs are given to a loss that expects probabilities.   Cross-entropy takes logits
    (raw_outputs_as_probabilities).
    - Early stopping has patience 0.2 and no validation data, so it never acts.   It acts (patience).
    - There is no validation data: all images are trained on, and the last weights kept.   A validation split is cut
      off, and the best epoch's weights are kept (select_on) (keep).
    - BatchNormalization(momentum=1) never learns its statistics; of the four layers the second has it, the others
      momenta and epsilons of their own.   Keras' own 0.99 and 0.001 (norm_momentum) (norm_epsilon).
    - Batch sizes are compared by going on with the same weights.   Each run begins with its own.
    """

    source: ClassVar[str] = "Deep Neural Networks (AI341), assignment 2, tasks 6 to 11"
    data: ClassVar[str] = "cifar10"
    faults: ClassVar[dict[str, Any]] = {
        "raw_outputs_as_probabilities": True,
        "patience": None,
        "select_on": "train",
        "keep": "last",
        "norm_momentum": (0.99, 1.0, 0.923, 0.94),
        "norm_epsilon": (0.002, 0.003, 0.003, 0.034),
    }

    epochs: int = 10
    batch_size: int = 32
    optimizer: Optimizer = Adam()
    monitor: Monitor = "validation_accuracy"
    patience: int | None = 2
    batch_norm: bool = Field(False, description="batch normalisation after each hidden layer")
    norm_momentum: tuple[Share, Share, Share, Share] = Field(
        (0.99,) * 4, description="share of the running statistics that each normalisation keeps at a step"
    )
    norm_epsilon: tuple[Positive, Positive, Positive, Positive] = Field(
        (0.001,) * 4, description="added to each normalisation's variance"
    )
    raw_outputs_as_probabilities: bool = Field(False, description="a fault: the loss takes logits for probabilities")

    def loss(self, logits: Float[Tensor, "n k"], labels: Int[Tensor, " n"]) -> Float[Tensor, ""]:
        """Cross-entropy of the logits, or what the source made of it."""
        if self.raw_outputs_as_probabilities:
            return cross_entropy_of_raw_outputs(logits, labels)
        return super().loss(logits, labels)

    def build(self, image_size: tuple[int, int], num_classes: int) -> nn.Module:
        """Five dense layers; images of any size."""
        layers = OrderedDict[str, nn.Module](flatten=nn.Flatten())
        features = 3 * image_size[0] * image_size[1]
        numbers = zip((2048, 1024, 512, 256), self.norm_momentum, self.norm_epsilon, strict=True)
        for i, (width, momentum, epsilon) in enumerate(numbers, 1):
            layers[f"dense{i}"] = nn.Linear(features, width)
            layers[f"relu{i}"] = nn.ReLU()
            if self.batch_norm:
                layers[f"norm{i}"] = keras_batch_norm(width, spatial=False, momentum=momentum, epsilon=epsilon)
            features = width
        layers["dense5"] = nn.Linear(features, num_classes)
        return keras_initialise(nn.Sequential(layers))
