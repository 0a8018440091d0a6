"""Earlier and later pages by keyset: the address says where one is, the session where the pages before began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import streamlit as st

from core.ui import address


@dataclass(frozen=True)
class Trail:
    """`where`: the filter. `starts`: the `before_id` of each page that was gone through, by its number from 1; the first
    page's is None."""

    where: object
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


class Words(NamedTuple):
    newer: str
    newest: str
    older: str


def arrived(trail: object, where: object, number: int, before_id: int | None) -> Trail:
    """At the page that the address names. `trail`: of before; its pages count while the filter is the same."""
    known = trail.starts if isinstance(trail, Trail) and trail.where == where else {}
    number = 1 if before_id is None else max(2, number)
    return Trail(where, number, {**known, 1: None, number: before_id})


def here(name: str, where: object) -> Trail:
    """`name`: of the list. After `address.follow`."""
    key = f"{name}_trail"
    trail = arrived(st.session_state.get(key), where, *address.place())
    st.session_state[key] = trail
    return trail


def draw(name: str, trail: Trail, next_before: int | None, words: Words) -> None:
    """The two buttons, where there is another page. `next_before`: of the page after this one; None on the last."""
    if trail.number == 1 and next_before is None:
        return
    with st.container(horizontal=True):
        st.button(
            words.newer if trail.knows_previous or trail.number == 1 else words.newest,
            key=f"{name}_newer",
            icon=":material/chevron_left:",
            disabled=trail.number == 1,
            on_click=address.turn,
            args=trail.previous(),
        )
        st.button(
            words.older,
            key=f"{name}_older",
            icon=":material/chevron_right:",
            disabled=next_before is None,
            on_click=address.turn,
            args=trail.following(next_before) if next_before is not None else (),
        )
