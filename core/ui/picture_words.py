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


def review(code: str | None) -> tuple[str, str, BadgeColor] | None:
    """(word, icon, colour) of a badge; None: nobody is asked and nobody decided."""
    badges: dict[str, tuple[str, str, BadgeColor]] = {
        "awaiting": (_("Espera revisión"), ":material/schedule:", "orange"),
        "approved": (_("Aprobada"), ":material/check_circle:", "green"),
        "rejected": (_("Rechazada"), ":material/cancel:", "red"),
        "superseded": (_("Reemplazada"), ":material/history:", "gray"),
        "trial": (_("Prueba de receta"), ":material/science:", "violet"),
    }
    return badges.get(code or "")


class Asks(NamedTuple):
    """What a finished picture still asks of people, or what they refused: beside the state of its job."""

    word: str
    shape: str
    icon: str
    color: BadgeColor

    @property
    def chip(self) -> str:
        return f"{self.shape} {self.word}"


def asks(review: str | None, verdict: str | None) -> Asks | None:
    """None: nobody is asked to look, and nobody refused it."""
    if review == "awaiting":
        return _all_asks()["bad" if verdict == "bad" else "awaiting"]
    return _all_asks()["rejected"] if review == "rejected" else None


def all_asks() -> list[Asks]:
    return list(_all_asks().values())


def _all_asks() -> dict[str, Asks]:
    return {
        "awaiting": Asks(_("Revisar"), "○", ":material/rate_review:", "orange"),
        "bad": Asks(_("Revisar: salió mal"), "✕", ":material/report:", "red"),
        "rejected": Asks(_("Rechazada"), "✕", ":material/cancel:", "red"),
    }


def badge(review: str | None, verdict: str | None) -> None:
    if found := asks(review, verdict):
        st.badge(found.word, icon=found.icon, color=found.color)


def findings(report: Mapping[str, Any]) -> list[str]:
    """Why a person should look, a sentence each; reports of before kept the codes alone."""
    found = report.get("findings")
    return [finding(one) for one in (report.get("doubts") if found is None else found) or ()]


def finding(found: Mapping[str, Any] | str) -> str:
    msgid, params = doubts.sentence(found)
    return doubts.fill(_(msgid), params)
