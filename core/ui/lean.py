"""Streamlit tells the browser the whole theme at every run, each tick of a fragment included.

For it, 1.67 reads all of its some two hundred options six times and turns their names into the wire's: a sixth of what
a tick of Progreso costs. None of it changes while we run.
"""

from __future__ import annotations

from functools import cache, wraps

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session


def remember_theme() -> None:
    """Once a process, after the configuration is read: each section is put together once and copied from then on."""
    put_together = app_session._populate_theme_msg
    if hasattr(put_together, "__wrapped__"):
        return

    @cache
    def section(name: str) -> CustomThemeConfig:
        message = CustomThemeConfig()
        put_together(message, name)
        return message

    @wraps(put_together)
    def copied(message: CustomThemeConfig, name: str = "theme") -> None:
        known = section(name)
        if known.ByteSize():  # what nobody configured must not look configured
            message.MergeFrom(known)

    app_session._populate_theme_msg = copied  # type: ignore[assignment]  # a function of another module is replaced
