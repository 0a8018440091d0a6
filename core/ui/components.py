"""Small parts that several pages draw the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import streamlit as st

from core.queue.pause import OUT_OF_HOURS, Pause
from core.queue.stats import WorkerLight
from core.ui import compare_slider, frame, images
from core.ui.texts import N_, _, escape, ngettext

BadgeColor = Literal["orange", "blue", "green", "red", "gray", "violet"]


class Look(NamedTuple):
    """Colour never speaks alone: each state has a word and a shape too."""

    color: BadgeColor  #: a theme colour; `.streamlit/config.toml` gives it the four values of the house
    shape: str
    icon: str
    light: str  #: hexadecimal, for charts on a light page
    dark: str


#: A job of the economy lane, in words of its own where jobs are listed.
_NIGHT, _SENT = "pending_night", "processing_night"
_NEVER = Look("gray", "–", ":material/remove:", "#6B6F76", "#A6ABB1")
LOOKS: dict[str, Look] = {
    "pending": Look("orange", "○", ":material/schedule:", "#B26A00", "#F0A63A"),
    "processing": Look("blue", "◐", ":material/autorenew:", "#1F5FBF", "#6EA8FF"),
    "completed": Look("green", "●", ":material/check_circle:", "#1E7B46", "#4CC38A"),
    "failed": Look("red", "✕", ":material/error:", "#B3261E", "#FF6B63"),
    _NIGHT: Look("orange", "☾", ":material/bedtime:", "#B26A00", "#F0A63A"),
    _SENT: Look("blue", "☾", ":material/bedtime:", "#1F5FBF", "#6EA8FF"),
}


_WORDS = {
    "pending": N_("Pendiente"),
    "processing": N_("Procesando"),
    "completed": N_("Completado"),
    "failed": N_("Fallido"),
    _NIGHT: N_("Espera la tanda de la noche"),
    _SENT: N_("En la tanda de Gemini"),
}


def shown_state(estado: str | None, lane: str | None, stage: str | None) -> str | None:
    """The key of LOOKS for a job: its state, unless the economy lane has more to tell."""
    if lane == "economy" and estado == "pending":
        return _NIGHT
    if estado == "processing" and stage == "economy":
        return _SENT
    return estado


def status_word(estado: str | None) -> str:
    return _(_WORDS.get(estado or "", N_("Sin procesar")))


def look(estado: str | None) -> Look:
    """None: never in the queue."""
    return LOOKS.get(estado or "", _NEVER)


def state_color(estado: str | None) -> str:
    """For HTML: the browser chooses by the theme that it shows."""
    look = LOOKS.get(estado or "", _NEVER)
    return f"light-dark({look.light}, {look.dark})"


def chart_color(estado: str | None) -> str:
    """For charts, which know hexadecimal only: for the theme the browser shows now."""
    look = LOOKS.get(estado or "", _NEVER)
    return look.dark if st.context.theme.type == "dark" else look.light


#: As in `.streamlit/config.toml`: on a light page, on a dark one. Outside our own components no style knows the theme's.
_ACCENT = ("#B4381F", "#FF7A5C")
#: For styles: the browser chooses by the theme that it shows.
ACCENT_CSS = f"light-dark({', '.join(_ACCENT)})"


def accent() -> str:
    """Of what is counted in money, for the theme the browser shows now."""
    return _ACCENT[st.context.theme.type == "dark"]


def header(title: str, sentence: str = "") -> None:
    """The top of every page: its name, and one sentence of what it is for or what needs attention. Plain text, both."""
    st.title(escape(title), anchor=False)
    if sentence:
        st.markdown(escape(sentence))


def section(title: str, sentence: str = "") -> None:
    st.header(escape(title), anchor=False)
    if sentence:
        st.markdown(escape(sentence))


def empty_state(title: str, text: str, page: str | None = None, label: str | None = None) -> None:
    """Nothing here yet, and the next step. `page` is a name of `frame.PAGES`; `label` of its link, else its title."""
    with st.container(border=True):
        st.markdown(f"**{escape(title)}**")
        st.markdown(escape(text))
        if page:
            st.page_link(frame.page(page), label=label)


def worker_light(workers: Sequence[WorkerLight], pause: Pause | None) -> str:
    """Markdown of one line: is somebody making pictures."""
    alive = [worker for worker in workers if worker.alive]
    if pause and pause.reason_code == OUT_OF_HOURS:
        return _badge("gray", "bedtime", _("Fuera de horario"))
    if pause:
        return _badge("gray", "pause_circle", _("Cola en pausa"))
    if alive:
        words = ngettext("{n} trabajador automático", "{n} trabajadores automáticos", len(alive))
        return _badge("green", "check_circle", words.format(n=len(alive)))
    if workers:
        return _badge("red", "error", _("Trabajador sin señal"))
    return _badge("red", "error", _("Ningún trabajador en marcha"))


def _badge(color: BadgeColor, icon: str, words: str) -> str:
    """As `st.badge` draws it, within a text."""
    return f":{color}-badge[:material/{icon}: {escape(words)}]"


def compare(before_url: str, after_url: str, *, name: str = "", key: str) -> None:
    """Before on the left, after on the right, a handle between. `name`: of the article, for screen readers."""
    compare_slider.draw(images.full_url(before_url) or "", images.full_url(after_url) or "", name, key)
