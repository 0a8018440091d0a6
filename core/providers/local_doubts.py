"""What makes a cut-out doubtful: places where the network and the colours of the background contradict each other."""

from __future__ import annotations

import numpy as np

from core.pixels import Mask
from core.providers.local_evidence import Evidence
from core.providers.local_pieces import Chosen
from core.providers.local_shapes import dilated, filled, opened, parts, touches_border

MAX_AT_BORDER = 0.02
#: Intersection over union of what the network saw and what was cut out.
LEAST_TRUST = 0.72
#: One look at least isn't quite sure.
UNSURE = 0.975
#: Deviations from the ground from which something is there, whether a look saw it or not.
UNMISTAKABLE = 5.0


def doubts(evidence: Evidence, chosen: Chosen, at_border: float) -> tuple[str, ...]:
    """Codes of `core/inspect/doubts.py`; none when the cut-out can be trusted."""
    too_much = any(share > limit for share, limit in shares(evidence, chosen).values())
    found = {
        "low_confidence": too_much or trust(evidence, chosen) < LEAST_TRUST,
        "product_cut_off": at_border > MAX_AT_BORDER,
        "several_objects": chosen.doubtful,
    }
    return tuple(code for code, is_so in found.items() if is_so)


def shares(evidence: Evidence, chosen: Chosen) -> dict[str, tuple[float, float]]:
    """Of each kind of contradiction its largest part as a share of the product, and how much is too much.

    A part that is wrong costs no more than its own share: limits of a few hundredths keep what is a tenth wrong from
    passing. They lie in the gaps that the demo photos leave, as they are and recompressed, lit otherwise and rescaled.
    """
    mask = chosen.mask
    area = max(1, int(mask.sum()))
    like_ground = mask & (evidence.foreign < 1.3)
    # Colours don't contradict looks that are all sure: a pale product may be as pale as the table.
    unsure = evidence.least < UNSURE
    kinds: dict[str, tuple[Mask, float]] = {
        # Also what was taken for a shadow: the dark side of bright metal looks the same.
        "left out": (_inner(~filled(mask) & (evidence.seen > 0.5)), 0.05),
        "hardly seen": (mask & (evidence.least < 0.3) & (evidence.foreign < UNMISTAKABLE), 0.025),
        # Something is there, but it may be another thing that touches the product.
        "not seen": (mask & (evidence.least < 0.3), 0.06),
        "colours of the ground": (
            like_ground & unsure & (evidence.own > evidence.foreign + 1) & (evidence.shade > -0.15),
            0.045,
        ),
        "a shadow's colour": (mask & unsure & shaded(evidence) & (evidence.foreign < 2.4), 0.03),
        # The very colours of a shadow are one, however sure the network is: it often takes shadows for product.
        "a shadow": (mask & shaded(evidence) & (evidence.foreign < 1.0), 0.045),
        "no colour of its own": (like_ground & unsure & (evidence.own <= evidence.foreign + 1), 0.06),
    }
    found = {kind: (largest(where) / area, limit) for kind, (where, limit) in kinds.items()}
    # However well the rest is cut out: a shop would show a stray screw with it.
    found["sticks out"] = (max((part / area for part in _unsure_ends(evidence, mask)), default=0.0), 0.01)
    return found


def shaded(evidence: Evidence) -> Mask:
    return (evidence.shade > 1.0) & (evidence.same_tint > 0.15)


def _inner(mask: Mask) -> Mask:
    """Without what the frame of the photo cuts off."""
    kept = np.zeros_like(mask)
    for part, _ in parts(mask, 8):
        if not touches_border(part):
            kept |= part
    return kept


def _unsure_ends(evidence: Evidence, mask: Mask) -> list[int]:
    """Sizes of small, thin parts that stick out and that the looks are not sure of: a screw that lies behind a tape."""
    area = int(mask.sum())
    body = opened(mask, int(0.16 * np.sqrt(area)))
    ends = parts(opened(mask & ~dilated(body, 3), 3), 1) if body.any() else ()
    return [size for part, size in ends if size < 0.05 * area and float(evidence.seen[part].mean()) < 0.95]


def trust(evidence: Evidence, chosen: Chosen) -> float:
    seen = evidence.mean > 0.5
    return float((seen & chosen.mask).sum()) / max(1, int((seen | chosen.mask).sum()))


def largest(mask: Mask) -> int:
    return max((area for _, area in parts(opened(mask, 5), 1)), default=0)
