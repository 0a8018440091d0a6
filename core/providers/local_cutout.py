"""Separates a product from its background with a small network on the CPU, and says how sure it is.

The network sees 320 × 320 pixels. A first look at the whole photo finds the product, a second one at its crop gives the
mask; when the two differ a third, mirrored look joins them. Where looks disagree the cut-out is doubtful. Parts are
never removed because they look like background: a rest of background does less harm than a missing piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from core.pixels import Box, Mask, border, bounding_box, components, flood

Floats = npt.NDArray[np.float32]
#: RGB (320, 320, 3) levels 0–255 → how much each pixel belongs to the product, 0–1, (320, 320).
Network = Callable[[npt.NDArray[np.uint8]], Floats]

NETWORK_SIDE = 320
#: Parts smaller than this share of the largest are specks; a larger one may be another object, or a piece that lost its
#: connection.
SPECK = 0.02
#: This share of a product in the colours of the background is probably background seen through a hole.
SEEN_THROUGH = 0.09
MIN_AREA, MAX_AREA = 0.02, 0.85
MAX_AT_BORDER = 0.02
MAX_SOFT = 0.25
#: Intersection over union of two looks: the same, and alike enough to trust.
SAME = 0.94
AGREEMENT = 0.85
MARGIN = 0.12


@dataclass(frozen=True)
class Cutout:
    """`alpha` covers `box` of the photo at the network's resolution; None when nothing usable was found."""

    alpha: Floats | None
    box: Box
    agreement: float
    doubts: tuple[str, ...]


def cut_out(image: Image.Image, network: Network) -> Cutout:
    """Finds the product of `image` (RGB). Costs two runs of the network, up to four when they differ."""
    whole: Box = (0, 0, image.width, image.height)
    first = _look(image, whole, network)
    kept = _without_specks(first > 0.5)
    around = bounding_box(kept)
    if around is None or float(kept.mean()) < MIN_AREA / 4:
        return Cutout(None, whole, 0.0, ("no_cutout",))
    box = _with_margin(around, image, MARGIN)
    looks = [_look(image, box, network)]
    if _cut_by(looks[0] > 0.5, box, image):
        # The first look missed a part: there is more of the product than its box showed.
        box = _with_margin(around, image, 4 * MARGIN)
        looks = [_look(image, box, network)]
    coarse = _resample(first, whole, box)
    agreement = _overlap(coarse > 0.5, looks[0] > 0.5)
    if agreement < SAME:
        looks.append(_look(image, box, network, mirrored=True))
        agreement = min(agreement, _overlap(looks[0] > 0.5, looks[1] > 0.5))
    if agreement < AGREEMENT:
        looks.append(coarse)
    # What any look took for product stays: a missing piece is worse than a rest of background.
    seen: Floats = np.maximum.reduce(looks)
    alpha = _filled(np.where(_grown(_without_specks(seen > 0.3)), seen, np.float32(0)))
    if _photo_share(alpha > 0.5, box, image) > MAX_AREA:
        return Cutout(None, whole, agreement, ("no_cutout",))
    return Cutout(alpha, box, agreement, _doubts(alpha, box, image, agreement))


def _filled(alpha: Floats) -> Floats:
    """Makes doubtful pixels deep inside the product solid; a hole the network is sure of stays one."""
    outside = flood(border(alpha.shape), alpha < 0.25)
    inside = ~_grown(outside, 4) & (alpha > 0.12)
    return np.where(inside, np.float32(1), alpha)


def _photo_share(mask: Mask, box: Box, image: Image.Image) -> float:
    """Which share of the whole photo a mask of `box` covers."""
    return float(mask.mean()) * (box[2] - box[0]) * (box[3] - box[1]) / (image.width * image.height)


def _doubts(alpha: Floats, box: Box, image: Image.Image, agreement: float) -> tuple[str, ...]:
    solid = alpha > 0.5
    area = _photo_share(solid, box, image)
    soft = float(((alpha > 0.1) & (alpha < 0.9)).sum()) / max(1, int((alpha > 0.1).sum()))
    sizes = [int(part.sum()) for part in components(solid)]
    found = {
        "low_confidence": agreement < AGREEMENT or soft > MAX_SOFT or not MIN_AREA <= area <= MAX_AREA,
        "product_cut_off": _at_border(solid, box, image) > MAX_AT_BORDER,
        "background_inside": _seen_through(alpha, box, image) > SEEN_THROUGH,
        "several_objects": len(sizes) > 1 and sizes[1] > SPECK * sizes[0],
    }
    return tuple(code for code, is_so in found.items() if is_so)


def _seen_through(alpha: Floats, box: Box, image: Image.Image) -> float:
    """Which share of the product has colours that are commoner around it than in it, in one piece."""
    view = image.resize((NETWORK_SIDE, NETWORK_SIDE), Image.Resampling.BOX, box=box, reducing_gap=3.0)
    # Blurred, so that a pattern counts as its mean colour; 16 levels a channel.
    levels = np.asarray(view.filter(ImageFilter.BoxBlur(5))).astype(np.intp) >> 4
    colours = levels[..., 0] << 8 | levels[..., 1] << 4 | levels[..., 2]
    product, around = alpha > 0.9, alpha < 0.02
    # The outline is blurred with what lies outside it.
    product &= ~_grown(alpha < 0.5, 5)
    if not product.any() or not around.any():
        return 0.0
    in_product = np.bincount(colours[product], minlength=4096) / product.sum()
    in_around = np.bincount(colours[around], minlength=4096) / around.sum()
    suspect = product & ((in_around > 0.01) & (in_around > 1.3 * in_product))[colours]
    largest = max((int(part.sum()) for part in components(suspect)), default=0)
    return largest / int((alpha > 0.5).sum())


def _cut_by(solid: Mask, box: Box, image: Image.Image) -> bool:
    """Whether the product goes on beyond a side of `box` that isn't a side of the photo."""
    sides = (
        (box[0] > 0, solid[:, 0]),
        (box[1] > 0, solid[0]),
        (box[2] < image.width, solid[:, -1]),
        (box[3] < image.height, solid[-1]),
    )
    return any(inside and int(line.sum()) > 3 for inside, line in sides)


def _at_border(solid: Mask, box: Box, image: Image.Image) -> float:
    """Which share of the product's outline lies on the border of the photo."""
    edges = np.zeros_like(solid)
    edges[:, 0] = box[0] == 0
    edges[:, -1] = box[2] == image.width
    edges[0] |= box[1] == 0
    edges[-1] |= box[3] == image.height
    inner = solid.copy()
    inner[1:-1, 1:-1] &= solid[:-2, 1:-1] & solid[2:, 1:-1] & solid[1:-1, :-2] & solid[1:-1, 2:]
    outline = (solid & ~inner) | (solid & border(solid.shape))
    return float((outline & edges).sum()) / max(1, int(outline.sum()))


def _look(image: Image.Image, box: Box, network: Network, *, mirrored: bool = False) -> Floats:
    view = image.resize((NETWORK_SIDE, NETWORK_SIDE), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    if not mirrored:
        return network(np.asarray(view))
    return network(np.ascontiguousarray(np.asarray(view)[:, ::-1]))[:, ::-1]


def _resample(seen: Floats, whole: Box, box: Box) -> Floats:
    """What a look at `whole` says about `box`, on the network's grid."""
    x, y = NETWORK_SIDE / (whole[2] - whole[0]), NETWORK_SIDE / (whole[3] - whole[1])
    part = (box[0] * x, box[1] * y, box[2] * x, box[3] * y)
    picture = Image.fromarray((seen * 255).astype(np.uint8))
    return np.asarray(picture.resize((NETWORK_SIDE, NETWORK_SIDE), box=part), np.float32) * np.float32(1 / 255)


def _with_margin(around: Box, image: Image.Image, share: float) -> Box:
    """`around` (on the network's grid) as a box of the photo, with some background and not too far from square."""
    x, y = image.width / NETWORK_SIDE, image.height / NETWORK_SIDE
    left, top, right, bottom = around[0] * x, around[1] * y, around[2] * x, around[3] * y
    margin = share * max(right - left, bottom - top)
    # The network stretches what it sees to a square: a long tool needs room at its sides to keep its shape.
    wide = max(0.0, 0.5 * (bottom - top) - (right - left)) / 2 + margin
    high = max(0.0, 0.5 * (right - left) - (bottom - top)) / 2 + margin
    return (
        max(0, round(left - wide)),
        max(0, round(top - high)),
        min(image.width, round(right + wide)),
        min(image.height, round(bottom + high)),
    )


def _without_specks(mask: Mask) -> Mask:
    parts = components(mask)
    kept = np.zeros_like(mask)
    for part in parts:
        if int(part.sum()) >= SPECK * int(parts[0].sum()):
            kept |= part
    return kept


def _grown(mask: Mask, steps: int = 3) -> Mask:
    """Room for the soft edge around what is kept."""
    for _ in range(steps):
        padded = np.pad(mask, 1)
        mask = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:] | mask
    return mask


def _overlap(a: Mask, b: Mask) -> float:
    return float((a & b).sum()) / max(1, int((a | b).sum()))
