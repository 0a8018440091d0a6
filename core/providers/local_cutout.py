"""Separates a product from its background on this machine's CPU, and says how sure it is.

Two witnesses are heard: a small network that knows what things look like, and the colours of the photo's own background,
which know nothing but see sharply. Where they contradict each other over a large part the cut-out is doubtful.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from core.pixels import Box, Floats, Mask, Network, bounding_box
from core.providers.local_dark_sides import with_dark_side
from core.providers.local_doubts import doubts, trust
from core.providers.local_edges import snapped
from core.providers.local_evidence import Evidence, weigh
from core.providers.local_links import linked
from core.providers.local_looks import look
from core.providers.local_mask import draw
from core.providers.local_pieces import Chosen, choose
from core.providers.local_rim import with_rim

#: Longer side of the grid on which the photo is studied.
GRID = 560
#: A product smaller than this share of the photo is looked at again from nearer.
SMALL = 0.55
MIN_AREA, MAX_AREA = 0.005, 0.85
MARGIN = 0.12
#: Boxes end on sixteenths of the photo, so that a little change moves nothing.
STEPS = 16
#: A photo whose bright parts stay below this level is lifted before anybody looks at it.
DARK, LIFTED = 110, 230


@dataclass(frozen=True)
class Cutout:
    """`alpha` (h, w) covers `box` of the photo; None when nothing usable was found."""

    alpha: Floats | None
    box: Box
    agreement: float  #: of the two witnesses, 0–1
    doubts: tuple[str, ...]


def cut_out(image: Image.Image, network: Network) -> Cutout:
    """Finds the product of `image` (RGB). Costs two runs of the network, four when the product is small."""
    dark = brightness(image) < DARK
    if dark:
        image = _lifted(image)
    whole: Box = (0, 0, image.width, image.height)
    box = whole
    first = look(image, whole, network)
    found = _study(image, box, [_resampled(seen, whole, box) for seen in first])
    if found is not None:
        near = _around(found[1].mask, image)
        if max((near[2] - near[0]) / image.width, (near[3] - near[1]) / image.height) < SMALL:
            box = near
            looks = [_resampled(seen, whole, box) for seen in first]
            looks += [_resampled(seen, box, box) for seen in look(image, box, network)]
            found = _study(image, box, looks)
    if found is None:
        return Cutout(None, whole, 0.0, ("no_cutout",))
    evidence, chosen = found
    share = float(chosen.mask.mean()) * _area(box) / _area(whole)
    if not MIN_AREA <= share <= MAX_AREA:
        return Cutout(None, whole, 0.0, ("no_cutout",))
    codes = doubts(evidence, chosen, _at_border(chosen.mask, box, image))
    if dark and "low_confidence" not in codes:
        # Noise hides the edges that all of this rests on.
        codes = ("low_confidence", *codes)
    return Cutout(_softened(chosen.mask), box, trust(evidence, chosen), codes)


def _study(image: Image.Image, box: Box, looks: list[Floats]) -> tuple[Evidence, Chosen] | None:
    import cv2

    pixels = np.asarray(image.resize(_grid(box), Image.Resampling.BOX, box=box, reducing_gap=3.0))
    evidence = weigh(pixels.astype(np.float32), looks)
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    chosen = choose(linked(draw(evidence), evidence), evidence.seen, lab)
    if chosen is None:
        return None
    outlined = with_rim(snapped(chosen.mask, pixels, evidence.never, evidence.mean > 0.5), evidence)
    return evidence, replace(chosen, mask=with_dark_side(outlined, pixels, evidence))


def brightness(image: Image.Image) -> float:
    """The level, 0–255, of the photo's brightest parts."""
    return float(np.percentile(np.asarray(image.resize((128, 128), Image.Resampling.BOX).convert("L")), 97))


def _lifted(image: Image.Image) -> Image.Image:
    gain = LIFTED / max(brightness(image), 8.0)
    return image.point([round(255 * min(1.0, level * gain / 255) ** 0.8) for level in range(256)] * 3)


def _grid(box: Box) -> tuple[int, int]:
    scale = GRID / max(box[2] - box[0], box[3] - box[1])
    return max(8, round((box[2] - box[0]) * scale)), max(8, round((box[3] - box[1]) * scale))


def _resampled(seen: Floats, of: Box, box: Box) -> Floats:
    """What a look at `of` says about `box`, on its grid."""
    x, y = seen.shape[1] / (of[2] - of[0]), seen.shape[0] / (of[3] - of[1])
    part = ((box[0] - of[0]) * x, (box[1] - of[1]) * y, (box[2] - of[0]) * x, (box[3] - of[1]) * y)
    picture = Image.fromarray((seen * 255).astype(np.uint8))
    return np.asarray(picture.resize(_grid(box), Image.Resampling.BILINEAR, box=part), np.float32) * np.float32(1 / 255)


def _around(mask: Mask, image: Image.Image) -> Box:
    """The box of `mask`, which covers the whole photo, with some background."""
    found = bounding_box(mask)
    assert found is not None
    x, y = image.width / mask.shape[1], image.height / mask.shape[0]
    left, top, right, bottom = found[0] * x, found[1] * y, found[2] * x, found[3] * y
    margin = MARGIN * max(right - left, bottom - top)
    step_x, step_y = image.width / STEPS, image.height / STEPS
    return (
        round(max(0, np.floor((left - margin) / step_x)) * step_x),
        round(max(0, np.floor((top - margin) / step_y)) * step_y),
        round(min(STEPS, np.ceil((right + margin) / step_x)) * step_x),
        round(min(STEPS, np.ceil((bottom + margin) / step_y)) * step_y),
    )


def _at_border(mask: Mask, box: Box, image: Image.Image) -> float:
    """How much of the photo's border the product covers, as a share of the longer side of its own box."""
    sides = (
        (box[0] == 0, mask[:, 0]),
        (box[1] == 0, mask[0]),
        (box[2] == image.width, mask[:, -1]),
        (box[3] == image.height, mask[-1]),
    )
    found = bounding_box(mask)
    assert found is not None
    longer = max(found[2] - found[0], found[3] - found[1])
    return sum(int(line.sum()) for is_side, line in sides if is_side) / longer


def _softened(mask: Mask) -> Floats:
    import cv2

    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8), np.float32)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
