"""Before settings are saved: each change, and what it will do, in figures of now."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from core.access.actors import Role
from core.bootstrap import App
from core.errors import AppError
from core.money import budget
from core.queue import counts, forecast, pause
from core.settings import change
from core.settings.values import Tuning, Value, load_tuning
from core.ui import errors, formats, guard, prices, settings_fields, snapshot
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape, ngettext

SAVED = "settings_saved"
_PACE = frozenset({"speed", "delay_seconds", "images_per_minute", "in_flight"})
#: How many articles a change of pace is told for when none wait.
_EXAMPLE = 100


@dataclass(frozen=True)
class Change:
    name: str
    label: str
    before: Value
    after: Value
    does: str  #: what the setting does, for staff


def _body(changes: list[Change]) -> None:
    actor, app = guard.require(Role.ADMIN), guard.app()
    for line in told(app, changes):
        st.markdown(f"- {line}")
    label = ngettext("Guardar {n} cambio", "Guardar {n} cambios", len(changes)).format(n=len(changes))
    if not st.button(label, key="confirm_settings", type="primary", icon=":material/save:", width="stretch"):
        return
    with app.engine.connect() as connection:
        stood = pause.current(connection)
    try:
        change.change_all(app.engine, actor, {each.name: each.after for each in changes}, app.settings.shop_timezone)
    except AppError as error:
        errors.show(error)
        return
    with app.engine.connect() as connection:
        goes_on = stood is not None and pause.current(connection) is None
    said = _("Guardado. {changes}.").format(changes="; ".join(_changed(each) for each in changes))
    st.session_state[SAVED] = said + (_(" La cola sigue.") if goes_on else "")
    CONFIRM.close()
    snapshot.forget()
    st.rerun()


def told(app: App, changes: list[Change]) -> list[str]:
    """Markdown, a line each."""
    with app.engine.connect() as connection:
        before = load_tuning(connection)
    after = replace(before, **{each.name: each.after for each in changes})  # type: ignore[arg-type]
    lines = [f"**{escape(_changed(each))}.** {escape(_does(app, each, after))}" for each in changes]
    if any(each.name in _PACE for each in changes):
        lines.append(escape(_pace(app, before, after)))
    return lines


def _changed(each: Change) -> str:
    return _("{label}: {before} → {after}").format(
        label=each.label,
        before=settings_fields.said(each.name, each.before),
        after=settings_fields.said(each.name, each.after),
    )


def _does(app: App, each: Change, after: Tuning) -> str:
    if each.name in ("daily_budget", "monthly_budget"):
        return _left(app, each.name == "daily_budget", after)
    return each.does


def _left(app: App, is_day: bool, after: Tuning) -> str:
    with app.engine.connect() as connection:
        now = budget.read(connection, app.settings.shop_timezone, after)
    spent, cap = (now.day_spent, now.day_cap) if is_day else (now.month_spent, now.month_cap)
    so_far = _("Hoy van {spent}.") if is_day else _("En el mes van {spent}.")
    told = so_far.format(spent=formats.money(spent))
    if not cap:
        return told + " " + _("Sin tope, nada detiene el gasto.")
    if spent >= cap:
        return told + " " + _("Es más que el tope nuevo: la cola se pone en pausa.")
    told += " " + _("Quedan {left}").format(left=formats.money(cap - spent))
    each = prices.per_picture(app)
    if not each:
        return told + "."
    many = int((cap - spent) / each)
    words = ngettext("unas {n} imagen más", "unas {n} imágenes más", many)
    return f"{told}: {words.format(n=formats.count(many))}."


def _pace(app: App, before: Tuning, after: Tuning) -> str:
    with app.engine.connect() as connection:
        waiting = counts.read(connection).pendientes
    many = waiting or _EXAMPLE
    takes = [
        formats.duration_range(*forecast.seconds_at(app.engine, app.settings.editor, tuning, many))
        for tuning in (before, after)
    ]
    words = (
        ngettext("El artículo que espera", "Los {n} artículos que esperan", many)
        if waiting
        else ngettext("{n} artículo", "{n} artículos", many)
    )
    return _("{what}, con un trabajador: {before} → {after}.").format(
        what=words.format(n=formats.count(many)), before=takes[0], after=takes[1]
    )


CONFIRM = Dialog("settings", lambda: _("Guardar los ajustes"), _body)
