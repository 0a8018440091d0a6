"""Turns the bytes of a photo into pixels we can trust: real format, bounded, upright, RGB, without metadata."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.errors import Permanent

MAX_PIXELS = 40_000_000
#: (pixels above which, pixels a byte of the file may stand for): a photo has at most some tens, whatever its format.
DENSITY = ((16_000_000, 100), (4_000_000, 500))
#: Of a progressive JPEG; encoders write ten to twenty, and each costs a pass over all pixels.
MAX_SCANS = 40
#: Longer side of the pixels kept, in pixels.
WORKING_SIDE = 2048
MIN_SIDE = 64
TINY_SIDE = 200
#: A photo whose brightest part stays under this level (0–255) is called dark.
DARK_LEVEL = 90
ORIENTATION_TAG = 0x0112
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class NotAnImage(Permanent):
    code = "not_an_image"
    message = "El archivo no es una foto JPEG, PNG o WebP. Cargue la foto en uno de esos formatos."


class TruncatedImage(Permanent):
    code = "truncated_image"
    message = "La foto está incompleta o dañada. Vuelva a cargarla."


class TooManyPixels(Permanent):
    code = "too_many_pixels"
    message = "La foto mide {width} × {height}, más de {megapixels} megapíxeles. Redúzcala y vuelva a cargarla."


class DecompressionBomb(Permanent):
    code = "decompression_bomb"
    message = (
        "El archivo ({kilobytes} kB) dice medir {width} × {height} píxeles: no es una foto normal. Ábralo en un programa de"
        " imágenes, guárdelo como JPEG y vuelva a cargarlo."
    )


class Animated(Permanent):
    code = "animated"
    message = "La imagen es una animación. Cargue una foto fija."


class TooSmall(Permanent):
    code = "too_small"
    message = "La foto mide {width} × {height} píxeles, muy poco para el catálogo. Consiga una más grande."


@dataclass(frozen=True)
class Photo:
    """A decoded source. `width` and `height` are those of the file, upright; `image` may be smaller."""

    image: Image.Image  #: RGB, sRGB, at most WORKING_SIDE
    format: str  #: `JPEG` | `PNG` | `WEBP`
    width: int
    height: int
    doubts: tuple[str, ...] = ()


def decode(data: bytes) -> Photo:
    """Raises NotAnImage, TooManyPixels, DecompressionBomb, Animated, TooSmall or TruncatedImage."""
    source = _open(data)
    size = _checked_size(*source.size)
    _refuse_a_bomb(data, source)
    with _reading(TruncatedImage):
        # Decoding a JPEG at 1/2, 1/4 or 1/8 costs a fraction of the memory.
        source.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
        source.load()
    orientation = _orientation(source)
    profile = source.info.get("icc_profile")
    flat = _to_srgb(_flatten(source), profile if isinstance(profile, bytes) else None)
    if orientation in UPRIGHT:
        flat = flat.transpose(UPRIGHT[orientation])
    width, height = size if orientation < 5 else size[::-1]
    return Photo(_without_metadata(flat), source.format or "", width, height, _doubts(flat, width, height))


def encode_source(photo: Photo, longest: int = 1536, quality: int = 90) -> bytes:
    """A JPEG to send to a model: its longer side at most `longest` pixels, no metadata."""
    image = photo.image.copy()
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _open(data: bytes) -> ImageFile.ImageFile:
    """The file's own reader, by its first bytes.

    Not `Image.open`, whose guard against bombs is a warning, a filter of the whole process. The size of a WebP is read
    beforehand: its reader reserves the whole canvas on opening.
    """
    stream = io.BytesIO(data)
    with _reading(NotAnImage):
        if data.startswith(b"\xff\xd8\xff"):
            return JpegImageFile(stream)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            png = PngImageFile(stream)
            if getattr(png, "is_animated", False):
                raise Animated
            return png
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            _checked_size(*_webp_canvas(data))
            return WebPImageFile(stream)
    raise NotAnImage


def _webp_canvas(data: bytes) -> tuple[int, int]:
    """Width and height from the header of a WebP file. Raises Animated, struct.error."""
    kind = data[12:16]
    if kind == b"VP8X":
        flags, width, height = data[20], data[24:27], data[27:30]
        if flags & 0x02:
            raise Animated
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width16, height16 = struct.unpack_from("<HH", data, 26)
    return width16 & 0x3FFF, height16 & 0x3FFF


def _checked_size(width: int, height: int) -> tuple[int, int]:
    if width * height > MAX_PIXELS:
        raise TooManyPixels(width=width, height=height, megapixels=MAX_PIXELS // 1_000_000)
    # A strip 30 times as long as wide would be a hairline once reduced.
    if min(width, height) < max(MIN_SIDE, max(width, height) / 30):
        raise TooSmall(width=width, height=height)
    return width, height


def _refuse_a_bomb(data: bytes, source: ImageFile.ImageFile) -> None:
    """Before its pixels are unpacked. A JPEG in one scan is reduced while it is decoded, and costs little at any size."""
    if source.format == "JPEG" and "progressive" not in source.info:
        return
    pixels = source.width * source.height
    dense = any(pixels > large and pixels > most * len(data) for large, most in DENSITY)
    if dense or (source.format == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS):
        raise DecompressionBomb(width=source.width, height=source.height, kilobytes=max(1, len(data) // 1000))


@contextlib.contextmanager
def _reading(failure: type[Permanent]) -> Iterator[None]:
    """The readers raise whatever their parsing met: all of it means a broken file."""
    try:
        yield
    except Permanent:
        raise
    except MemoryError:
        raise
    except Exception as error:
        raise failure from error


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # damaged metadata must not cost the photo
        return 1


def _flatten(image: Image.Image) -> Image.Image:
    """At most WORKING_SIDE, on white where transparent; RGB, or L and CMYK while their profile still counts."""
    if image.mode in ("I", "I;16", "I;16B", "F"):
        grey = np.asarray(image)
        if grey.max(initial=0) > 255:
            grey = grey // 256
        image = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    has_alpha = image.has_transparency_data
    if has_alpha:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
    elif image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("RGB")
    if max(image.size) > WORKING_SIDE:
        scale = WORKING_SIDE / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if has_alpha:
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source) or image.mode != "RGB":
                converted = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a profile that doesn't fit its pixels says nothing: take them as sRGB
    return image if image.mode == "RGB" else image.convert("RGB")


def _without_metadata(image: Image.Image) -> Image.Image:
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    return clean


def _doubts(image: Image.Image, width: int, height: int) -> tuple[str, ...]:
    grey = np.asarray(image.resize((64, 64), Image.Resampling.BOX).convert("L"))
    dark = float(np.percentile(grey, 98)) < DARK_LEVEL
    tiny = min(width, height) < TINY_SIDE
    return tuple(code for code, found in (("tiny_source", tiny), ("dark_source", dark)) if found)
