"""The Streamlit script: who is it, which page, then the page.

It lies apart from `pages/`: Streamlit would serve a `pages` folder beside its script without ever running the script.
"""

from __future__ import annotations

import streamlit as st

from core.ui import address, frame, guard, reconnect, retouch, sidebar, sign_in, texts, tour

session = guard.current()
texts.set_language(session.language if session else "es")
ready = session is not None and not session.must_change_password

# Every page is known also to who hasn't signed in, so that an address leads there after the sign-in.
chosen = st.navigation(
    frame.menu(session.actor.role if session else None), position="sidebar" if ready else "hidden", expanded=True
)
st.set_page_config(page_title=f"{chosen.title} · Revelado", layout="wide")
st.logo(str(frame.STATIC / "logo.svg"), size="large")
retouch.draw()

if session is None:
    sign_in.draw()
    st.stop()
with st.sidebar if ready else st.container():
    sign_in.hand_over_cookie()
if session.must_change_password:
    sign_in.change_password(session)
    st.stop()
sidebar.draw(session, page=chosen.url_path, light=chosen.url_path not in ("", frame.PAGES["progress"].url))
reconnect.back()
address.arrived(chosen.url_path)
tour.visited(session.actor, chosen.url_path)
chosen.run()
