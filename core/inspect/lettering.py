"""Reads the labels of a source and of its finished picture, and tells what really differs from what was misread.

A reader errs on small print, differently each time. So a difference counts only when a second reading of the same place
confirms it, and when the letters themselves look different there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.inspect import labels, lines
from core.inspect.lines import Place
from core.inspect.reading import READABLE, Page, Reading
from core.pixels import Box, Floats

#: Longer side of what is searched for text at first, and of the label that was found, in pixels.
FIRST_SIDE, READ_SIDE = 480, 672
MOST_ENLARGED = 1.6
#: A label is looked at again when it can be shown this much larger, at most this large.
CLOSER, CLOSEST = 1.2, 3.0
#: Height of letters that anybody could read, in pixels of the source.
LEAST_HEIGHT = 9.0
#: Lower ones aren't read at all; nor are more lines than this, the lowest last.
LEAST_READ, MOST_PLACES = 6.0, 18
#: And that stay readable at any angle.
LARGE = 16.0
#: What is read around a line besides, at the first reading and at those that check it, as shares of its height.
PADS = (0.06, 0.16, 0.0)
#: Letters this alike are the same whatever was read; and digits.
ALIKE, ALIKE_DIGITS = 0.8, 0.96
#: Texts without a common place are the same from here on.
SAME_TEXT = 0.7
#: Two readings of one place this alike are trusted.
STEADY = 0.9


@dataclass(frozen=True)
class Lettering:
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    alike: float | None = None  #: likeness of the least alike letters that can no longer be read; None without such

    @property
    def differs(self) -> bool:
        return bool(self.lost or self.new or self.changed) or self.alike is not None

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


def compare(before: Page, before_box: Box, after: Page, after_box: Box) -> Lettering:
    """`after.movement`: its points to points of `before`; None when they couldn't be aligned."""
    longer = max(before_box[2] - before_box[0], before_box[3] - before_box[1])
    scale = min(FIRST_SIDE / longer, MOST_ENLARGED)
    movement = after.movement
    shrink = longer / max(after_box[2] - after_box[0], after_box[3] - after_box[1])
    if movement is not None:
        shrink = float(np.sqrt(abs(np.linalg.det(movement[:, :2]))))
    ours, theirs = before.find(before_box, scale), after.find(after_box, scale * shrink)
    if movement is None:
        return _by_text(
            [before.read(corners, PADS[0]) for corners in ours],
            [after.read(corners, PADS[0]) for corners in theirs],
        )
    if not ours and not theirs:
        return Lettering()
    box = lines.around([*ours, *theirs], before_box)
    closer = min(READ_SIDE / max(box[2] - box[0], box[3] - box[1]), CLOSEST)
    if closer < CLOSER * scale:
        return _told(ours, theirs, before, after)
    # Small print is found at the second look, at the label alone.
    ours = before.find(box, closer)
    told = _told(ours, theirs, before, after)
    if not told.differs:
        return told
    # What accuses is looked at as closely in the finished picture, where its letters may lie a little aside.
    there = lines.within(lines.moved(lines.corners_of(box), cv2.invertAffineTransform(movement)), after_box)
    near = after.find(there, closer * shrink)
    beside = [corners for corners in theirs if not any(lines.covers(other, corners) for other in near)]
    return _told(ours, near + beside, before, after)


def _told(ours: Sequence[Floats], theirs: Sequence[Floats], before: Page, after: Page) -> Lettering:
    """Of all places together; all corners in pixels of the source."""
    places = sorted(lines.pair_up(ours, theirs), key=lambda place: -place.height)[:MOST_PLACES]
    return sum((_judged(place, before, after) for place in places), Lettering())


def _judged(place: Place, before: Page, after: Page) -> Lettering:
    """What is to be said about one place. Of up to six readings none is made that can't change the answer."""
    if place.height < LEAST_READ:
        return Lettering()
    known = before.read(place.before, PADS[0]) if place.found_before else after.read(place.after, PADS[0])
    if known.score < READABLE and not (place.found_before and place.found_after):
        return Lettering()
    alike = lines.likeness(before.flat(place.before, PADS[0]), after.flat(place.after, PADS[0]))
    # Digits must look more alike than that: a small 3 made an 8 changes little of its line.
    if known.text and alike >= (ALIKE_DIGITS if labels.has_digit(known.text) else ALIKE):
        return _said(place, known, known)
    one, two = before.read(place.before, PADS[0]), after.read(place.after, PADS[0])
    said = _said(place, one, two)
    if labels.same(one.text, two.text) or place.height < LEAST_HEIGHT:
        return said
    accuser = one if place.found_before else two
    if not labels.has_digit(one.text, two.text) and (alike >= ALIKE or not accuser.sure):
        return said
    return _accused(place, before, after, said)


def _said(place: Place, one: Reading, two: Reading) -> Lettering:
    return Lettering(one.tokens if place.found_before else (), two.tokens if place.found_after else ())


def _accused(place: Place, before: Page, after: Page, said: Lettering) -> Lettering:
    """What differs at a place that doesn't read the same at first."""
    ones, twos = [before.read(place.before, PADS[0])], [after.read(place.after, PADS[0])]
    for pad in PADS[1:]:
        for page, corners, own, others in ((after, place.after, twos, ones), (before, place.before, ones, twos)):
            own.append(page.read(corners, pad))
            if any(labels.same(own[-1].text, other.text) for other in others):
                return said
    alike = lines.likeness(before.flat(place.before, PADS[1]), after.flat(place.after, PADS[1]))
    changed = _changed(ones, twos, alike)
    if changed:
        return replace(said, changed=changed)
    if place.found_before and place.found_after:
        garbled = _steady(ones) and not _steady(twos) and place.height >= LARGE and len(ones[0].text) > 3
        return replace(said, alike=alike if garbled else None)
    (one, two) = (max(these, key=lambda reading: reading.score) for these in (ones, twos))
    if labels.likeness(one.text, two.text) >= SAME_TEXT or alike >= ALIKE:
        return said
    if place.found_before and _steady(ones) and labels.weighs(one.text):
        return replace(said, lost=one.tokens)
    if place.found_after and _steady(twos) and labels.weighs(two.text):
        return replace(said, new=two.tokens)
    return said


def _changed(ones: Sequence[Reading], twos: Sequence[Reading], alike: float) -> tuple[tuple[str, str], ...]:
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


def _steady(readings: Sequence[Reading]) -> bool:
    """Whether the first reading of a place is confirmed by another, surely enough to accuse."""
    first, *others = readings
    return first.sure and any(other.sure and labels.likeness(first.text, other.text) >= STEADY for other in others)


def _by_text(ours: Sequence[Reading], theirs: Sequence[Reading]) -> Lettering:
    """Without knowing what lies where: lines that resemble each other belong together."""

    def known(line: Reading, others: Sequence[Reading]) -> bool:
        return any(labels.likeness(line.text, other.text) >= SAME_TEXT for other in others)

    def alone(these: Sequence[Reading], others: Sequence[Reading]) -> tuple[str, ...]:
        left = (line for line in these if line.sure and labels.weighs(line.text) and not known(line, others))
        return tuple(token for line in left for token in line.tokens)

    before, after = (tuple(token for line in found for token in line.tokens) for found in (ours, theirs))
    return Lettering(before, after, alone(ours, theirs), alone(theirs, ours))
