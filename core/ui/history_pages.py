"""Earlier and later pages by keyset: where each page so far began. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.queue.history_filter import HistoryFilter


@dataclass(frozen=True)
class Trail:
    """`starts`: the `before_id` of the first page up to the one shown; the first page's is None."""

    where: HistoryFilter
    starts: tuple[int | None, ...] = (None,)

    @property
    def before_id(self) -> int | None:
        return self.starts[-1]

    @property
    def number(self) -> int:
        return len(self.starts)

    def following(self, next_before: int) -> Trail:
        return Trail(self.where, (*self.starts, next_before))

    def previous(self) -> Trail:
        return Trail(self.where, self.starts[:-1] or (None,))


def continued(trail: object, where: HistoryFilter) -> Trail:
    """Where the person was, or the first page when the filter is another one."""
    return trail if isinstance(trail, Trail) and trail.where == where else Trail(where)
