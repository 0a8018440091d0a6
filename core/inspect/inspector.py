"""The full inspection: is it the same product, in its colours, with its label? `measure` is the part that costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from PIL import Image

from core.inspect import (
    alignment,
    colours,
    differences,
    lettering,
    masks,
    measure,
    neighbours,
    overlay,
    placement,
    verdict,
)
from core.inspect.alignment import Alignment
from core.inspect.reading import Page, Reader
from core.inspect.report import Report
from core.inspect.view import View
from core.pixels import Box, Floats, Mask, Network, bounding_box, overlap

#: Margin around a product that is known to be there, for the network's look at it.
ROOM = 0.12
#: Boxes that overlap this much need no second look of the network.
SAME_LOOK = 0.85


@dataclass(frozen=True)
class Seen:
    """A finished picture, and how it lies over its source."""

    view: View
    mask: Floats  #: of the product, (h, w) of `view.small`, 0–1
    alignment: Alignment | None
    mirrored: float | None  #: how much better the mirrored picture would fit, above 1 where it does

    @property
    def placed(self) -> Alignment | None:
        """None as well where it fits so badly that whatever was measured by it would be chance."""
        found = self.alignment
        return None if found is None or verdict.unplaced(found.how, found.fit) else found

    @property
    def shown(self) -> Mask:
        return self.mask > 0.5


class Comparison:
    """A source against finished pictures of it: what is known of the source is found once."""

    def __init__(self, source: Image.Image, network: Network, reader: Reader) -> None:
        self.source = source
        self._looked: list[tuple[Box, Floats]] = []
        self._network, self._reader = network, reader
        self._before = View(source)
        self._page = Page(np.asarray(self._before.full), reader)
        self._drawn = alignment.keypoints(self._before.grey)

    @cached_property
    def _likely(self) -> Mask:
        """Where the network sees the product in the whole photo."""
        photo = self._before.small
        return masks.look(photo, (0, 0, *photo.size), self._network) > 0.5

    def inspect(self, made: Image.Image, doubts: Sequence[str] = ()) -> tuple[Report, Seen | None]:
        """None when there is nothing to see in `made` (RGB)."""
        report = measure.measure(self.source, made)
        if report.blank:
            return verdict.judge(report, doubts), None
        seen = self._see(made)
        return verdict.judge(replace(report, **self._figures(seen)), doubts), seen

    def _see(self, made: Image.Image) -> Seen:
        view = View(made)
        mask = masks.on_white(view.pixels)
        found = placement.place(self._before, self._drawn, lambda: self._likely, view, mask > 0.5)
        return Seen(view, mask, found.alignment, found.mirrored)

    def _likely_at(self, seen: Seen) -> Mask:
        """Where the aligned product lies in the source; else the whole photo is searched."""
        if seen.placed is None:
            return self._likely
        return np.asarray(cv2.warpAffine(seen.mask, seen.placed.map, self._before.small.size) > 0.5, bool)

    def _source_mask(self, likely: Mask) -> Floats:
        photo = self._before.small
        box = masks.widened(bounding_box(likely, least=2) or (0, 0, *photo.size), photo.size, ROOM)
        for known, mask in self._looked:
            if overlap(known, box) >= SAME_LOOK:
                return mask
        self._looked.append((box, masks.look(photo, box, self._network)))
        return self._looked[-1][1]

    def _figures(self, seen: Seen) -> dict[str, Any]:
        likely = self._likely_at(seen)
        # Reading takes as long as all the rest, and the machine has more than one core.
        with ThreadPoolExecutor(1, "label") as aside:
            text = aside.submit(self._text, seen, likely)
            return {**self._likeness(seen, likely), **text.result()}

    def _likeness(self, seen: Seen, likely: Mask) -> dict[str, Any]:
        found = seen.alignment
        mask = self._source_mask(likely)
        inside = mask > 0.5
        iou, aspect = masks.likeness(inside, seen.shown)
        drawn = int(self._drawn.within(masks.eroded(inside, 3)).sum())
        beside = neighbours.left_out(self._before.pixels, likely, lambda: self._likely)
        return {
            "mask_iou": iou, "aspect": aspect,
            "keypoints": drawn, "inliers": min(1.0, (found.inliers if found else 0) / max(1, drawn)),
            "mirrored": seen.mirrored,
            "pieces_before": masks.pieces(inside), "pieces_after": masks.pieces(seen.shown),
            "beside": beside.alike, "touching": beside.touching,
            **self._differences(seen, mask),
        }  # fmt: skip

    def _differences(self, seen: Seen, mask: Floats) -> dict[str, Any]:
        found = seen.alignment
        if found is None or seen.placed is None:
            tried = {} if found is None else {"matched": found.how, "fit": found.fit}
            return {**tried, **self._colours(seen, mask > 0.5)}
        before, after = (view.pixels.astype(np.float32) for view in (self._before, seen.view))
        told = differences.compare(overlay.lay(before, mask, after, seen.mask, found.map))
        figures = {name: value for name, value in asdict(told).items() if value is not None}
        return {"matched": found.how, "fit": found.fit, "stretch": found.stretch, **figures}

    def _colours(self, seen: Seen, inside: Mask) -> dict[str, Any]:
        """Of two products that nobody could lay over each other."""
        (one, core), (two, core_after) = (
            (colours.lab(view.pixels), _core(mask)) for view, mask in ((self._before, inside), (seen.view, seen.shown))
        )
        return {
            "colour": colours.correlation(one, core, two, core_after),
            "hue": colours.hue_shift(one, core, two, core_after),
        }

    def _text(self, seen: Seen, likely: Mask) -> dict[str, Any]:
        before, after = self._before, seen.view
        box = bounding_box(likely, least=2) or (0, 0, *before.small.size)
        boxes = masks.widened(box, before.small.size, 0.05), masks.widened(masks.shown(after.pixels), after.small.size)
        found = seen.placed
        movement = None if found is None else alignment.scaled(found.map, after.enlarged, before.enlarged)
        page = Page(np.asarray(after.full), self._reader, movement)
        text = lettering.compare(self._page, before.up(boxes[0]), page, after.up(boxes[1]))
        return {
            "tokens_before": text.before, "tokens_after": text.after, "lost": text.lost, "new": text.new,
            "changed": text.changed, "smudged": text.alike,
        }  # fmt: skip


def _core(mask: Mask) -> Mask:
    """Without its rim, whose colours are half the background's; a thin product is all rim."""
    core = masks.eroded(mask, 3)
    return core if core.sum() > 0.3 * mask.sum() else mask
