"""How any picture becomes an 8-bit RGB array: the one documented way, for training and for use.

1. Only the first frame is read (GIF, animated WebP). PNG, JPEG, WebP, BMP and GIF are known, by content.
2. The EXIF orientation is applied; EXIF data that cannot be read is passed over.
3. 16-bit grey is divided by 257, so that 65535 becomes 255.
4. Palettes are looked up; whatever is transparent is laid over white.
5. Grey, CMYK and the rest are converted to RGB by Pillow.
6. The picture is brought to the size asked for without being distorted: by cutting off what is too long
   ("crop") or by adding black at the sides ("pad"). A picture of that size already is not touched.
"""

import io
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import UInt8
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from tinylens.errors import DataError, one_line

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP", ".gif": "GIF"}
LONGEST = 50  # times its width that a picture may be high, or the other way round
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by EXIF orientation
LYING = (5, 6, 7, 8)  # orientations of pictures whose width is the height in the file

Resize = Literal["crop", "pad"]


@dataclass(frozen=True)
class Header:
    """What the beginning of a picture file says: its true format, Pillow's mode, and its upright size in pixels."""

    format: str
    mode: str
    width: int
    height: int


def read_header(path: Path) -> Header | None:
    """What a picture file says that it is, without decoding it; None where it is none that can be read. May warn."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            # Without the first condition Pillow decodes a PNG, to look for EXIF data behind its pixels.
            lies = "exif" in image.info and orientation(image) in LYING
            width, height = (image.height, image.width) if lies else image.size
            return Header("JPEG" if image.format == "MPO" else str(image.format), image.mode, width, height)
    except Exception:  # Pillow raises what it likes on broken bytes
        return None


def open_picture(source: Path | bytes) -> Image.Image:
    """Decode a picture file or its bytes to an upright RGB image of its own size, steps 1 to 5 above.

    The file's true format is left in the attribute `format`.
    Raises DataError with what is wrong with it; the message does not name the file.
    """
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})") from None
    if not data:
        raise DataError("is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning)  # Pillow's remarks about odd metadata
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                image.load()
                picture = to_rgb(upright(image))
                # MPO: a JPEG with a second picture behind it, as many cameras write
                picture.format = "JPEG" if image.format == "MPO" else image.format
                return picture
    except UnidentifiedImageError:
        known = ", ".join(FORMATS)
        raise DataError(f"is not a picture in a known format ({known}), or its beginning is damaged") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"claims more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except Exception as error:  # decoders raise what they like on broken bytes
        raise DataError(f"is damaged ({one_line(error)})") from None


def from_pil(image: Image.Image) -> Image.Image:
    """An image that Pillow holds as an upright RGB one, steps 2 to 5 above.

    Raises DataError where it is a file, read only now, that cannot be decoded; the message does not name it.
    """
    try:
        return to_rgb(upright(image))
    except Exception as error:  # decoders raise what they like on broken bytes
        raise DataError(f"is damaged ({one_line(error)})") from None


def upright(image: Image.Image) -> Image.Image:
    """Turn an image as its EXIF orientation says, step 2 above."""
    turn = TURNS.get(orientation(image))
    return image if turn is None else image.transpose(turn)


def orientation(image: Image.Image) -> int:
    """How an image lies by its EXIF data, 1 to 8; 1, which is upright, where these say nothing that can be read."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # odd metadata is no reason to refuse the pixels, and can raise anything
        return 1


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image of any mode to RGB, steps 3 to 5 above."""
    if image.mode.startswith("I"):  # 16-bit grey, as I;16 or widened to 32 bits
        levels = np.array(image, dtype=np.int64)
        levels[levels == image.info.get("transparency")] = 65535
        return Image.fromarray((levels.clip(0, 65535) / 257).round().astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("RGB")
    return image.convert("RGB")


def resized(image: Image.Image, size: tuple[int, int], resize: Resize) -> UInt8[np.ndarray, "h w 3"]:
    """Bring an RGB image to `size` (height, width) without distorting it, step 6 above.

    Raises DataError where the image is so long and thin that nothing of it would be left.
    """
    height, width = size
    if (image.height, image.width) == (height, width):
        return np.asarray(image)
    longest = LONGEST if resize == "crop" else min(LONGEST, height, width)
    if max(image.size) > longest * min(image.size):
        raise DataError(f"is {image.width}x{image.height}: too long and thin to be classified")
    method = Image.Resampling.LANCZOS
    if resize == "crop":
        return np.asarray(ImageOps.fit(image, (width, height), method))
    return np.asarray(ImageOps.pad(image, (width, height), method, color="black"))


def resized_all(
    images: UInt8[np.ndarray, "n h w 3"], size: tuple[int, int], resize: Resize
) -> UInt8[np.ndarray, "n h2 w2 3"]:
    """Each image of an array brought to `size` as `resized` does; the array itself where it has that size."""
    if images.shape[1:3] == size:
        return images
    return np.stack([resized(Image.fromarray(image), size, resize) for image in images])


def natural_images(folder: Path) -> list[Path]:
    """The picture files below a folder, by name, hidden ones left out, in natural order ('2' before '10').

    Raises DataError where a folder cannot be read.
    """
    from natsort import natsorted

    return natsorted((Path(file.path) for file in visible_files(folder) if suffix(file.name) in SUFFIXES), key=str)


def visible_files(folder: str | Path) -> Iterator["os.DirEntry[str]"]:
    """Every file below a folder, hidden ones left out, always in the same order. Links to folders are not followed;
    a link that leads nowhere is a file that cannot be read.

    Raises DataError where a folder cannot be read.
    """
    try:
        with os.scandir(folder) as found:
            inside = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"{folder} cannot be read ({error.strerror})") from None
    for entry in inside:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from visible_files(entry.path)
        elif is_file_or_dead_link(entry):
            yield entry


def is_file_or_dead_link(entry: "os.DirEntry[str]") -> bool:
    """Whether an entry is a file or should be one."""
    try:
        return entry.is_file() or (entry.is_symlink() and not entry.is_dir())
    except OSError:  # a link to itself
        return True


def suffix(name: str) -> str:
    """The end of a file's name from its last dot on, in small letters."""
    stem, dot, end = name.rpartition(".")
    return f".{end.lower()}" if stem and dot else ""


def printable(text: str) -> str:
    """A file's name on one line, whatever characters, or bytes that are none, it has."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
