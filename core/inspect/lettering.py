"""Reads the labels of a source and of its finished picture, and tells what really differs from what was misread.

A reader errs on small print, differently each time. So a difference counts only when a second reading of the same place
confirms it, and when the letters themselves look different there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from core.inspect import labels, lines
from core.inspect.alignment import Map
from core.inspect.lines import Place
from core.pixels import Box, Floats, Pixels

#: Longer side of what is read, in pixels.
READ_SIDE = 736
MOST_ENLARGED = 1.6
#: A label is looked at again when it can be shown this much larger, at most this large.
CLOSER, CLOSEST = 1.2, 3.0
#: How sure a reading must be to take part, and to accuse.
READABLE, SURE = 0.5, 0.8
#: Height of letters that anybody could read, in pixels of the source.
LEAST_HEIGHT = 9.0
#: And that stay readable at any angle.
LARGE = 16.0
#: What is read around a line besides, at the first reading and at those that check it, as shares of its height.
PADS = (0.06, 0.16, 0.0)
#: Letters this alike are the same whatever was read.
ALIKE = 0.8
#: Texts without a common place are the same from here on.
SAME_TEXT = 0.7
#: Two readings of one place this alike are trusted.
STEADY = 0.9


class Reader(Protocol):
    def find(self, pixels: Pixels) -> list[Floats]: ...
    def read(self, patches: Sequence[Pixels]) -> list[tuple[str, float]]: ...


@dataclass(frozen=True)
class Lettering:
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    alike: float | None = None  #: likeness of the least alike letters that can no longer be read; None without such

    def __add__(self, other: Lettering) -> Lettering:
        both = [one for one in (self.alike, other.alike) if one is not None]
        return Lettering(
            self.before + other.before,
            self.after + other.after,
            self.lost + other.lost,
            self.new + other.new,
            self.changed + other.changed,
            min(both, default=None),
        )


@dataclass(frozen=True)
class _Reading:
    text: str
    score: float

    @property
    def tokens(self) -> tuple[str, ...]:
        return labels.tokens(self.text) if self.score >= READABLE else ()

    @property
    def sure(self) -> bool:
        return self.score >= SURE and bool(labels.normalised(self.text))


def find(pixels: Pixels, box: Box, scale: float, reader: Reader) -> list[Floats]:
    """Corners of each line in `box` of an RGB picture, looked at in `scale`; in pixels of the whole picture."""
    left, top, right, bottom = box
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    part = cv2.resize(pixels[top:bottom, left:right], None, fx=scale, fy=scale, interpolation=smooth)
    found = [
        corners / np.float32(scale) + np.array([left, top], np.float32)
        for corners in reader.find(np.asarray(part, np.uint8))
    ]
    # Text that climbs is read along its climb.
    return [
        corners if lines.size(corners)[1] < 1.5 * lines.size(corners)[0] else np.roll(corners, -1, axis=0)
        for corners in found
    ]


def compare(
    before: Pixels, before_box: Box, after: Pixels, after_box: Box, movement: Map | None, reader: Reader
) -> Lettering:
    """Both RGB (h, w, 3). `movement`: points of `after` to points of `before`; None when they couldn't be aligned."""
    longer = max(before_box[2] - before_box[0], before_box[3] - before_box[1])
    scale = min(READ_SIDE / longer, MOST_ENLARGED)
    shrink = longer / max(after_box[2] - after_box[0], after_box[3] - after_box[1])
    if movement is not None:
        shrink = float(np.sqrt(abs(np.linalg.det(movement[:, :2]))))
    ours = find(before, before_box, scale, reader)
    theirs = find(after, after_box, scale * shrink, reader)
    if movement is not None and ours:
        # Small print is found at the second look, at the label alone.
        box = lines.around(ours, before_box)
        closer = min(READ_SIDE / max(box[2] - box[0], box[3] - box[1]), CLOSEST)
        if closer >= CLOSER * scale:
            there = lines.within(lines.moved(lines.corners_of(box), cv2.invertAffineTransform(movement)), after_box)
            ours, theirs = find(before, box, closer, reader), find(after, there, closer * shrink, reader)
    if movement is None:
        return _by_text(
            [_read(reader, lines.laid_flat(corners, before, None)) for corners in ours],
            [_read(reader, lines.laid_flat(corners, after, None)) for corners in theirs],
        )
    theirs = [lines.moved(corners, movement) for corners in theirs]
    return sum((_judged(place, before, after, movement, reader) for place in lines.pair_up(ours, theirs)), Lettering())


def _judged(place: Place, before: Pixels, after: Pixels, movement: Map, reader: Reader) -> Lettering:
    """What is to be said about one place."""
    patches = [
        (
            lines.laid_flat(lines.padded(place.before, pad), before, None),
            lines.laid_flat(lines.padded(place.after, pad), after, movement),
        )
        for pad in PADS
    ]
    one, two = (_read(reader, patch) for patch in patches[0])
    said = Lettering(one.tokens if place.found_before else (), two.tokens if place.found_after else ())
    if labels.same(one.text, two.text) or place.height < LEAST_HEIGHT:
        return said
    again = [tuple(_read(reader, patch) for patch in both) for both in patches[1:]]
    ones, twos = (one, *(first for first, _ in again)), (two, *(second for _, second in again))
    if any(labels.same(a.text, b.text) for a in ones for b in twos):
        return said
    alike = lines.likeness(*patches[1])
    changed = _changed(ones, twos, alike)
    if changed:
        return replace(said, changed=changed)
    if place.found_before and place.found_after:
        garbled = _steady(ones) and not _steady(twos) and place.height >= LARGE and len(one.text) > 3
        return replace(said, alike=alike if garbled else None)
    (one, two) = (max(these, key=lambda reading: reading.score) for these in (ones, twos))
    if labels.likeness(one.text, two.text) >= SAME_TEXT or alike >= ALIKE:
        return said
    if place.found_before and _steady(ones) and labels.weighs(one.text):
        return replace(said, lost=one.tokens)
    if place.found_after and _steady(twos) and labels.weighs(two.text):
        return replace(said, new=two.tokens)
    return said


def _changed(ones: Sequence[_Reading], twos: Sequence[_Reading], alike: float) -> tuple[tuple[str, str], ...]:
    """What differs: numbers on which most readings of either picture agree; words when both are sure besides."""
    if not (any(one.sure for one in ones) and any(two.sure for two in twos)):
        return ()
    altered = labels.altered_numbers([one.text for one in ones], [two.text for two in twos])
    if any(all(pair) for pair in altered):
        return tuple(pair for pair in altered if all(pair))
    swaps = [labels.swapped_digits(one.text, two.text) for one, two in zip(ones, twos, strict=True)]
    if any(sum(swap in one for one in swaps) > 1 for swap in set().union(*swaps)):
        return tuple(pair for pair in labels.changes(ones[0].text, twos[0].text) if all(pair))
    if not (_steady(ones) and _steady(twos)) or alike >= ALIKE:
        return ()
    one, two = (max(these, key=lambda reading: reading.score) for these in (ones, twos))
    return tuple(pair for pair in labels.changes(one.text, two.text) if labels.is_another_word(*pair))


def _steady(readings: Sequence[_Reading]) -> bool:
    """Whether the first reading of a place is confirmed by another, surely enough to accuse."""
    first, *others = readings
    return first.sure and any(other.sure and labels.likeness(first.text, other.text) >= STEADY for other in others)


def _by_text(ours: Sequence[_Reading], theirs: Sequence[_Reading]) -> Lettering:
    """Without knowing what lies where: lines that resemble each other belong together."""

    def known(line: _Reading, others: Sequence[_Reading]) -> bool:
        return any(labels.likeness(line.text, other.text) >= SAME_TEXT for other in others)

    def alone(these: Sequence[_Reading], others: Sequence[_Reading]) -> tuple[str, ...]:
        left = (line for line in these if line.sure and labels.weighs(line.text) and not known(line, others))
        return tuple(token for line in left for token in line.tokens)

    before, after = (tuple(token for line in found for token in line.tokens) for found in (ours, theirs))
    return Lettering(before, after, alone(ours, theirs), alone(theirs, ours))


def _read(reader: Reader, patch: Pixels) -> _Reading:
    ((text, score),) = reader.read([patch])
    return _Reading(text, score)
