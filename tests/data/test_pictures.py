"""Every kind of picture file becomes the same 8-bit RGB array, or one line that says why not."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tinylens.data.pictures import natural_images, open_picture, resized, resized_all, to_rgb
from tinylens.errors import DataError

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """A picture file's bytes."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def decoded(data: bytes) -> np.ndarray:
    """The pixels that come out."""
    return np.asarray(open_picture(data))


def smooth() -> Image.Image:
    """A picture that survives lossy compression."""
    return Image.radial_gradient("L").resize((48, 32)).convert("RGB")


@pytest.mark.parametrize(
    ("form", "options"), [("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True}), ("PNG", {"interlace": 1})]
)
def test_lossless_formats_keep_every_bit(form: str, options: dict[str, Any]) -> None:
    np.testing.assert_array_equal(decoded(encoded(Image.fromarray(PIXELS), form, **options)), PIXELS)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF"])
def test_lossy_formats_come_close(form: str) -> None:
    np.testing.assert_allclose(decoded(encoded(smooth(), form)), np.asarray(smooth()), atol=12)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_only_the_first_frame_is_read(form: str) -> None:
    red, blue = Image.new("RGB", (9, 7), "red"), Image.new("RGB", (9, 7), "blue")
    data = encoded(red, form, save_all=True, append_images=[blue], duration=50)
    np.testing.assert_allclose(decoded(data), np.asarray(red), atol=3)


def test_a_jpeg_with_two_pictures_is_a_jpeg() -> None:
    data = encoded(smooth(), "MPO", save_all=True, append_images=[smooth().rotate(180)])
    assert open_picture(data).format == "JPEG"
    np.testing.assert_allclose(decoded(data), np.asarray(smooth()), atol=12)


UPRIGHT = np.kron(np.array([[0, 80], [160, 255], [40, 120]], dtype=np.uint8), np.ones((16, 16), dtype=np.uint8))
STORED = {
    1: UPRIGHT,
    2: UPRIGHT[:, ::-1],
    3: UPRIGHT[::-1, ::-1],
    4: UPRIGHT[::-1],
    5: UPRIGHT.T,
    6: np.rot90(UPRIGHT),
    7: UPRIGHT[::-1, ::-1].T,
    8: np.rot90(UPRIGHT, -1),
}  # by EXIF orientation, how an upright picture lies in the file


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_applied(orientation: int, form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(np.ascontiguousarray(STORED[orientation])), form, exif=exif)
    np.testing.assert_allclose(decoded(data)[..., 0], UPRIGHT, atol=16)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"Exif\0\0MM\0*\xff\xff\xff\xff"]
)
def test_broken_exif_is_passed_over(exif: bytes) -> None:
    np.testing.assert_allclose(decoded(encoded(smooth(), "JPEG", exif=exif)), np.asarray(smooth()), atol=12)


def test_an_orientation_that_there_is_not_is_passed_over() -> None:
    exif = Image.Exif()
    exif[0x0112] = 99
    assert decoded(encoded(smooth(), "JPEG", exif=exif)).shape == (32, 48, 3)


def test_grey_is_repeated_in_three_channels() -> None:
    grey = PIXELS[..., 0]
    expected = np.repeat(grey[..., None], 3, axis=2)
    np.testing.assert_array_equal(decoded(encoded(Image.fromarray(grey), "PNG")), expected)


def test_one_bit_is_black_and_white() -> None:
    bits = Image.fromarray(PIXELS[..., 0] > 127)
    assert bits.mode == "1"
    np.testing.assert_array_equal(decoded(encoded(bits, "PNG"))[..., 0], np.where(PIXELS[..., 0] > 127, 255, 0))


def test_a_palette_is_looked_up() -> None:
    image = Image.fromarray(PIXELS).quantize(16)
    np.testing.assert_array_equal(decoded(encoded(image, "PNG")), np.asarray(image.convert("RGB")))


def transparent() -> dict[str, bytes]:
    """Pictures whose left half is transparent and whose right half is full red (or black, where grey)."""
    colour = Image.new("RGBA", (4, 2), (255, 0, 0, 255))
    colour.paste((0, 255, 0, 0), (0, 0, 2, 2))
    palette = Image.new("P", (4, 2), 1)
    palette.putpalette([0, 255, 0, 255, 0, 0])
    palette.paste(0, (0, 0, 2, 2))
    grey = Image.new("L", (4, 2), 0)
    grey.paste(9, (0, 0, 2, 2))
    deep = Image.fromarray(np.array([[77, 77, 0, 0]] * 2, dtype=np.uint16))
    two = Image.merge("LA", (Image.new("L", (4, 2), 0), colour.getchannel("A")))
    return {
        "RGBA": encoded(colour, "PNG"),
        "RGBA as WebP": encoded(colour, "WEBP", lossless=True),
        "palette": encoded(palette, "PNG", transparency=0),
        "palette as GIF": encoded(palette, "GIF", transparency=0),
        "RGB with one transparent colour": encoded(
            Image.alpha_composite(Image.new("RGBA", (4, 2), (0, 255, 0, 255)), colour).convert("RGB"),
            "PNG",
            transparency=(0, 255, 0),
        ),
        "grey and alpha": encoded(two, "PNG"),
        "grey with one transparent level": encoded(grey, "PNG", transparency=9),
        "16-bit grey with one transparent level": encoded(deep, "PNG", transparency=77),
    }


@pytest.mark.parametrize("kind", transparent())
def test_what_is_transparent_is_white(kind: str) -> None:
    pixels = decoded(transparent()[kind])
    np.testing.assert_array_equal(pixels[:, :2], np.full((2, 2, 3), 255))
    solid = [0, 0, 0] if "grey" in kind else [255, 0, 0]
    np.testing.assert_array_equal(pixels[:, 2:], np.broadcast_to(np.array(solid), (2, 2, 3)))


def test_half_transparent_is_half_white() -> None:
    np.testing.assert_array_equal(decoded(encoded(Image.new("RGBA", (1, 1), (0, 0, 0, 128)), "PNG")), [[[127] * 3]])


def test_cmyk_jpeg_keeps_its_colours() -> None:
    data = encoded(Image.new("RGB", (16, 16), (200, 40, 90)).convert("CMYK"), "JPEG", quality=95)
    np.testing.assert_allclose(decoded(data), np.broadcast_to([200, 40, 90], (16, 16, 3)), atol=6)


def test_16_bit_grey_is_divided_by_257() -> None:
    levels = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    np.testing.assert_array_equal(decoded(encoded(Image.fromarray(levels), "PNG"))[..., 1], levels // 257)


def test_32_bit_and_float_images_in_memory() -> None:
    assert to_rgb(Image.fromarray(np.array([[65535, 70000, -1]], dtype=np.int32))).getpixel((1, 0)) == (255, 255, 255)
    assert to_rgb(Image.fromarray(np.array([[7.0, 300.0]], dtype=np.float32))).getpixel((0, 0)) == (7, 7, 7)


def bomb(side: int) -> bytes:
    """A PNG that claims to be `side` pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


PNG = encoded(Image.fromarray(PIXELS), "PNG")
JPEG = encoded(smooth(), "JPEG")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (
            JPEG[: len(JPEG) // 2],
            "is not a picture in a known format (PNG, JPEG, WEBP, BMP, GIF), or its beginning is damaged",
        ),
        (b"hello, this is text\n", "is not a picture in a known format (PNG, JPEG, WEBP, BMP, GIF)"),
        (encoded(smooth(), "TIFF"), "is not a picture in a known format"),
        (PNG[: len(PNG) // 2], "is damaged"),
        (JPEG[:-100], "is damaged"),
        (encoded(smooth(), "GIF")[:-200], "is damaged"),
        (encoded(smooth(), "BMP")[:200], "is damaged"),
        (encoded(smooth(), "WEBP")[:60], "is "),
        (PNG[:60] + b"????" + PNG[64:], "is damaged"),
        (bomb(12_000), "claims more than 89,478,485 pixels"),
        (bomb(60_000), "claims more than 89,478,485 pixels"),
        (bomb(0), "is "),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_no_good_picture_is_refused_in_one_line(data: bytes, words: str) -> None:
    with pytest.raises(DataError) as caught:
        open_picture(data)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        open_picture(tmp_path / "no.png")
    with pytest.raises(DataError, match="cannot be read"):
        open_picture(tmp_path)


@pytest.mark.parametrize("resize", ["crop", "pad"])
def test_a_picture_of_the_right_size_is_not_touched(resize: Any) -> None:
    np.testing.assert_array_equal(resized(Image.fromarray(PIXELS), (8, 6), resize), PIXELS)


def square_on_white() -> Image.Image:
    """A black square of 20x20 in the middle of 100x40 white pixels."""
    image = Image.new("RGB", (100, 40), "white")
    image.paste("black", (40, 10, 60, 30))
    return image


@pytest.mark.parametrize(("resize", "side"), [("crop", 10), ("pad", 4)])
def test_a_square_stays_a_square(resize: Any, side: int) -> None:
    pixels = resized(square_on_white(), (20, 20), resize)[..., 0]
    middle = pixels < 128 if resize == "crop" else pixels[6:14] < 128  # the rows of the bars left out
    assert middle.any(axis=1).sum() == middle.any(axis=0).sum() == side


def test_pad_adds_black_at_the_sides_and_crop_cuts_them_off() -> None:
    assert resized(square_on_white(), (20, 20), "pad")[[0, -1]].max() == 0
    assert resized(square_on_white(), (20, 20), "crop")[[0, -1]].min() == 255


@pytest.mark.parametrize("resize", ["crop", "pad"])
@pytest.mark.parametrize("side", [1, 4, 32])
@pytest.mark.parametrize("shape", [(1, 60), (60, 1), (1, 1), (2, 64), (33, 1000), (1000, 17)])
def test_any_shape_comes_to_size_unless_nothing_would_be_left(resize: Any, side: int, shape: tuple[int, int]) -> None:
    image = Image.new("RGB", (shape[1], shape[0]), "white")
    longest = 50 if resize == "crop" else min(50, side)
    if max(shape) > longest * min(shape):
        with pytest.raises(DataError, match="too long and thin"):
            resized(image, (side, side), resize)
    else:
        assert resized(image, (side, side), resize).shape == (side, side, 3)


def test_arrays_are_resized_as_pictures_are() -> None:
    images = np.stack([PIXELS, PIXELS[::-1]])
    assert resized_all(images, (8, 6), "crop") is images
    np.testing.assert_array_equal(
        resized_all(images, (4, 4), "pad")[1], resized(Image.fromarray(images[1]), (4, 4), "pad")
    )


def test_pictures_are_listed_in_natural_order_without_hidden_ones_and_links_that_go_round(tmp_path: Path) -> None:
    for name in ["10.png", "2.PNG", "a/1.jpg", ".hidden.png", ".git/3.png", "notes.txt", "png", ".png", "b.gif.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "dead.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    found = [str(path.relative_to(tmp_path)) for path in natural_images(tmp_path)]
    assert found == ["2.PNG", "10.png", "a/1.jpg", "dead.png", "self.png"]
