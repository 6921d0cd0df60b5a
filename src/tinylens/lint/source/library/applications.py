"""What keras.applications holds: networks, and the way in which each wants its images prepared."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Data
from tinylens.lint.source.library.layers import marked_by_itself
from tinylens.lint.source.network import Layer, Network, Node
from tinylens.lint.source.values import Made, Name

APPLICATIONS = ("VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "InceptionV3",
                "Xception", "MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "DenseNet121",
                "DenseNet169", "DenseNet201", "EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3",
                "EfficientNetB4", "EfficientNetB7", "EfficientNetV2B0", "EfficientNetV2S", "InceptionResNetV2",
                "NASNetMobile", "ConvNeXtTiny")  # fmt: skip
TO_ONE = ("inception_v3", "inception_resnet_v2", "mobilenet", "mobilenet_v2", "xception", "nasnet", "resnet_v2")
CENTRED = ("vgg16", "vgg19", "resnet", "resnet50")
STANDARDISED = ("densenet",)
AS_THEY_ARE = ("efficientnet", "efficientnet_v2", "mobilenet_v3", "convnext", "regnet", "resnet_rs")  # nothing is done
SCALE_THEMSELVES = ("EfficientNetV2", "MobileNetV3", "ConvNeXt")  # where they are not told not to


def application(call: Call) -> Any:
    """A network of keras.applications: what is in it is not looked at."""
    made = call.made()
    network = Network(call.place, "keras", name=call.name.last, opaque=True, made=made)
    call.reading.program.networks.append(network)
    start = Node(None, ())
    network.fields |= {"output": Node(Layer("other", call.name.last, call.place, made), (start,)), "input": start}
    return marked_by_itself(network)


def scales_itself(made: Made) -> bool:
    """Whether a network of keras.applications takes images in 0 .. 255, and itself brings them to 1 or so."""
    if made.kind.startswith("EfficientNetB"):
        return True
    return made.kind.startswith(SCALE_THEMSELVES) and made.get("include_preprocessing", default=True) is True


def preprocess_input(call: Call) -> Any:
    """keras.applications.x.preprocess_input, of images or as the beginning of a network."""
    images = call.get(0, "x")
    if isinstance(images, Data):
        return preprocessed(images, call.name, call.place) if not call.args[1:] else images.unsure()
    if not isinstance(images, Node):
        return call.unknown
    made = Made(call.name, {}, call.place)
    return Node(Layer("prepare", "preprocess_input", call.place, made), (images,), images.data, images.network)


def preprocessed(images: Data, name: Name, place: Place) -> Data:
    """Images after the preprocess_input of a module, which takes them in 0 .. 255."""
    module = module_of(name)
    if module in TO_ONE:
        return images.done("divide", 127.5, place).done("subtract", 1.0, place)
    if module in STANDARDISED:
        return images.done("divide", 255.0, place).done("normalise", "ImageNet's mean and deviation", place)
    if module in CENTRED:
        return images.done("normalise", "ImageNet's mean", place)
    return images if module in AS_THEY_ARE else images.done("normalise", name.path, place)


def scales(name: Name) -> bool:
    """Whether the preprocess_input of a module is known to be for images in 0 .. 255, and to change them."""
    return module_of(name) in (*TO_ONE, *CENTRED, *STANDARDISED)


def module_of(name: Name) -> str:
    """The module of keras.applications that a function is of."""
    return name.path.split(".")[-2] if "applications." in name.path else ""


FUNCTIONS = {
    "keras:preprocess_input": preprocess_input,
    **{f"keras:{name}": application for name in APPLICATIONS},
}
METHODS: dict[str, Any] = {}
