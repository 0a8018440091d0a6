"""The photos that go wrong in a shop: too dark, far too small, lying on their side with only EXIF to tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PIL import Image

from demo.generate.lens import Lens

ORIENTATION = 0x0112
#: EXIF orientation → how an upright picture has to be stored for it
STORED = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270, 3: Image.Transpose.ROTATE_180}


def dark(lens: Lens) -> Lens:
    """A storeroom without a flash."""
    return replace(lens, exposure=0.17, noise=0.035, vignette=0.5, warmth=0.5, softness=0.9)


def save(image: Image.Image, path: Path, orientation: int = 1, quality: int = 76) -> None:
    """A JPEG; with an orientation other than 1 its pixels are stored turned and the tag says so."""
    exif = Image.Exif()
    if orientation != 1:
        image = image.transpose(STORED[orientation])
        exif[ORIENTATION] = orientation
    image.save(path, "JPEG", quality=quality, optimize=True, progressive=True, exif=exif)
