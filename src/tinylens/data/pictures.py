"""How any picture becomes an 8-bit RGB array: the one documented way, for training and for use.

1. Only the first frame is read (GIF, animated WebP). PNG, JPEG, WebP, BMP and GIF are known, by content.
2. The EXIF orientation is applied.
3. 16-bit grey is divided by 257, so that 65535 becomes 255.
4. Palettes are looked up; whatever is transparent is laid over white.
5. Grey, CMYK and the rest are converted to RGB by Pillow.
6. The picture is brought to the size asked for without being distorted: by cutting off what is too long
   ("crop") or by adding black at the sides ("pad"). A picture of that size already is not touched.
"""

import io
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from tinylens.errors import DataError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP", ".gif": "GIF"}

Resize = Literal["crop", "pad"]


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
                upright = to_rgb(ImageOps.exif_transpose(image))
                upright.format = image.format
                return upright
    except UnidentifiedImageError:
        raise DataError(f"is not a picture in a known format ({', '.join(FORMATS)})") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"claims more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except Exception as error:  # decoders raise what they like on broken bytes
        raise DataError(f"is damaged ({error})".replace("\n", " ")) from None


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image of any mode to RGB, steps 3 to 5 above."""
    if image.mode.startswith("I"):  # 16-bit grey, as I;16 or widened to 32 bits
        levels = np.asarray(image, dtype=np.int64)
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
    if max(image.size) > 50 * min(image.size):
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
    """The picture files below a folder, by name, hidden ones left out, in natural order ('2' before '10')."""
    from natsort import natsorted

    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return natsorted(
        (p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)), key=str
    )
