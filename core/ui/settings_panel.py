"""Ajustes: speed, limits and budget; each field says what it does, saving says what changed."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.access.actors import Actor
from core.bootstrap import App
from core.errors import AppError, InvalidInput
from core.pipeline import outbox
from core.pipeline.outbox import Entry
from core.queue import pause
from core.settings import change
from core.settings.values import Tuning, Value, load_tuning
from core.ui import components, errors, formats, settings_fields, snapshot
from core.ui.settings_fields import Field
from core.ui.texts import _, escape, ngettext, quiet

_SAVED = "settings_saved"
_COLUMNS = 3


@dataclass(frozen=True)
class _Change:
    name: str
    label: str
    before: Value
    after: Value


def tuning_of(app: App) -> Tuning:
    with app.engine.connect() as connection:
        return load_tuning(connection)


def draw(app: App, actor: Actor, tuning: Tuning) -> None:
    speed = _choice("speed", _("Velocidad"), settings_fields.speeds(), tuning)
    inspection = _choice("inspection", _("Inspección"), settings_fields.inspections(), tuning)
    groups = settings_fields.groups(speed)
    # A form: what is typed stays as it is until it is saved.
    with st.form("settings", border=False):
        typed: list[tuple[Field, str]] = []
        for group in groups:
            components.section(group.title)
            for start in range(0, len(group.fields), _COLUMNS):
                columns = st.columns(_COLUMNS, gap="medium")
                for column, field in zip(columns, group.fields[start : start + _COLUMNS], strict=False):
                    with column:
                        typed.append((field, _input(field, tuning)))
        saved = st.form_submit_button(_("Guardar los ajustes"), type="primary", icon=":material/save:")
    # Beside the button, where the person looks.
    if said := st.session_state.pop(_SAVED, None):
        st.success(escape(said), icon=":material/check_circle:")
    if saved:
        chosen = [("speed", _("Velocidad"), speed), ("inspection", _("Inspección"), inspection)]
        _save(app, actor, tuning, chosen, typed)


def _choice(name: str, title: str, words: dict[str, tuple[str, str]], tuning: Tuning) -> str:
    kept = getattr(tuning, name)
    components.section(title)
    chosen = st.radio(
        title,
        list(words),
        index=list(words).index(kept),
        format_func=lambda value: f"**{escape(words[value][0])}**: {escape(words[value][1])}",
        key=f"settings_{name}_{kept}",
        label_visibility="collapsed",
    )
    return str(chosen)


def _input(field: Field, tuning: Tuning) -> str:
    kept = settings_fields.written(field.name, tuning)
    # The value is part of the key: once another is kept, by whomever, the field shows that one.
    with st.container(gap="xxsmall"):
        typed = st.text_input(
            field.label, kept, max_chars=settings_fields.longest(field.name), key=f"settings_{field.name}_{kept}"
        )
        st.markdown(f":small[{quiet(f'{field.does} {settings_fields.bounds(field.name)}')}]")
    return typed or ""


def _save(
    app: App, actor: Actor, tuning: Tuning, chosen: list[tuple[str, str, str]], typed: list[tuple[Field, str]]
) -> None:
    """All of it or nothing: one number that can't be read, and no other is kept."""
    wanted: list[tuple[str, str, Value]] = [*chosen]
    refused: list[InvalidInput] = []
    for field, words in typed:
        try:
            wanted.append((field.name, field.label, settings_fields.read(field, words)))
        except InvalidInput as error:
            refused.append(error)
    if refused:
        for problem in refused:
            errors.show(problem)
        st.warning(escape(_("No se guardó nada. Corrija lo señalado y guarde otra vez.")))
        return
    changes = [
        _Change(name, label, before, after)
        for name, label, after in wanted
        if after != (before := getattr(tuning, name))
    ]
    if not changes:
        st.info(escape(_("No cambió nada: todo quedó como estaba.")))
        return
    with app.engine.connect() as connection:
        stood = pause.current(connection)
    try:
        values = {each.name: each.after for each in changes}
        change.change_all(app.engine, actor, values, app.settings.shop_timezone)
    except AppError as error:
        errors.show(error)
        return
    with app.engine.connect() as connection:
        goes_on = stood is not None and pause.current(connection) is None
    st.session_state[_SAVED] = _what_changed(changes) + (_(" La cola sigue.") if goes_on else "")
    snapshot.forget()
    st.rerun()


def _what_changed(changes: list[_Change]) -> str:
    told = [
        _("{label}: {before} → {after}").format(
            label=each.label,
            before=settings_fields.said(each.name, each.before),
            after=settings_fields.said(each.name, each.after),
        )
        for each in changes
    ]
    return _("Guardado. {changes}.").format(changes="; ".join(told))


def draw_outbox(app: App) -> None:
    """What was promised outside the database and is still to come."""
    components.section(
        _("Tareas pendientes fuera de la base"),
        _("Lo que falta hacer en otros servicios. Se repite solo hasta que sale bien."),
    )
    with app.engine.connect() as connection:
        entries, total = outbox.pending(connection)
    if not entries:
        st.markdown(escape(_("No hay ninguna.")))
        return
    st.dataframe(
        [_cells(entry) for entry in entries],
        column_config={
            "tarea": st.column_config.TextColumn(_("Tarea"), width="large"),
            "proximo": st.column_config.TextColumn(_("Próximo intento")),
            "intentos": st.column_config.NumberColumn(_("Intentos"), width="small", format="%d"),
            "error": st.column_config.TextColumn(_("Último error"), width="large"),
        },
        hide_index=True,
        placeholder="",
        alt=_("Tareas pendientes fuera de la base"),
        key="settings_outbox",
    )
    if total > len(entries):
        more = ngettext("y {n} más", "y {n} más", total - len(entries))
        st.markdown(escape(more.format(n=formats.count(total - len(entries)))))


def _cells(entry: Entry) -> dict[str, object]:
    name = entry.articulo_nombre or _("un artículo")
    words = {
        "delete_superseded": _("Borrar la imagen reemplazada de «{name}»").format(name=name),
        "delete_original": _("Borrar la foto original de «{name}»").format(name=name),
        "webhook": _("Avisar a otro sistema"),
    }
    return {
        "tarea": words.get(entry.kind, entry.kind),
        "proximo": formats.clock(entry.run_after),
        "intentos": entry.tries,
        "error": entry.last_error or "",
    }
