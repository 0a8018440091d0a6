"""Confirmations that stay open when the page behind them runs again, as it does by itself while work goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec

import streamlit as st

P = ParamSpec("P")


@dataclass(frozen=True)
class Dialog(Generic[P]):
    """`body` draws the inside from what `open` was given; it closes the dialog when it is done."""

    name: str
    title: Callable[[], str]
    body: Callable[P, None]

    @property
    def _key(self) -> str:
        return f"dialog_{self.name}"

    def open(self, *args: P.args, **kwargs: P.kwargs) -> None:
        st.session_state.pop(self._seen, None)
        st.session_state[self._key] = (args, kwargs)

    def close(self) -> None:
        st.session_state.pop(self._key, None)

    @property
    def _seen(self) -> str:
        return f"{self._key}_seen"

    def seen(self, now: int) -> int:
        """The number that was shown before whatever set off this run, for a yes that is carried out by a later one. Call
        it once a run, with the number that is shown now."""
        before: int = st.session_state.get(self._seen, now)
        st.session_state[self._seen] = now
        return before

    def draw(self) -> None:
        """On every run of the page, after whatever may open it. Streamlit shows one dialog a run."""
        if opened := st.session_state.get(self._key):
            args, kwargs = opened
            st.dialog(self.title(), on_dismiss=self.close)(self.body)(*args, **kwargs)
