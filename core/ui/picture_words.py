"""The words for what a picture is, what the inspection said of it and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from core.inspect import doubts
from core.ui.components import BadgeColor
from core.ui.texts import _


def verdict(code: str | None) -> str:
    words = {"good": _("bien"), "doubtful": _("revisar"), "bad": _("mal")}
    return words.get(code or "", _("sin inspección"))


def recipe_kind(code: str | None) -> str:
    words = {"faithful": _("Fiel"), "composite": _("Fiel con luz de Gemini"), "creative": _("Creativa")}
    return words.get(code or "", "")


class Review(NamedTuple):
    """A person's look at a picture, as a badge of a page or a chip of a table."""

    word: str
    shape: str
    icon: str
    color: BadgeColor

    @property
    def chip(self) -> str:
        return f"{self.shape} {self.word}"


#: What a finished picture still asks of people, or what they refused: told beside the state of its job.
_TOLD = ("awaiting", "bad", "rejected")
_DECIDED = {"keep_original": "kept", "redo": "redone"}


def review(code: str | None, verdict: str | None = None) -> Review | None:
    """None: nobody is asked and nobody decided. `verdict`: what the inspection said."""
    return _reviews().get("bad" if code == "awaiting" and verdict == "bad" else code or "")


def asks(code: str | None, verdict: str | None) -> Review | None:
    """None: nobody is asked to look, and nobody refused it."""
    return review(code, verdict) if code in _TOLD else None


def decided(decision: str | None) -> Review | None:
    """What a person did with it, where that says more than that it was rejected."""
    return _reviews().get(_DECIDED.get(decision or "", ""))


def replaced() -> Review:
    """The shop showed it, and shows another one now."""
    return _reviews()["superseded"]


def approved(code: str | None) -> Review | None:
    return review(code) if code == "approved" else None


def all_told() -> list[Review]:
    """All that may stand beside a job."""
    return [*all_asks(), replaced(), _reviews()["approved"]]


def all_asks() -> list[Review]:
    return [_reviews()[code] for code in (*_TOLD, *_DECIDED.values())]


def _reviews() -> dict[str, Review]:
    return {
        "awaiting": Review(_("Revisar"), "○", ":material/rate_review:", "orange"),
        "bad": Review(_("Revisar: salió mal"), "✕", ":material/report:", "red"),
        "approved": Review(_("Aprobada"), "●", ":material/check_circle:", "green"),
        "rejected": Review(_("Rechazada"), "✕", ":material/cancel:", "red"),
        "kept": Review(_("Quedó la original"), "–", ":material/image:", "gray"),
        "redone": Review(_("Se pidió otra"), "–", ":material/autorenew:", "gray"),
        "superseded": Review(_("Reemplazada"), "–", ":material/history:", "gray"),
        "trial": Review(_("Prueba de receta"), "○", ":material/science:", "violet"),
    }


def badge(found: Review | None) -> None:
    if found:
        st.badge(found.word, icon=found.icon, color=found.color)


def findings(report: Mapping[str, Any]) -> list[str]:
    """Why a person should look, a sentence each; reports of before kept the codes alone."""
    found = report.get("findings")
    told = [finding(one) for one in (report.get("doubts") if found is None else found) or ()]
    return [_("Alguien ya la había sacado de la tienda."), *told] if report.get("unwanted") else told


def finding(found: Mapping[str, Any] | str) -> str:
    msgid, params = doubts.sentence(found)
    return doubts.fill(_(msgid), params)
