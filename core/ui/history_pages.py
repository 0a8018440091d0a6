"""Earlier and later pages by keyset: the address says where one is, the session where the pages before began. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.queue.history_filter import HistoryFilter


@dataclass(frozen=True)
class Trail:
    """`starts`: the `before_id` of each page that was gone through, by its number from 1; the first page's is None."""

    where: HistoryFilter
    number: int
    starts: Mapping[int, int | None]

    @property
    def before_id(self) -> int | None:
        return self.starts[self.number]

    @property
    def knows_previous(self) -> bool:
        """Not so where a link or a reload led into the middle."""
        return self.number - 1 in self.starts

    def following(self, next_before: int) -> tuple[int, int]:
        """The next page's number and `before_id`."""
        return self.number + 1, next_before

    def previous(self) -> tuple[int, int | None]:
        """The page before, or the first one while nobody knows where that began."""
        return (self.number - 1, self.starts[self.number - 1]) if self.knows_previous else (1, None)


def arrived(trail: object, where: HistoryFilter, number: int, before_id: int | None) -> Trail:
    """At the page that the address names. `trail`: of the session; its pages count while the filter is the same."""
    known = trail.starts if isinstance(trail, Trail) and trail.where == where else {}
    number = 1 if before_id is None else max(2, number)
    return Trail(where, number, {**known, 1: None, number: before_id})
