"""What a picture's label says: where its lines stand, and what each reads. Of a source it is found out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from core.inspect import labels, lines
from core.inspect.alignment import Map
from core.pixels import Box, Floats, Pixels, overlap

#: How sure a reading must be to take part, and to accuse.
READABLE, SURE = 0.5, 0.8
#: Boxes that overlap this much, seen at scales this near, show the same lines.
SAME_BOX, SAME_SCALE = 0.8, 1.2


class Reader(Protocol):
    def find(self, pixels: Pixels) -> list[Floats]: ...
    def read(self, patches: Sequence[Pixels]) -> list[tuple[str, float]]: ...


@dataclass(frozen=True)
class Reading:
    text: str
    score: float

    @property
    def tokens(self) -> tuple[str, ...]:
        return labels.tokens(self.text) if self.score >= READABLE else ()

    @property
    def sure(self) -> bool:
        return self.score >= SURE and bool(labels.normalised(self.text)) and not labels.is_row(self.text)


class Page:
    """A picture with text on it, RGB (h, w, 3). Corners are in its pixels, or where `movement` takes those."""

    def __init__(self, pixels: Pixels, reader: Reader, movement: Map | None = None) -> None:
        self.pixels, self.movement = pixels, movement
        self._reader = reader
        self._found: list[tuple[Box, float, list[Floats]]] = []
        self._flat: dict[tuple[bytes, float], Pixels] = {}
        self._said: dict[tuple[bytes, float], Reading] = {}

    def find(self, box: Box, scale: float) -> list[Floats]:
        """Corners of each line in `box`, looked at in `scale`; both in the picture's own pixels."""
        for known, at, found in self._found:
            if overlap(known, box) >= SAME_BOX and 1 / SAME_SCALE < at / scale < SAME_SCALE:
                return found
        found = [self._laid(corners) for corners in find(self.pixels, box, scale, self._reader)]
        self._found.append((box, scale, found))
        return found

    def flat(self, corners: Floats, pad: float) -> Pixels:
        """The line laid flat, wider by `pad` of its height on all sides."""
        key = (corners.tobytes(), pad)
        if key not in self._flat:
            self._flat[key] = lines.laid_flat(lines.padded(corners, pad), self.pixels, self.movement)
        return self._flat[key]

    def read(self, corners: Floats, pad: float) -> Reading:
        """What the line says. Dear: a third of an inspection's time goes into reading."""
        key = (corners.tobytes(), pad)
        if key not in self._said:
            ((text, score),) = self._reader.read([self.flat(corners, pad)])
            self._said[key] = Reading(text, score)
        return self._said[key]

    def _laid(self, corners: Floats) -> Floats:
        return corners if self.movement is None else lines.moved(corners, self.movement)


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
