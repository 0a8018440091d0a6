"""What was tried for a job, drawn: one bar an attempt, each of its stages as long as it took, the seconds in words below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from core.queue.history import AttemptRow
from core.queue.stats import STAGES
from core.ui import components, formats, markup, sentences
from core.ui.texts import _, escape

_BAD = ("retry", "failed", "rescued")


def draw(attempts: Sequence[AttemptRow]) -> None:
    if not attempts:
        return
    st.markdown(f"**{escape(_('Qué se intentó'))}**")
    rows = [(_said(attempt), _stages(attempt), attempt.outcome in _BAD) for attempt in attempts]
    st.html(markup.timeline(rows, components.state_color("processing"), components.state_color("failed")))


def _said(attempt: AttemptRow) -> str:
    outcomes = {
        "completed": _("salió bien"),
        "retry": _("falló, se volvió a intentar"),
        "failed": _("falló"),
        "released": _("se devolvió a la cola"),
        "snoozed": _("quedó en espera"),
        "rescued": _("se interrumpió y se recuperó"),
    }
    outcome = outcomes.get(attempt.outcome or "", _("en curso"))
    took = attempt.finished_at - attempt.started_at if attempt.finished_at else timedelta()
    said = _("{when}: {outcome}, {time}").format(
        when=formats.datetime_text(attempt.started_at), outcome=outcome, time=formats.duration(took.total_seconds())
    )
    return f"{said}. {attempt.error_message}" if attempt.error_message else said


def _stages(attempt: AttemptRow) -> list[tuple[str, float, str]]:
    """(stage in words, seconds, both), in the article's order. What no stage accounts for is not drawn."""
    told = []
    for stage, seconds in sorted(attempt.seconds.items(), key=_place):
        words = _("{stage} {seconds} s").format(
            stage=sentences.stage(stage), seconds=formats.number(round(float(seconds), 1))
        )
        told.append((sentences.stage(stage), float(seconds), words))
    return told


def _place(timed: tuple[str, float]) -> int:
    """The database keeps them in an order of its own."""
    return STAGES.index(timed[0]) if timed[0] in STAGES else len(STAGES)
