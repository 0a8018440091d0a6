"""The pictures the emulated model draws: each kind turns the source photo into an edited one, of a given size."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageOps

Size = tuple[int, int]
Mask = npt.NDArray[np.bool_]
Draw = Callable[[Image.Image, Size], Image.Image]

#: Share of the frame's side that the product takes, as the prompts ask.
FILL = 0.86
#: The background is found on a copy of this size: edges need no more.
FLOOD_SIDE = 256
FLOOD_THRESHOLD = 60


def padded(source: Image.Image, size: Size) -> Image.Image:
    """The whole photo, centred on white."""
    return _on_white(source, size)


def studio(source: Image.Image, size: Size) -> Image.Image:
    """What touches the corners in colour becomes white, the rest is cropped and centred; a busy photo is only padded."""
    mask = _product_mask(source)
    box = mask.getbbox()
    share = mask.resize((64, 64)).histogram()[128:]
    if box is None or not 0.02 < sum(share) / 4096 < 0.85:
        return padded(source, size)
    cut = Image.composite(source, Image.new("RGB", source.size, "white"), mask)
    return _on_white(cut.crop(box), size)


def identical(source: Image.Image, size: Size) -> Image.Image:
    return source.copy()


def blank(source: Image.Image, size: Size) -> Image.Image:
    return Image.new("RGB", size, "white")


def grey_background(source: Image.Image, size: Size) -> Image.Image:
    drawn = studio(source, size)
    return ImageChops.multiply(drawn, Image.new("RGB", size, (185, 185, 190)))


def _redrawn(kind: str) -> Draw:
    def draw(source: Image.Image, size: Size) -> Image.Image:
        # The renderer is loaded only when it is asked for.
        from tests.emulators import redraws

        product = source.copy()
        product.putalpha(_product_mask(source))
        square = redraws.drawn(kind, source, product)
        if size[0] == size[1]:
            return square.resize(size, Image.Resampling.LANCZOS)
        return ImageOps.pad(square, size, color="white")

    return draw


#: A faithful redraw, and the ways to break one: `tests/fixtures` says what each does.
REDRAWS = (
    "redraw", "other_product", "hue_shift", "digit_changed", "logo_invented", "piece_missing", "thread_changed", "cropped",
    "stretched", "halo", "text_added", "mirrored",
)  # fmt: skip
#: Tests add their own broken kinds here, or in the process that serves.
KINDS: dict[str, Draw] = {
    "studio": studio,
    "padded": padded,
    "identical": identical,
    "blank": blank,
    "grey_background": grey_background,
    **{kind: _redrawn(kind) for kind in REDRAWS},
}


def encoded(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "PNG":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, kind, quality=92)
    return out.getvalue()


def _product_mask(source: Image.Image) -> Image.Image:
    """255 where the product is, at the source's size: all but the corners' colours, as far as they reach from the border."""
    small = source.copy()
    small.thumbnail((FLOOD_SIDE, FLOOD_SIDE))
    pixels = np.asarray(small).astype(int)
    corners = [pixels[y, x] for y in (0, -1) for x in (0, -1)]
    like = np.min([np.abs(pixels - corner).sum(axis=2) for corner in corners], axis=0) < FLOOD_THRESHOLD
    reached = like.copy()
    reached[1:-1, 1:-1] = False
    while True:
        spread = _spread(_spread(reached, like).T, like.T).T
        if (spread == reached).all():
            break
        reached = spread
    mask = Image.fromarray(np.where(reached, 0, 255).astype("uint8"))
    return mask.resize(source.size, Image.Resampling.BILINEAR)


def _spread(reached: Mask, like: Mask) -> Mask:
    """Fills every horizontal run of `like` pixels that holds a reached one."""
    walls = np.pad(~like, ((0, 0), (1, 0)), constant_values=True)
    runs = np.cumsum(walls.ravel()).reshape(walls.shape)[:, 1:]
    hit = np.bincount(runs.ravel(), weights=reached.ravel()) > 0
    return np.asarray(hit[runs] & like)


def _on_white(source: Image.Image, size: Size) -> Image.Image:
    scale = min(size[0] * FILL / source.width, size[1] * FILL / source.height)
    fitted = source.resize((max(1, round(source.width * scale)), max(1, round(source.height * scale))))
    canvas = Image.new("RGB", size, "white")
    canvas.paste(fitted, ((size[0] - fitted.width) // 2, (size[1] - fitted.height) // 2))
    return canvas
