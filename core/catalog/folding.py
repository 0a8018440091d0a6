"""`revelado.fold` without the database: the letters that count as the same when people look for something."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import normalize

_SAME_LETTERS = tuple(
    letters + letters.upper() for letters in ("aáàâäãå", "eéèêë", "iíìîï", "oóòôöõø", "uúùûü", "nñ", "cç", "yýÿ")
)
_PLAIN = str.maketrans({letter: same[0] for same in _SAME_LETTERS for letter in same})


def fold(value: str) -> str:
    return normalize("NFC", value).lower().translate(_PLAIN)


def search(expression: str, words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """SQL conditions and their parameters: together they hold where `fold` finds every word in the text `expression`.

    Folding a long text in the database costs 30 times as much as matching it: here the few letters asked for are unfolded
    instead, into a regular expression. LIKE costs a third of that, so that it goes first: it decides alone about a word
    of digits and signs, and of any other it knows the letters that are written in one way only.
    """
    exact: list[str] = []
    outlines: list[str] = []
    patterns: list[str] = []
    params: dict[str, str] = {}
    for number, word in enumerate(normalize("NFC", word) for word in words):
        classes = [_same_as(letter) for letter in word]
        params[f"like{number}"] = f"%{''.join(_like(letters) for letters in classes)}%"
        if all(len(letters) == 1 for letters in classes):
            exact.append(f"{expression} LIKE :like{number}")
            continue
        # By the database's own collation ILIKE may cost more than it saves; by this one only a-z have two cases.
        outlines.append(f'({expression}) COLLATE "C" ILIKE :like{number}')
        patterns.append(f"{expression} ~ :word{number}")
        params[f"word{number}"] = "".join(_class(letters) for letters in classes)
    return exact + outlines + patterns, params


def _same_as(letter: str) -> str:
    """All that count as `letter`."""
    for same in _SAME_LETTERS:
        if letter in same:
            return same
    lower, upper = letter.lower(), letter.upper()
    return lower + upper if lower != upper and len(lower + upper) == 2 else letter


def _class(letters: str) -> str:
    if len(letters) > 1:
        return f"[{letters}]"
    return letters if letters.isalnum() or ord(letters) > 127 else f"\\{letters}"


def _like(letters: str) -> str:
    if len(letters) == 1:
        return f"\\{letters}" if letters in "%_\\" else letters
    return letters[0] if len(letters) == 2 and letters.isascii() else "_"
