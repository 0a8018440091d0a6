"""A filter that is one of several, or none: a box that says «Todas» until one is chosen, tied to the page's address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, cast

import streamlit as st

from core.ui import address
from core.ui.address import Bound

Code = TypeVar("Code", int, str)
#: Not None, for which Streamlit draws a cross that takes nothing away.
_NONE = ""


@dataclass(frozen=True)
class Choice(Generic[Code]):
    names: Mapping[int | str, str]
    bound: Bound

    @property
    def chosen(self) -> Code | None:
        """Also before it is drawn."""
        code = st.session_state.get(self.bound["key"], _NONE)
        return None if code == _NONE else cast(Code, code)

    @property
    def said(self) -> str:
        """The name of what is chosen, or nothing."""
        return "" if self.chosen is None else self.names[self.chosen]

    def draw(
        self, label: str, every: str, *, width: int | Literal["stretch"], filter_mode: Literal["contains"] | None
    ) -> Code | None:
        """`every`: what the box says of none. `filter_mode`: as of `st.selectbox`."""
        st.selectbox(
            label,
            [_NONE, *self.names],
            format_func=lambda code: self.names.get(code, every),
            filter_mode=filter_mode,
            width=width,
            **self.bound,
        )
        return self.chosen


def bind(word: str, key: str, names: Mapping[Code, str], unlisted: Callable[[int], str] | None = None) -> Choice[Code]:
    """`word`: of the address. `unlisted` names a number that a link asks for and `names` doesn't hold; without it such a
    one means none."""
    read = {str(code): code for code in names}.get if unlisted is None else address.number
    bound = address.bound(word, key, cast("Callable[[str], Code | None]", read))
    listed: dict[int | str, str] = dict(names.items())
    code = st.session_state.get(bound["key"], _NONE)
    if code != _NONE and code not in listed:
        if unlisted is not None and isinstance(code, int):
            listed[code] = unlisted(code)
        else:
            st.session_state[bound["key"]] = _NONE
    return Choice(listed, bound)
