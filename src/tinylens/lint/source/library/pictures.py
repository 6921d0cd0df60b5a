"""What torchvision does: data sets and transforms."""

from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import SETS, Data, Part, role_in
from tinylens.lint.source.items import items_of
from tinylens.lint.source.library.keras import folder, known_data
from tinylens.lint.source.library.layers import apply_layer
from tinylens.lint.source.library.torch import pretrained
from tinylens.lint.source.network import Network
from tinylens.lint.source.values import Function, Made, Statistic, Unknown, pair_of_numbers, text_of, whole

NAMES = {"CIFAR10": "cifar10", "CIFAR100": "cifar100", "MNIST": "mnist", "FashionMNIST": "fashion_mnist",
         "KMNIST": "kmnist", "SVHN": "svhn", "STL10": "stl10"}  # fmt: skip
RANDOM = ("RandomCrop", "RandomHorizontalFlip", "RandomVerticalFlip", "RandomRotation", "RandomAffine", "ColorJitter",
          "RandomResizedCrop", "RandomPerspective", "RandomErasing", "RandomGrayscale", "AutoAugment", "RandAugment",
          "TrivialAugmentWide", "GaussianBlur", "AugMix", "ElasticTransform", "RandomApply", "RandomChoice",
          "RandomPhotometricDistort", "RandomInvert", "RandomPosterize", "RandomSolarize")  # fmt: skip
SIZES = ("Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop")
HARMLESS = ("ToPILImage", "PILToTensor", "Grayscale", "ToImage", "FiveCrop", "Pad", "Identity")


def dataset(call: Call) -> Any:
    """CIFAR10(root, train=True, transform=...)."""
    name = NAMES[call.name.last]
    split = call.get("split", 1)
    train = call.get("train", 1, default=True)
    if isinstance(split, str) and split in ("train", "test"):
        train = split == "train"
    if not isinstance(train, bool):
        return Unknown()
    data = known_data(call, name, "train" if train else "test")
    return with_transform(call, data, call.get("transform", 2))


def image_folder(call: Call) -> Any:
    """ImageFolder(root, transform)."""
    return with_transform(call, folder(call, "ImageFolder"), call.get("transform", 1))


def with_transform(call: Call, data: Data, transform: Any) -> Data:
    """Images after a transform: each of its parts in order. What is not known of it makes all unsure."""
    found = replace(data, transform=transform, holder=call.reading.fresh("data set"))
    if transform is None:
        return replace(found, sure=False)
    for part in flattened(transform):
        found = after(call, found, part)
    if call.get("target_transform") is not None and found.labels:
        found = replace(found, labels=found.labels.unsure())
    call.reading.program.data.append((call.place, found))
    return found


def flattened(transform: Any) -> list[Any]:
    """The parts of a transform, of those inside it too."""
    if isinstance(transform, Made) and transform.kind in ("Compose", "Sequential"):
        return [one for part in items_of(transform.get(0, "transforms")) or [Unknown()] for one in flattened(part)]
    if isinstance(transform, Network) and transform.sequential:
        return [one for part in transform.layers for one in flattened(part)]
    if isinstance(transform, list | tuple):
        return [one for part in transform for one in flattened(part)]
    return [transform]


def after(call: Call, data: Data, part: Any) -> Data:
    """Images after one part of a transform."""
    if isinstance(part, Function) or (isinstance(part, Made) and part.kind == "Lambda"):
        return after_function(call, data, part.get(0, "lambd") if isinstance(part, Made) else part)
    if not isinstance(part, Made) or (part.maybe and part.kind not in RANDOM):
        return data.unsure()
    if part.kind in RANDOM:
        part.fields.setdefault("size before", data.size)
        data = data.augmented(part.kind, part, part.place)
    if part.kind in SIZES:
        return replace(data, size=size_of(part, data))
    if part.kind == "Pad":
        return replace(data, size=bordered(data.size, whole(part.get("padding", 0))))
    if part.kind in ("ToTensor", "ConvertImageDtype"):
        left = part.kind == "ToTensor" and data.floats
        return data if left else data.done("to_unit", None, part.place)
    if part.kind == "Normalize":
        given = [part.get(name, i) for i, name in enumerate(("mean", "std"))]
        statistic = next((one for one in given if isinstance(one, Statistic)), None)
        if statistic is not None:
            return data.done("normalise", statistic, part.place)
        numbers = tuple(map(pair_of_numbers, given))
        return data.done("normalise", numbers, part.place) if None not in numbers else data.unsure()
    if part.kind == "ToDtype":
        scaled = part.get("scale", 1) is True
        return data.done("to_unit", None, part.place) if scaled else data
    return data if part.kind in HARMLESS or part.kind in RANDOM else data.unsure()


def bordered(size: tuple[int, int] | None, border: int | None) -> tuple[int, int] | None:
    """The size of images with a border on all sides."""
    return None if size is None or border is None else (size[0] + 2 * border, size[1] + 2 * border)


def after_function(call: Call, data: Data, function: Any) -> Data:
    """Images after a function of theirs."""
    from tinylens.lint.source.calling import call as called

    if not isinstance(function, Function):
        return data.unsure()
    result = called(call.reading, function, [replace(data, kind="images", labels=None)], {}, function.place)
    return replace(result, kind=data.kind, labels=data.labels) if isinstance(result, Data) else data.unsure()


def size_of(part: Made, data: Data) -> tuple[int, int] | None:
    """The size of images after a part that changes it; a number alone is a square, of Resize the shorter side."""
    value = part.get("size", 0)
    one = whole(value)
    if one is not None:
        square = part.kind != "Resize" or (data.size is not None and data.size[0] == data.size[1])
        return (one, one) if square else None
    both = [whole(each) for each in value] if isinstance(value, list | tuple) and len(value) == 2 else [None]
    return (both[0], both[1]) if None not in both else None  # type: ignore[return-value]


def apply(call: Call) -> Any:
    """A transform of images themselves; Keras has layers of the same names."""
    if call.of.name.root == "keras" or call.nodes():
        return apply_layer(call)
    value = call.get(0)
    if not isinstance(value, Data):
        return call.unknown
    found = value
    for part in flattened(call.of):
        found = after(call, found, part)
    return found


def to_tensor(call: Call) -> Any:
    """torchvision.transforms.functional.to_tensor."""
    value = call.get(0)
    if isinstance(value, Data) and value.floats:
        return value
    return value.done("to_unit", None, call.place) if isinstance(value, Data) else call.unknown


def other_set(call: Call) -> Any:
    """A data set of torchvision that is not known by its numbers."""
    split = call.get("split", "train")
    role = role_in(split) if isinstance(split, str) else None
    parts = frozenset({Part(f"{call.name.last} {text_of(call.get(0, 'root'))}", role or "all")})
    data = Data("pairs", parts, labels=Data("labels", parts, encoding="sparse"), raw=True, source=call.name.last)
    return with_transform(call, data, call.get("transform"))


MODELS = (
    *(f"resnet{depth}" for depth in (18, 34, 50, 101, 152)),
    *(f"vgg{depth}{end}" for depth in (11, 13, 16, 19) for end in ("", "_bn")),
    *(f"densenet{depth}" for depth in (121, 161, 169, 201)),
    *(f"efficientnet_b{size}" for size in range(8)),
    *(f"efficientnet_v2_{size}" for size in "sml"),
    *(f"convnext_{size}" for size in ("tiny", "small", "base", "large")),
    *(f"mobilenet_{kind}" for kind in ("v2", "v3_small", "v3_large")),
    *(f"shufflenet_v2_x{width}" for width in ("0_5", "1_0", "1_5", "2_0")),
    *(f"vit_{size}" for size in ("b_16", "b_32", "l_16", "l_32", "h_14")),
    *(f"swin_{kind}{size}" for kind in ("", "v2_") for size in "tsb"),
    *("alexnet", "googlenet", "inception_v3", "squeezenet1_0", "squeezenet1_1", "mnasnet1_0", "maxvit_t"),
    *(f"regnet_{kind}_{size}" for kind in "xy" for size in ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf")),
    *("wide_resnet50_2", "wide_resnet101_2", "resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d"),
)


FUNCTIONS = {
    **{f"torchvision:{name}": dataset for name in NAMES if NAMES[name] in SETS},
    "torchvision:ImageFolder": image_folder,
    "torchvision:DatasetFolder": image_folder,
    **{f"torchvision:{name}": other_set for name in ("Flowers102", "OxfordIIITPet", "Food101", "ImageNet", "GTSRB",
                                                     "EuroSAT", "StanfordCars", "DTD", "Caltech101", "EMNIST")},
    "torchvision:to_tensor": to_tensor,
    **{f"torchvision:{name}": pretrained for name in MODELS},
}  # fmt: skip
METHODS = {
    **{f"{name}.__call__": apply for name in (*RANDOM, *SIZES, *HARMLESS, "ToTensor", "Normalize", "Lambda", "Compose",
                                              "ToDtype", "ConvertImageDtype")},
}  # fmt: skip
