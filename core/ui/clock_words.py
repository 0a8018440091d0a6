"""An hour as part of a sentence, by the shop's clock: what runs past midnight says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.ui import formats
from core.ui.texts import _


def of(moment: datetime) -> str:
    """After «hacia» or «desde»: «las 15:42», «las 05:40 de mañana», «el 25 nov, 09:10»."""
    return _said(moment, {-1: _("las {hour} de ayer"), 0: _("las {hour}"), 1: _("las {hour} de mañana")})


def at(moment: datetime) -> str:
    """«a las 15:42», «a las 05:40 de mañana», «el 25 nov, 09:10»."""
    return _said(moment, {-1: _("a las {hour} de ayer"), 0: _("a las {hour}"), 1: _("a las {hour} de mañana")})


def _said(moment: datetime, by_day: Mapping[int, str]) -> str:
    zone = formats.timezone()
    local = moment.astimezone(zone)
    days = (local.date() - datetime.now(zone).date()).days
    if days not in by_day:
        return _("el {day}").format(day=formats.clock(moment))
    return by_day[days].format(hour=f"{local:%H:%M}")
