"""The web process. `streamlit run dashboard.py`, `python dashboard.py` and `uvicorn dashboard:app` all start it."""

from __future__ import annotations

import streamlit as st

from core.api.app import create_api
from core.errors import StartupError
from core.ui import errors, web

try:
    panel = web.Panel(create_api)
except StartupError as error:
    web.refuse(error)

# Spelled out here because `streamlit run` looks for this very call in the source.
app = st.App(
    web.SCRIPT,
    routes=panel.routes,
    middleware=panel.middleware,
    lifespan=panel.lifespan,
    on_script_error=errors.uncaught,
)

if __name__ == "__main__":
    app.run(config={"server.port": panel.settings.port})
