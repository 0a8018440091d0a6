"""What comes from outside becomes bounded, upright sRGB pixels without metadata, or a named refusal."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from core.errors import Permanent
from core.inspect import decode as module
from core.inspect.decode import decode, encode_source


def encoded(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def product(size: tuple[int, int] = (400, 300), colour: str = "red") -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle([0, 0, size[0] // 2 - 1, size[1] // 2 - 1], fill=colour)
    return image


def png(width: int, height: int) -> bytes:
    """A PNG that announces a size; its pixels are missing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def webp_canvas(width: int, height: int, flags: int = 0) -> bytes:
    body = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_are_read_whatever_their_name(format: str) -> None:
    photo = decode(encoded(product(), format, quality=95))
    assert (photo.format, photo.image.mode, photo.image.size) == (format, "RGB", (400, 300))
    red = photo.image.getpixel((50, 50))
    assert isinstance(red, tuple)
    assert red[0] > 240
    assert red[1] < 20


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>404</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%PDF-1.7\n",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"RIFF\x00\x00\x00\x00WEBPVP8L\x00",
        encoded(product(), "BMP"),
        encoded(product(), "GIF"),
        encoded(product(), "TIFF"),
    ],
)
def test_anything_else_is_not_an_image(data: bytes) -> None:
    with pytest.raises(module.NotAnImage):
        decode(data)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_half_a_file_is_a_truncated_image(format: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8))
    data = encoded(noise, format)
    with pytest.raises((module.TruncatedImage, module.NotAnImage)):
        decode(data[: len(data) // 2])


@pytest.mark.parametrize("data", [png(50_000, 50_000), png(7000, 6000), webp_canvas(16383, 16383)])
def test_a_bomb_is_refused_fast_and_without_memory(data: bytes) -> None:
    tracemalloc.start()
    started = time.perf_counter()
    with pytest.raises(module.TooManyPixels):
        decode(data)
    elapsed, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert elapsed < 0.1
    assert peak < 5_000_000


def test_a_webp_that_lies_about_its_canvas_is_refused() -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    data = bytearray(encoded(product(), "WEBP", lossless=True, exif=exif))
    assert data[12:16] == b"VP8X"
    data[24:27] = (99).to_bytes(3, "little")
    with pytest.raises((module.NotAnImage, module.TruncatedImage)):
        decode(bytes(data))


def test_no_warning_filter_is_touched() -> None:
    before = list(warnings.filters)
    limit = Image.MAX_IMAGE_PIXELS
    for data in (png(50_000, 50_000), encoded(product())):
        with pytest.raises(Permanent) if data[:1] == b"\x89" else warnings.catch_warnings():
            decode(data)
    assert list(warnings.filters) == before
    assert limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_an_animation_is_refused(format: str) -> None:
    data = encoded(product(), format, save_all=True, append_images=[product(colour="blue")])
    with pytest.raises(module.Animated):
        decode(data)


def test_sides_under_64_are_refused_and_under_200_are_a_doubt() -> None:
    with pytest.raises(module.TooSmall):
        decode(encoded(product((63, 400))))
    assert decode(encoded(product((64, 400)))).doubts == ("tiny_source",)
    assert decode(encoded(product((200, 200)))).doubts == ()


def test_a_hairline_is_refused() -> None:
    with pytest.raises(module.TooSmall):
        decode(encoded(product((64, 4000))))


def test_a_dark_photo_is_a_doubt() -> None:
    assert decode(encoded(Image.new("RGB", (300, 300), (40, 40, 40)))).doubts == ("dark_source",)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_comes_upright_and_without_its_metadata(orientation: int) -> None:
    undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    upright = product()
    stored = upright if undo is None else upright.transpose(Image.Transpose(undo))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera"
    photo = decode(encoded(stored, "JPEG", exif=exif, quality=95))
    assert (photo.width, photo.height) == (400, 300)
    difference = np.abs(np.asarray(photo.image).astype(int) - np.asarray(upright).astype(int))
    assert difference.mean() < 3
    assert not photo.image.info
    assert not photo.image.getexif()


def test_damaged_metadata_does_not_cost_the_photo() -> None:
    data = encoded(product(), "JPEG", exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff")
    with pytest.warns(UserWarning, match="EXIF"):
        assert decode(data).width == 400


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_transparency_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle([100, 100, 200, 200], fill=(0, 0, 0, 255))
    if mode == "P":
        data = encoded(image.quantize(), "PNG")
    elif mode == "PA":
        data = encoded(image.convert("PA").convert("RGBA"), "PNG")
    else:
        data = encoded(image.convert(mode), "PNG")
    decoded = decode(data).image
    assert decoded.getpixel((10, 10)) == (255, 255, 255)
    assert decoded.getpixel((150, 150)) == (0, 0, 0)


def test_grey_16_bit_and_cmyk_become_rgb() -> None:
    deep = Image.fromarray(np.full((300, 300), 0x8080, np.uint16))
    assert decode(encoded(deep, "PNG")).image.getpixel((5, 5)) == (128, 128, 128)
    assert decode(encoded(Image.new("L", (300, 300), 99), "PNG")).image.getpixel((5, 5)) == (99, 99, 99)
    cmyk = decode(encoded(Image.new("CMYK", (300, 300), (0, 255, 255, 0)), "JPEG")).image.getpixel((5, 5))
    assert isinstance(cmyk, tuple)
    assert cmyk[0] > 200
    assert max(cmyk[1:]) < 60


def test_colours_are_converted_from_the_profile_of_the_photo() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (lab, srgb, b"not a profile"):
        image = decode(encoded(product(), "JPEG", icc_profile=profile, quality=95)).image
        assert image.mode == "RGB"
        assert np.asarray(image)[10, 10, 0] > 240


def test_a_large_photo_is_reduced_while_it_is_decoded() -> None:
    photo = decode(encoded(product((6000, 4500)), "JPEG"))
    assert (photo.width, photo.height) == (6000, 4500)
    assert photo.image.size == (2048, 1536)


def test_a_zip_bomb_in_a_text_chunk_is_refused() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "x" * 80_000_000, zip=True)
    with pytest.raises(module.NotAnImage):
        decode(encoded(product(), "PNG", pnginfo=info))


def test_what_is_sent_to_a_model_is_a_bounded_plain_jpeg() -> None:
    sent = Image.open(io.BytesIO(encode_source(decode(encoded(product((3000, 1500)))))))
    assert (sent.format, sent.size) == ("JPEG", (1536, 768))
    assert not sent.getexif()
    small = Image.open(io.BytesIO(encode_source(decode(encoded(product((300, 300)))))))
    assert small.size == (300, 300)


def test_every_refusal_is_permanent_and_says_what_to_do_in_spanish() -> None:
    for error in (module.NotAnImage(), module.TruncatedImage(), module.Animated(), module.TooSmall(width=9, height=9)):
        assert isinstance(error, Permanent)
        assert len(error.text.split(". ")) >= 2
