"""The words for what a picture is, what the inspection said of it and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import streamlit as st

from core.inspect import doubts
from core.ui import components
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


#: What a finished picture still asks of people, or what they said of it.
_TOLD = ("awaiting", "rejected", "approved")
_DECIDED = {"keep_original": "kept", "redo": "redone"}


def review(code: str | None, verdict: str | None = None) -> Review | None:
    """None: nobody is asked and nobody decided. `verdict`: what the inspection said."""
    return _reviews().get("bad" if code == "awaiting" and verdict == "bad" else code or "")


class Finished(Protocol):
    """A job, or an article by its last one, wherever it is listed."""

    @property
    def estado(self) -> str | None: ...
    @property
    def lane(self) -> str | None: ...
    @property
    def stage(self) -> str | None: ...
    @property
    def review(self) -> str | None: ...
    @property
    def verdict(self) -> str | None: ...
    @property
    def decision(self) -> str | None: ...
    @property
    def replaced(self) -> bool | None: ...
    @property
    def shown(self) -> bool | None: ...


def standing(row: Finished, *, doubtful: bool = False) -> Review:
    """How things stand with it, in one word: the state of its job, or what became of the picture once that is made.
    `doubtful`: a person should look, whatever the picture says.
    """
    state = components.shown_state(row.estado, row.lane, row.stage)
    look = components.look(state)
    plain = Review(components.status_word(state), look.shape, look.icon, look.color)
    if row.estado != "completed":
        return plain
    made = judged("awaiting" if doubtful else row.review, row.verdict, row.decision)
    if row.replaced and (made is None or row.review == "approved"):
        made = review("superseded")
    elif made is None and row.shown:
        made = _reviews()["shown"]
    return made or plain


def judged(code: str | None, verdict: str | None, decision: str | None) -> Review | None:
    """None: nobody is asked to look, and nobody decided. `decision`: the last one on it."""
    if decision in _DECIDED:
        return _reviews()[_DECIDED[decision]]
    return review(code, verdict) if code in _TOLD else None


def decided(decision: str) -> str:
    """What a person did with a picture, where that says more than that it was rejected; else empty."""
    found = _reviews().get(_DECIDED.get(decision, ""))
    return found.word if found else ""


def by_whom(decision: str | None, who: str) -> str:
    """«La rechazó Ana»; empty for what is no decision about a picture."""
    words = {
        "approve": _("La aprobó {who}"),
        "reject": _("La rechazó {who}"),
        "redo": _("{who} pidió otra"),
        "keep_original": _("{who} prefirió la original"),
        "restore": _("La restauró {who}"),
        "undo_batch": _("{who} deshizo su lote"),
    }
    return words.get(decision or "", "").format(who=who)


def all_standings() -> list[Review]:
    """All that `standing` may give."""
    told = [_reviews()[code] for code in (*_TOLD, "bad", *_DECIDED.values(), "superseded", "shown")]
    states = [(components.status_word(state), components.look(state)) for state in (*components.LOOKS, None)]
    return [*told, *(Review(word, look.shape, look.icon, look.color) for word, look in states)]


def _reviews() -> dict[str, Review]:
    return {
        "awaiting": Review(_("Revisar"), "○", ":material/rate_review:", "orange"),
        "bad": Review(_("Revisar: parece mal hecha"), "✕", ":material/report:", "red"),
        "approved": Review(_("Aprobada"), "●", ":material/check_circle:", "green"),
        "rejected": Review(_("Rechazada"), "✕", ":material/cancel:", "red"),
        "kept": Review(_("Quedó la original"), "–", ":material/image:", "gray"),
        "redone": Review(_("Se pidió otra"), "–", ":material/autorenew:", "gray"),
        "shown": Review(_("En la tienda"), "●", ":material/storefront:", "green"),
        "superseded": Review(_("Ya no se muestra"), "–", ":material/history:", "gray"),
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
