"""Keras' conventions, for models that were first written in it."""

from torch import nn


def keras_initialise(model: nn.Module) -> nn.Module:
    """Give every convolution and linear layer Keras' defaults: glorot_uniform kernels, zero biases. Returns the model.

    Source: Glorot and Bengio 2010; keras.layers.Dense and Conv2D, kernel_initializer and bias_initializer.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return model
