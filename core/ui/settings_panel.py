"""Ajustes: speed, limits and budget; each field says what it does, saving says first what will change."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.errors import InvalidInput
from core.pipeline import outbox
from core.pipeline.outbox import Entry
from core.settings.values import Tuning, Value, load_tuning
from core.ui import components, errors, formats, settings_confirm, settings_fields
from core.ui.settings_confirm import Change
from core.ui.settings_fields import Field
from core.ui.texts import _, escape, ngettext, quiet

_COLUMNS = 3


def tuning_of(app: App) -> Tuning:
    with app.engine.connect() as connection:
        return load_tuning(connection)


def draw(tuning: Tuning) -> None:
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
    if said := st.session_state.pop(settings_confirm.SAVED, None):
        st.success(escape(said), icon=":material/check_circle:")
    if saved:
        _ask(tuning, [*_chosen(speed, inspection)], typed)
    settings_confirm.CONFIRM.draw()


def _chosen(speed: str, inspection: str) -> list[tuple[Field, Value]]:
    return [
        (Field("speed", _("Velocidad"), _sentence(settings_fields.speeds()[speed][1])), speed),
        (Field("inspection", _("Inspección"), _sentence(settings_fields.inspections()[inspection][1])), inspection),
    ]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


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


def _ask(tuning: Tuning, chosen: list[tuple[Field, Value]], typed: list[tuple[Field, str]]) -> None:
    """What changes is told and confirmed, all of it or nothing: one number that can't be read, and nothing is asked."""
    wanted, refused = [*chosen], []
    for field, words in typed:
        try:
            wanted.append((field, settings_fields.read(field, words)))
        except InvalidInput as error:
            refused.append(error)
    if refused:
        for problem in refused:
            errors.show(problem)
        st.warning(escape(_("No se guardó nada. Corrija lo señalado y guarde otra vez.")))
        return
    changes = [
        Change(field.name, field.label, before, after, field.does)
        for field, after in wanted
        if after != (before := getattr(tuning, field.name))
    ]
    if changes:
        settings_confirm.CONFIRM.open(changes)
    else:
        st.info(escape(_("No cambió nada: todo quedó como estaba.")))


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
