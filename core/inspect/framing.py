"""Puts a product in its square: centred on pure white, the same size as its neighbours in the catalogue.

A model's own framing is never trusted: it drifts from picture to picture, and its "white" is often 240.
"""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.pixels import Box, border, bounding_box, flood

NEAR_WHITE = 245
#: A plain, light studio backdrop no darker than this is brought up to white.
LIGHT_BACKDROP = 222
#: A shadow is grey and light; what is darker, or coloured, belongs to the product.
SHADOW_LEVEL, SHADOW_CHROMA = 215, 24
MAX_UPSCALE = 2.0
SEARCH_SIDE = 512
MAX_BYTES = 10_000_000
WHITE = (255, 255, 255)

DigitalSourceType = Literal[
    "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia", "algorithmicallyEnhanced"
]
#: The vocabulary of the IPTC, which search engines and marketplaces read.
SOURCE_TYPE_URI = "http://cv.iptc.org/newscodes/digitalsourcetype/"
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="{uri}"/></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def frame(image: Image.Image, size: int = 1200, fill: float = 0.88) -> Image.Image:
    """`image` (RGB) as a `size` × `size` square whose product measures `fill` of it on its longer side.

    The product is never enlarged more than twice. A photo whose background isn't white has no product to find: it goes
    whole into the square, so that the measures can see what is left.
    """
    image = _to_white_point(image)
    box = find_product(image)
    if box is None or _fills(box, image.size):
        return _place(image, (0, 0, *image.size), min(size / max(image.size), MAX_UPSCALE), size)
    scale = min(fill * size / max(box[2] - box[0], box[3] - box[1]), MAX_UPSCALE)
    return _whiten(_fade(_place(image, box, scale, size), (1 - fill) / 2))


def find_product(image: Image.Image) -> Box | None:
    """The box of what isn't background, in pixels of `image`; None when it is blank. A soft shadow is background."""
    small = image.copy()
    small.thumbnail((SEARCH_SIDE, SEARCH_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small).astype(np.int16)
    darkest = pixels.min(axis=2)
    strong = (darkest < SHADOW_LEVEL) | (pixels.max(axis=2) - darkest > SHADOW_CHROMA)
    box = bounding_box(strong, least=2)
    weak = bounding_box(darkest < NEAR_WHITE, least=2)
    if weak is None:
        return None
    # A white product shows little else than weak edges: believe those when they span much more.
    if box is None or _area(box) < 0.4 * _area(weak):
        box = weak
    ratio = image.width / small.width
    left, top, right, bottom = (round(side * ratio) for side in box)
    return left, top, min(right, image.width), min(bottom, image.height)


def to_jpeg(
    image: Image.Image,
    quality: int = 92,
    digital_source_type: DigitalSourceType = "compositeWithTrainedAlgorithmicMedia",
) -> bytes:
    """A JPEG under 10 MB whose only metadata says how it was made (IPTC DigitalSourceType in XMP)."""
    xmp = XMP.format(uri=SOURCE_TYPE_URI + digital_source_type).encode()
    plain = Image.new("RGB", image.size, WHITE)
    plain.paste(image)
    # Neither `optimize` nor `progressive`: Pillow gives them one byte a pixel, too little for a noisy photo.
    while True:
        out = io.BytesIO()
        plain.save(out, "JPEG", quality=quality, subsampling=0, xmp=xmp)
        if out.tell() < MAX_BYTES or quality <= 12:
            return out.getvalue()
        quality -= 10


def near_white(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which pixels of (h, w, 3) are background: near white and connected to the border."""
    light = pixels.min(axis=2) >= NEAR_WHITE
    return flood(border((pixels.shape[0], pixels.shape[1])), light)


def _to_white_point(image: Image.Image) -> Image.Image:
    """Lifts a plain, light, neutral backdrop to white; leaves any other picture as it is."""
    small = np.asarray(image.resize((128, 128), Image.Resampling.BOX)).astype(np.int16)
    ring = small[border((128, 128), 3)]
    darkest = ring.min(axis=1)
    low, high = np.percentile(darkest, [4, 96])
    neutral = np.percentile(ring.max(axis=1) - darkest, 90) <= 10
    if not (LIGHT_BACKDROP <= low < 252 and high - low <= 16 and neutral):
        return image
    gain = 255 / low
    return image.point([min(255, round(level * gain)) for level in range(256)] * 3)


def _fills(box: Box, size: tuple[int, int]) -> bool:
    """Whether the box reaches at least three sides of the picture: then it is the background that was found."""
    slack = max(size) * 0.006
    reached = (box[0] <= slack, box[1] <= slack, box[2] >= size[0] - slack, box[3] >= size[1] - slack)
    return sum(reached) >= 3


def _place(image: Image.Image, box: Box, scale: float, size: int) -> Image.Image:
    """One resampling, from the original pixels: what lies around the box (its shadow) comes along."""
    centre_x, centre_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left = round(size / 2 - centre_x * scale)
    top = round(size / 2 - centre_y * scale)
    right, bottom = left + round(image.width * scale), top + round(image.height * scale)
    seen = (max(left, 0), max(top, 0), min(right, size), min(bottom, size))
    step_x, step_y = image.width / (right - left), image.height / (bottom - top)
    source = (
        (seen[0] - left) * step_x,
        (seen[1] - top) * step_y,
        (seen[2] - left) * step_x,
        (seen[3] - top) * step_y,
    )
    part = image.resize((seen[2] - seen[0], seen[3] - seen[1]), Image.Resampling.LANCZOS, box=source)
    canvas = Image.new("RGB", (size, size), WHITE)
    canvas.paste(part, seen[:2])
    return canvas


def _fade(image: Image.Image, margin: float) -> Image.Image:
    """Lets a shadow run out in the margin (a share of the side) before it meets the frame."""
    size = image.width
    to_border = np.minimum(np.arange(size), np.arange(size)[::-1]).astype(np.float32)
    depth = np.minimum(to_border[:, None], to_border[None, :]) / max(1.0, margin * size)
    strength = ((depth - 0.4) / 0.6).clip(0, 1)[..., None]
    pixels = np.asarray(image)
    darkest, lightest = pixels.min(axis=2), pixels.max(axis=2)
    shadow = (darkest >= SHADOW_LEVEL) & (lightest - darkest <= SHADOW_CHROMA) & (depth < 1)
    faded = 255 - (255 - pixels.astype(np.float32)) * strength
    return Image.fromarray(np.where(shadow[..., None], faded.round().astype(np.uint8), pixels))


def _whiten(image: Image.Image) -> Image.Image:
    pixels = np.array(image)
    pixels[near_white(pixels)] = 255
    return Image.fromarray(pixels)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
