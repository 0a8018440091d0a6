"""Streamlit tells the browser the whole theme at every run, each tick of a fragment included.

For it, 1.67 reads all of its some two hundred options six times and turns their names into the wire's: a sixth of what
a tick of Progreso costs. Neither changes while we run.
"""

from __future__ import annotations

from functools import cache

from streamlit import config
from streamlit.runtime import app_session


def remember_theme() -> None:
    """Once a process, after the configuration is read."""
    for module, name in ((config, "get_options_for_section"), (app_session, "to_snake_case")):
        function = getattr(module, name)
        if not hasattr(function, "cache_info"):
            setattr(module, name, cache(function))
