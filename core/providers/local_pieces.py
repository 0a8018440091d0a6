"""Which of the things in a photo are the product: one piece, or a set of like pieces; what lies around it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.pixels import Box, Floats, Mask
from core.providers.local_shapes import dilated

#: Parts smaller than this share of the largest are specks.
SPECK = 0.015
#: A set is of like pieces: none is smaller than this share of the largest …
PIECE = 0.22
#: … unless it is no more cells away.
GAP = 6
#: … nor of a colour this far (Lab units) from it.
OTHER_COLOUR = 22.0


@dataclass(frozen=True)
class Piece:
    label: int
    area: int  #: cells of the grid
    box: Box
    at_border: bool
    centrality: float  #: 1 in the middle of the photo, 0 in its corners
    seen: float  #: how much the network thinks it a product, 0–1
    colour: Floats  #: Lab, (3,)


@dataclass(frozen=True)
class Chosen:
    mask: Mask
    kept: tuple[Piece, ...]  #: the main piece first
    left: tuple[Piece, ...]

    @property
    def doubtful(self) -> bool:
        """Whether what was kept or left could have been chosen otherwise."""
        main = self.kept[0]
        strange = any(_distance(piece, main) > OTHER_COLOUR or piece.area < 0.5 * main.area for piece in self.kept)
        missed = any(not piece.at_border and piece.seen > 0.5 and piece.area > 0.04 * main.area for piece in self.left)
        return strange or missed


def choose(mask: Mask, seen: Floats, lab: Floats) -> Chosen | None:
    """The product among the parts of `mask` (h, w), or None when there is none. `seen` 0–1 and `lab` on the same grid."""
    labels, pieces = _pieces(mask, seen, lab)
    if not pieces:
        return None
    main = max(pieces, key=_weight)
    kept, left = [main], list[Piece]()
    for piece in pieces:
        if piece is main:
            continue
        # A product is photographed whole; what the frame cuts off lies there by chance.
        chance = piece.at_border and not main.at_border
        # A cable that lost its last centimetre.
        joined = piece.seen > 0.5 and bool((dilated(labels == piece.label, 2 * GAP) & (labels == main.label)).any())
        (kept if (piece.area >= PIECE * main.area or joined) and not chance else left).append(piece)
    # The product, not what lies beside it, was put in the middle.
    for piece in sorted(kept[1:], key=lambda piece: -_distance(piece, main)):
        rest = [other for other in kept if other is not piece]
        if _odd(piece, main) and _off_centre(rest, mask) < _off_centre(kept, mask):
            kept.remove(piece)
            left.append(piece)
    return Chosen(np.isin(labels, [piece.label for piece in kept]), tuple(kept), tuple(left))


def _odd(piece: Piece, main: Piece) -> bool:
    """Whether it may be of another kind: another colour, or a good deal smaller."""
    return _distance(piece, main) > OTHER_COLOUR or piece.area < 0.6 * main.area


def _off_centre(pieces: list[Piece], mask: Mask) -> float:
    """How far the middle of the box around them is from the middle of the photo, as a share of its sides."""
    height, width = mask.shape
    left, top = min(piece.box[0] for piece in pieces), min(piece.box[1] for piece in pieces)
    right, bottom = max(piece.box[2] for piece in pieces), max(piece.box[3] for piece in pieces)
    return float(np.hypot((left + right) / 2 / width - 0.5, (top + bottom) / 2 / height - 0.5))


def _weight(piece: Piece) -> float:
    return piece.area * (0.25 + piece.centrality) * (0.3 + piece.seen) * (0.3 if piece.at_border else 1.0)


def _distance(one: Piece, other: Piece) -> float:
    return float(np.linalg.norm(np.subtract(one.colour, other.colour)))


def _pieces(mask: Mask, seen: Floats, lab: Floats) -> tuple[npt.NDArray[np.int32], list[Piece]]:
    import cv2

    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    height, width = mask.shape
    largest = int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))
    pieces = []
    for label in range(1, count):
        left, top, w, h, area = (int(value) for value in stats[label])
        if area < max(SPECK * largest, 12):
            continue
        x, y = centres[label]
        inside = labels == label
        pieces.append(
            Piece(
                label,
                area,
                (left, top, left + w, top + h),
                at_border=left <= 1 or top <= 1 or left + w >= width - 1 or top + h >= height - 1,
                centrality=1 - float(np.hypot(x / width - 0.5, y / height - 0.5) / np.sqrt(0.5)),
                seen=float(seen[inside].mean()),
                colour=np.median(lab[inside], axis=0),
            )
        )
    return labels, pieces
