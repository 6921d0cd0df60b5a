"""What opens a picture of a file, and what is done to it before it is one of many."""

from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import FILES, PICTURE, Data, Part
from tinylens.lint.source.values import Name

MODES = ("RGB", "RGBA", "L", "CMYK", "YCbCr")  # of PIL, whose values go to 255
COLOURS = ("RGB", "BGR", "GRAY", "RGBA", "BGRA")


def opened(call: Call) -> Any:
    """PIL.Image.open, cv2.imread, load_img: one picture, in 0 .. 255, as whole numbers."""
    name = call.get(0)
    if isinstance(name, Data) and not name.named and not is_whole(name):  # one of an array of names: of those
        return Data("images", name.parts, order=name.order, raw=True, one=True, source=PICTURE, copies=name.copies,
                    claimed=name.claimed, count=name.count)  # fmt: skip
    part = Part(call.reading.fresh(PICTURE), "all")
    return Data("images", frozenset({part}), raw=True, one=True, source=PICTURE)


def is_whole(names: Data) -> bool:
    """Whether names are all of a folder's: what is made of their pictures is the first that anybody cuts."""
    return all(part.source.startswith(FILES) and part.split == "all" and not part.cuts for part in names.parts)


def decoded(call: Call) -> Any:
    """tf.io.decode_jpeg, torchvision.io.read_image: the same; of another type it has another range."""
    found = opened(call)
    return found if call.get("dtype") is None else replace(found, raw=False, sure=False)


def same(call: Call) -> Any:
    """What leaves the range of a picture as it is."""
    value = call.of if call.of is not None else call.get(0, "src", "img", "image", "data")
    return replace(value, size=None) if isinstance(value, Data) else call.unknown


def as_array(call: Call) -> Any:
    """img_to_array: the same, as floats."""
    value = call.get(0, "img")
    return replace(value, floats=True) if isinstance(value, Data) else call.unknown


def converted(call: Call) -> Any:
    """picture.convert("RGB"): to one that has 0 .. 255 too, or to what is not known."""
    mode = call.get(0, "mode")
    return call.of if mode is None or mode in MODES else call.of.unsure()


def recoloured(call: Call) -> Any:
    """cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)."""
    value, code = call.get(0, "src"), call.get(1, "code")
    if not isinstance(value, Data):
        return call.unknown
    ends = code.last.removeprefix("COLOR_").split("2") if isinstance(code, Name) else []
    return value if len(ends) == 2 and all(one in COLOURS for one in ends) else value.unsure()


FUNCTIONS = {
    "PIL:open": opened,
    "cv2:imread": opened,
    "imageio:imread": opened,
    "keras:load_img": opened,
    "keras:img_to_array": as_array,
    "torchvision:read_image": decoded,
    **{f"tensorflow:decode_{kind}": decoded for kind in ("jpeg", "png", "image", "bmp", "and_crop_jpeg")},
    "cv2:resize": same,
    "cv2:flip": same,
    "cv2:cvtColor": recoloured,
}
METHODS = {
    "data.convert": converted,
    **{f"data.{name}": same for name in ("resize", "crop", "rotate")},
}
