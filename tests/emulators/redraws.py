"""How the emulated model redraws: faithfully, or broken in one of the ways of `tests/fixtures`.

A photo of the demo catalogue is recognised and its product rendered anew; of any other only the picture itself is used.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageOps

from tests.fixtures import redraw, unknown
from tests.fixtures.alterations import DIGITS, PIECES, THREADS
from tests.fixtures.breakages import BREAKS, good, placed, relit
from tests.fixtures.plan import neighbour
from tests.fixtures.redraw import PHOTOS, seeded

#: The mean difference of two small copies of one photo, however it was encoded.
SAME_PHOTO = 8.0


def drawn(kind: str, source: Image.Image, product: Image.Image) -> Image.Image:
    """A square RGB picture. `product`: what a plain cut-out of the source gives, RGBA, for a photo that is not known.

    Raises ValueError for `digit_changed` of a picture in which no digit can be read.
    """
    code = known(source)
    rng = seeded("emulated", kind, code or source.size[0])
    if kind == "redraw":
        return good(redraw.redrawn(code) if code else relit(product, rng), rng)
    if kind in BREAKS:
        return BREAKS[kind](redraw.redrawn(code) if code else product, rng)
    if kind == "other_product":
        return placed(redraw.redrawn(neighbour(code or "HMA-001")), rng)
    if kind == "digit_changed" and code in DIGITS:
        return placed(redraw.reprinted(code, DIGITS[code][0]), rng)
    if kind == "thread_changed" and code in THREADS:
        return placed(redraw.rethreaded(code, THREADS[code][0]), rng)
    if kind == "piece_missing" and code in PIECES:
        return placed(redraw.without_a_piece(code), rng)
    alone = {"digit_changed": unknown.digit_changed, "thread_changed": unknown.thread_changed}
    return alone.get(kind, unknown.piece_missing)(redraw.redrawn(code) if code else product, rng)


def known(source: Image.Image) -> str | None:
    """The code of the demo article whose photo this is."""
    copy = _small(source)
    near, code = min((float(np.abs(copy - other).mean()), code) for code, other in _photos().items())
    return code if near < SAME_PHOTO else None


@cache
def _photos() -> dict[str, np.ndarray]:
    copies = {}
    for path in sorted(PHOTOS.glob("*.jpg")):
        with Image.open(path) as photo:
            photo.draft("RGB", (128, 128))
            copies[path.stem] = _small(ImageOps.exif_transpose(photo))
    return copies


def _small(photo: Image.Image) -> np.ndarray:
    return np.asarray(photo.convert("RGB").resize((16, 16), Image.Resampling.BOX), np.float32)
