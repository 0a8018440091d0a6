"""The priorities that staff choose between. The REST contract takes any number; higher goes first."""

from __future__ import annotations

from core.ui.texts import _

ALL = (0, 10, -10)


def word(number: int) -> str:
    """Any number: those between the ones that staff know are told by which side of normal they are on."""
    if number > 0:
        return _("Urgente")
    return _("Sin apuro") if number < 0 else _("Normal")
