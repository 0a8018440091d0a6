"""The words for what a picture is, what the inspection said of it and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import streamlit as st

from core.inspect import doubts
from core.ui.components import BadgeColor
from core.ui.texts import _


def verdict(code: str | None) -> str:
    words = {"good": _("bien"), "doubtful": _("revisar"), "bad": _("mal")}
    return words.get(code or "", _("sin inspección"))


def maker(model: str | None) -> str:
    """Who made it, in words; empty when nobody knows. The models of our own editor have names that say nothing."""
    if not model:
        return ""
    return model if model.startswith("gemini") else _("el editor de este equipo")


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


#: What a finished picture still asks of people, or what they refused.
_TOLD = ("awaiting", "bad", "rejected")
_DECIDED = {"keep_original": "kept", "redo": "redone"}


def review(code: str | None, verdict: str | None = None) -> Review | None:
    """None: nobody is asked and nobody decided. `verdict`: what the inspection said."""
    return _reviews().get("bad" if code == "awaiting" and verdict == "bad" else code or "")


class Judged(Protocol):
    """A job's picture, wherever it is listed."""

    @property
    def review(self) -> str | None: ...
    @property
    def verdict(self) -> str | None: ...
    @property
    def decision(self) -> str | None: ...
    @property
    def replaced(self) -> bool | None: ...


def told(row: Judged, *, doubtful: bool = False) -> Review | None:
    """What stands beside the state of a finished job. `doubtful`: a person should look, whatever the picture says."""
    code = "awaiting" if doubtful else row.review
    if row.decision in _DECIDED:
        return _reviews()[_DECIDED[row.decision]]
    if code in _TOLD:
        return review(code, row.verdict)
    if row.replaced:
        return review("superseded")
    return review(code) if code == "approved" else None


def decided(decision: str) -> str:
    """What a person did with a picture, where that says more than that it was rejected; else empty."""
    found = _reviews().get(_DECIDED.get(decision, ""))
    return found.word if found else ""


def all_told() -> list[Review]:
    """All that `told` may give."""
    return [_reviews()[code] for code in (*_TOLD, *_DECIDED.values(), "superseded", "approved")]


def _reviews() -> dict[str, Review]:
    return {
        "awaiting": Review(_("Revisar"), "○", ":material/rate_review:", "orange"),
        "bad": Review(_("Revisar: parece mal hecha"), "✕", ":material/report:", "red"),
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
