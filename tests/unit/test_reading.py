"""A label is looked for and read once: what is known of a source serves all its finished pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.inspect.lettering import compare
from core.inspect.reading import Page
from core.pixels import Box, Floats, Pixels

LINE = np.array([[100, 100], [300, 100], [300, 140], [100, 140]], np.float32)
WHOLE: Box = (0, 0, 480, 480)
NOT_MOVED = np.array([[1.0, 0, 0], [0, 1, 0]])


class Reader:
    """Finds the dark line, and reads what it was told to, patch by patch."""

    def __init__(self, *texts: str, score: float = 0.99) -> None:
        self.texts, self.score, self.looks, self.readings = list(texts), score, 0, 0

    def find(self, pixels: Pixels) -> list[Floats]:
        self.looks += 1
        rows, columns = np.nonzero(pixels[..., 0] < 128)
        left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        return [np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)]

    def read(self, patches: Sequence[Pixels]) -> list[tuple[str, float]]:
        self.readings += len(patches)
        return [(self.texts[min(self.readings, len(self.texts)) - 1], self.score) for _ in patches]


def picture(gap: int = 0) -> Pixels:
    """A dark line, with a light bar as wide as `gap` in it."""
    pixels = np.full((480, 480, 3), 255, np.uint8)
    pixels[100:140, 100:300] = 0
    pixels[100:140, 180 : 180 + gap] = 255
    return pixels


def page(reader: Reader, gap: int | None = None) -> Page:
    """A source, or its finished picture when a `gap` is told."""
    return Page(picture(gap or 0), reader, None if gap is None else NOT_MOVED)


def test_a_place_is_searched_once_and_again_only_at_another_size() -> None:
    reader = Reader("220V")
    source = page(reader)
    assert source.find(WHOLE, 1.0) is source.find((4, 4, 478, 478), 1.05)
    assert reader.looks == 1
    source.find(WHOLE, 2.0)
    assert reader.looks == 2


def test_a_line_is_read_once_for_each_margin_around_it() -> None:
    reader = Reader("220V")
    source = page(reader)
    assert source.read(LINE, 0.1).text == source.read(LINE, 0.1).text == "220V"
    assert reader.readings == 1
    source.read(LINE, 0.2)
    assert reader.readings == 2


def test_corners_are_told_in_pixels_of_the_source() -> None:
    moved = Page(picture(), Reader("x"), np.array([[2.0, 0, 5], [0, 2, 7]]))
    np.testing.assert_allclose(moved.find(WHOLE, 1.0)[0], LINE * 2 + (5, 7), atol=0.01)


def test_labels_that_say_the_same_are_read_once_each() -> None:
    one, two = Reader("220V 750W"), Reader("220 V 750 W")
    told = compare(page(one), WHOLE, page(two, gap=30), WHOLE)
    assert not told.differs
    assert (one.readings, two.readings) == (1, 1)
    assert told.before == ("220V", "750W")


def test_letters_that_look_the_same_are_read_in_the_source_alone() -> None:
    one, two = Reader("220V 750W"), Reader("22V 750W")
    told = compare(page(one), WHOLE, page(two, gap=0), WHOLE)
    assert (told.differs, two.readings) == (False, 0)
    assert told.after == told.before == ("220V", "750W")


def test_what_differs_is_read_again_before_it_accuses() -> None:
    one, two = Reader("220V 750W"), Reader("22V 750W")
    told = compare(page(one), WHOLE, page(two, gap=30), WHOLE)
    assert told.changed == (("220V", "22V"),)
    assert two.readings == 6, "three margins, from afar and from near"
    slip = compare(page(Reader("220V")), WHOLE, page(Reader("22OV7", "220V"), gap=30), WHOLE)
    assert not slip.differs


def test_a_word_that_nobody_can_read_is_not_read_again() -> None:
    one, two = Reader("bvpe", score=0.6), Reader("mpr", score=0.6)
    assert not compare(page(one), WHOLE, page(two, gap=30), WHOLE).differs
    assert (one.readings, two.readings) == (1, 1)


def test_an_air_vent_that_reads_like_a_number_is_not_a_new_text() -> None:
    vent = compare(page(Reader("m", score=0.3)), WHOLE, page(Reader("000000"), gap=30), WHOLE)
    assert not vent.differs
