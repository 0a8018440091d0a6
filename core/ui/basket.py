"""The articles a person has ticked so far, over all pages and filters: ids, never row positions.

A table tells which *positions* are ticked; the same position is another article on the next page. Every change here is
a pure function of ids, so that what is enqueued is what was seen ticked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.catalog.articles import ArticleFilter
from core.queue.enqueue import Matching

Basket = frozenset[int]
EMPTY: Basket = frozenset()


@dataclass(frozen=True)
class Whole:
    """All that matched a filter were ticked at once: what is meant is the filter, `ids` are those it gave then."""

    where: ArticleFilter
    ids: Basket

    def meant(self, basket: Basket) -> tuple[Matching, Basket]:
        """(the filter, less what was unticked since; what is ticked besides)."""
        without = self.ids - basket
        return Matching(self.where, len(self.ids) - len(without), without), basket - self.ids


def after_ticking(basket: Basket, shown: Sequence[int], positions: Iterable[int]) -> Basket:
    """The basket once the table that showed `shown` has exactly `positions` ticked."""
    ticked = {shown[position] for position in positions if 0 <= position < len(shown)}
    return (basket - set(shown)) | ticked


def positions(basket: Basket, shown: Sequence[int]) -> list[int]:
    """Which rows of the table are ticked when it is drawn anew."""
    return [position for position, article in enumerate(shown) if article in basket]


def table_key(name: str, shown: Sequence[int], version: int) -> str:
    """Another key whenever other rows are shown, or the basket changed outside the table (`version`)."""
    digest = hashlib.sha256(",".join(map(str, shown)).encode()).hexdigest()[:12]
    return f"{name}_{digest}_{version}"
