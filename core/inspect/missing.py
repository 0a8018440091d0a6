"""What of the source's product is gone in the finished picture."""

from __future__ import annotations

import cv2
import numpy as np

from core.inspect import masks, neighbours
from core.inspect.overlay import WHITE, Overlay
from core.pixels import Mask, darkest

#: Level (0–255) above which a part may be gone because it was nearly white.
PALE = 215
#: A piece counts as at least this share of the product.
LEAST_PIECE = 0.1
#: What stands apart from the product may be another thing: one of which less than this is in the product's colours.
OWN_THING = 0.6


def missing(pair: Overlay) -> float:
    """Of the source's product, where the finished picture is white.

    What has the colours of the ground rather than the product's own was seen through it, or beside it in the photo.
    """
    cleared = (darkest(pair.after) >= WHITE) & (darkest(pair.before) < PALE) & (pair.after_mask < 0.4)
    before = neighbours.smooth(pair.before)
    around = ~masks.dilated((pair.before_mask > 0.3) | (pair.after_mask > 0.3), 3)
    own = _own_colours(pair, neighbours.binned(before), around)
    gone = masks.eroded(pair.before_mask > 0.6, 2) & cleared & own & ~_other_things(pair, own)
    shaded = neighbours.shaded(before, around)
    certain, all_of_it = (_of_its_piece(masks.eroded(mask, 1), pair) for mask in (gone & ~shaded, gone))
    return max(certain, all_of_it * neighbours.SHADE_COUNTS)


def _of_its_piece(gone: Mask, pair: Overlay) -> float:
    """The largest part that is gone, between its share of the product and that of the piece it was of.

    A key that lost its bit is broken, whatever the size of the lock it came with.
    """
    _, parts, stats, _ = cv2.connectedComponentsWithStats(gone.astype(np.uint8))
    if len(stats) == 1:
        return 0.0
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    _, pieces, sizes, _ = cv2.connectedComponentsWithStats((pair.before_mask > 0.5).astype(np.uint8))
    piece = int(sizes[np.bincount(pieces[parts == largest]).argmax(), cv2.CC_STAT_AREA])
    return float(stats[largest, cv2.CC_STAT_AREA] / np.sqrt(pair.area * max(piece, LEAST_PIECE * pair.area)))


def _other_things(pair: Overlay, own: Mask) -> Mask:
    """What the network sees beside the product as well, touching nothing of it, in colours mostly not its own."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(
        ((pair.before_mask > 0.6) | (pair.after_mask > 0.4)).astype(np.uint8)
    )
    foreign = np.bincount(parts.ravel(), own.ravel(), len(stats)) < OWN_THING * stats[:, cv2.CC_STAT_AREA]
    foreign[parts[pair.after_mask > 0.4]] = False
    return np.asarray(foreign[parts], bool)


def _own_colours(pair: Overlay, bins: neighbours.Bins, around: Mask) -> Mask:
    """Cells of the source in a colour that its product has more of than what surrounds it."""
    inside, outside = neighbours.shares(bins, pair.both & ~pair.cleared), neighbours.shares(bins, around)
    own: Mask = ((inside > neighbours.COMMON) & (inside > outside))[bins]
    return own
