"""Compares what labels say: words and numbers that were lost, appeared or changed. Pure text, no pictures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

#: Signs that a reader takes for each other; a class holds one digit at most, so that an altered digit still shows.
CONFUSED = str.maketrans("oqgli|!sbzø∅⌀×²³µ", "0991111582000x23u")
WORD = re.compile(r"\S+")
#: 2,5 mm is not 25 mm, nor is 1/2 the same as 12.
#: What stands between a number and the next, and letters before one that belong to it (M8, C20, SC-600).
BETWEEN, LONGEST_PREFIX = "xX×-–~·()[]:;,.", 3
#: A word has as many letters, and is the same from this likeness on.
SHORTEST_WORD, SAME_WORD = 4, 0.8
#: Of so many signs one may be swapped in what is still the same text.
MOST_SWAPPED = 6
NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
#: What a reader makes of a row of slots or teeth: strokes and rings.
ROW = re.compile(r"[01]{5,}")
BETWEEN_DIGITS = re.compile(r"(?<=\d)[.,](?=\d)")


def normalised(text: str) -> str:
    """Only what carries meaning and what a reader can tell apart: no spaces, accents, case or punctuation."""
    return "".join(sign for sign, _ in _signs(text))


def _signs(text: str) -> list[tuple[str, str]]:
    """Each sign of the normalised text, and what stood for it."""
    plain = unicodedata.normalize("NFKD", BETWEEN_DIGITS.sub("§", text.casefold()))
    signs = [(sign.translate(CONFUSED), sign) for sign in plain]
    kept = [pair for pair in signs if pair[0].isalnum() or pair[0] in "§/"]
    while kept and not kept[-1][0].isalnum():
        kept.pop()
    while kept and not kept[0][0].isalnum():
        kept.pop(0)
    return kept


def same(one: str, two: str) -> bool:
    return normalised(one) == normalised(two)


def is_another_word(one: str, two: str) -> bool:
    """Whether two words differ by more than a reader's slip: a letter doubled, mistaken, or lost around the side."""
    shorter, longer = sorted((normalised(one), normalised(two)), key=len)
    if len(shorter) < SHORTEST_WORD or has_digit(one, two) or shorter in longer:
        return False
    return likeness(one, two) < SAME_WORD


def likeness(one: str, two: str) -> float:
    """0–1, of the normalised texts."""
    return SequenceMatcher(None, normalised(one), normalised(two), autojunk=False).ratio()


def tokens(text: str) -> tuple[str, ...]:
    return tuple(match.group() for match in WORD.finditer(text))


def has_digit(*texts: str) -> bool:
    return any(sign.isdigit() for text in texts for sign in text)


def weighs(text: str) -> bool:
    """Whether a lost or new text is worth a word: three signs or more, two where a digit is among them."""
    plain = normalised(text)
    return len(plain) >= 3 or (len(plain) == 2 and has_digit(text))


def is_row(text: str) -> bool:
    """Whether it may be no text at all: an air vent reads like 000000."""
    return ROW.fullmatch(normalised(text)) is not None


def changes(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """The words that differ, paired: `("Rollo 220V", "Rollo 22V")` → `(("220V", "22V"),)`.

    Spaces alone are no difference. A word without a partner is paired with "".
    """
    one, two = _Worded(before), _Worded(after)
    found: list[tuple[set[int], set[int]]] = []
    for tag, start, end, other_start, other_end in SequenceMatcher(
        None, one.signs, two.signs, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        pair = one.words_at(start, end), two.words_at(other_start, other_end)
        if found and (found[-1][0] & pair[0] or found[-1][1] & pair[1]):
            found[-1][0].update(pair[0])
            found[-1][1].update(pair[1])
        else:
            found.append(pair)
    pairs = ((one.spoken(first), two.spoken(second)) for first, second in found)
    return tuple(pair for pair in pairs if not same(*pair))


def swapped_digits(before: str, after: str) -> set[tuple[str, str]]:
    """Digits that stand in each other's place in texts that are otherwise the same: `{("5", "8")}`."""
    one, two = _signs(before), _signs(after)
    if len(one) != len(two):
        return set()
    swaps = {(a[1], b[1]) for a, b in zip(one, two, strict=True) if a[0] != b[0]}
    few = len(swaps) <= max(1, len(one) // MOST_SWAPPED)
    return {swap for swap in swaps if swap[0].isdigit() and swap[1].isdigit()} if few else set()


def numbers(text: str) -> dict[str, str]:
    """Each number of a text, as it is spoken: `Rollo C20 2,5mm` → `{"20": "C20", "2.5": "2,5mm"}`."""
    found: dict[str, str] = {}
    for word in tokens(text):
        matches = [*NUMBER.finditer(word)]
        ends = [*(match.start() for match in matches[1:]), len(word)]
        for match, end in zip(matches, ends, strict=False):
            start = 0 if match is matches[0] and match.start() <= LONGEST_PREFIX else match.start()
            found.setdefault(match.group().replace(",", "."), word[start:end].strip(BETWEEN))
    return found


def altered_numbers(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Numbers that two readings `before` have and none `after`, paired with those it is the other way round with.

    Pairs are of the words that hold them; "" where one side has no partner left.
    """
    ones, twos = [numbers(text) for text in before], [numbers(text) for text in after]
    gone, come = _only_in(ones, twos), _only_in(twos, ones)
    pairs = []
    for word in gone:
        best = max(come, key=lambda other: likeness(word, other), default="")
        come = [other for other in come if other is not best]
        pairs.append((word, best))
    return tuple(pairs) + tuple(("", word) for word in come)


def _only_in(readings: Sequence[dict[str, str]], others: Sequence[dict[str, str]]) -> list[str]:
    """As spoken, the numbers that two of `readings` have and none of `others`."""
    seen = {number: word for reading in reversed(readings) for number, word in reading.items()}
    return [
        word
        for number, word in seen.items()
        if sum(number in reading for reading in readings) > 1 and not any(number in other for other in others)
    ]


class _Worded:
    """A text's signs, each of which knows its word."""

    def __init__(self, text: str) -> None:
        self._words: Sequence[str] = tokens(text)
        owned = [(sign, number) for number, word in enumerate(self._words) for sign in normalised(word)]
        self.signs = "".join(sign for sign, _ in owned)
        self._owner = [number for _, number in owned]

    def words_at(self, start: int, end: int) -> set[int]:
        """The words that signs `start` to `end` belong to; of an insertion between two signs, the word around it."""
        if start < end:
            return set(self._owner[start:end])
        around = self._owner[max(0, start - 1) : start + 1]
        return set(around[:1]) if len(set(around)) == 1 else set()

    def spoken(self, words: set[int]) -> str:
        return " ".join(self._words[number] for number in sorted(words))
