"""A CSV into the catalogue: what its columns mean, what would happen, then the import."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.access.actors import Actor
from core.bootstrap import App
from core.catalog import csv_import
from core.catalog.csv_fields import FIELDS, Field
from core.catalog.csv_import import Preview, Rejected, Report
from core.errors import AppError
from core.ui import components, csv_out, errors, formats, frame, snapshot
from core.ui.texts import _, escape, ngettext

_DONE = "catalog_import_done"
_PLAN = "catalog_import_plan"
_ROUND = "catalog_import_round"
_REJECTED_SHOWN = 500


def field_word(field: Field) -> str:
    return {
        "id": _("Número de artículo"),
        "codigo": _("Código"),
        "nombre": _("Nombre"),
        "descripcion": _("Descripción"),
        "unidad": _("Unidad"),
        "categoria": _("Categoría"),
        "imagen_url": _("Dirección de la foto"),
        "activo": _("Activo"),
    }[field]


def draw(app: App, actor: Actor) -> None:
    components.section(
        _("Cargar artículos desde un CSV"),
        _("Los artículos se reconocen por su código: los que ya están se actualizan, los demás se agregan."),
    )
    st.download_button(
        _("Descargar una plantilla"),
        template(),
        file_name="articulos-plantilla.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    # Another key takes the file away once it is imported.
    key = f"catalog_csv_{st.session_state.get(_ROUND, 0)}"
    uploaded = st.file_uploader(_("Archivo CSV"), type=["csv", "txt"], key=key, max_upload_size=50)
    if uploaded is None:
        _show_done()
        return
    st.session_state.pop(_DONE, None)
    data = uploaded.getvalue()
    name = hashlib.sha256(data).hexdigest()[:12]
    try:
        preview = csv_import.preview(data)
        mapping = _mapping(preview, name)
        _show_preview(preview)
        plan = _plan(app, actor, data, mapping, name)
        _show_plan(plan)
        _offer(app, actor, data, mapping, plan)
    except AppError as error:
        errors.show(error)


def template() -> bytes:
    """A file with the columns that the import knows and one example."""
    example: dict[Field, str] = {
        "codigo": "TOR-0038", "nombre": 'Tornillo hexagonal 3/8"', "descripcion": "Acero zincado, 50 mm",
        "unidad": "unidad", "categoria": "Tornillería", "imagen_url": "", "activo": "sí",
    }  # fmt: skip
    return b"".join(csv_out.encode(list(example), [list(example.values())], formats.timezone()))


def _mapping(first: Preview, name: str) -> dict[str, str]:
    """{field: column} as the person leaves it; guessed from the header to begin with."""
    st.markdown(escape(_("Indique qué columna del archivo tiene cada dato:")))
    chosen: dict[str, str] = {}
    columns = st.columns(4)
    for position, field in enumerate(FIELDS):
        guessed = first.mapping.get(field)
        with columns[position % 4]:
            column = st.selectbox(
                field_word(field),
                [None, *first.columns],
                index=first.columns.index(guessed) + 1 if guessed else 0,
                format_func=lambda column: _("No está en el archivo") if column is None else column,
                key=f"catalog_map_{name}_{field}",
            )
        if column is not None:
            chosen[field] = column
    return chosen


def _show_preview(preview: Preview) -> None:
    rows = ngettext(
        "El archivo tiene {n} fila. Así empieza:", "El archivo tiene {n} filas. Así empieza:", preview.row_count
    )
    st.markdown(escape(rows.format(n=formats.count(preview.row_count))))
    st.dataframe(
        pd.DataFrame(list(preview.rows), columns=list(preview.columns)),
        hide_index=True,
        alt=_("Primeras filas del archivo"),
    )


def _plan(app: App, actor: Actor, data: bytes, mapping: dict[str, str], name: str) -> Report:
    """What the import would do; worked out once for a file and its columns, not at each step on the page."""
    question = (name, tuple(mapping.items()))
    plans: dict[object, Report] = st.session_state.get(_PLAN, {})
    if question not in plans:
        with st.spinner(_("Comparando el archivo con el catálogo…")):
            plans = {question: csv_import.import_csv(app.engine, actor, data, mapping, dry_run=True)}
        st.session_state[_PLAN] = plans
    return plans[question]


def _show_plan(plan: Report) -> None:
    words = escape(_("{figures}. Todavía no se cargó nada.").format(figures=_foreseen(plan)))
    if plan.rejected:
        st.warning(words)
        _table_of_rejected(plan.rejected)
    else:
        st.info(words)


def _offer(app: App, actor: Actor, data: bytes, mapping: dict[str, str], plan: Report) -> None:
    """The button says how many articles it writes, and that the rejected rows stay out."""
    count = plan.added + plan.changed
    if not count:
        st.markdown(escape(_("No hay nada para cargar.")))
        return
    if plan.rejected:
        label = ngettext(
            "Cargar {n} artículo, sin las filas rechazadas", "Cargar {n} artículos, sin las filas rechazadas", count
        )
    else:
        label = ngettext("Cargar {n} artículo", "Cargar {n} artículos", count)
    if not st.button(
        label.format(n=formats.count(count)), key="catalog_import", type="primary", icon=":material/upload:"
    ):
        return
    report = csv_import.import_csv(app.engine, actor, data, mapping, accept_rejected=bool(plan.rejected))
    # Not written: the catalogue changed meanwhile, and rows are rejected now that nobody was shown.
    st.session_state.pop(_PLAN, None)
    if report.written:
        snapshot.forget()
        st.session_state[_DONE] = report
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()


def _show_done() -> None:
    report = st.session_state.get(_DONE)
    if not isinstance(report, Report):
        return
    st.success(escape(_("Listo: {figures}.").format(figures=_figures(report))), icon=":material/check_circle:")
    if report.rejected:
        words = ngettext("{n} fila no se cargó:", "{n} filas no se cargaron:", len(report.rejected))
        st.warning(escape(words.format(n=formats.count(len(report.rejected)))))
        _table_of_rejected(report.rejected)
    st.page_link(frame.page("articles"), label=_("Elegir artículos para procesar"))


def _foreseen(plan: Report) -> str:
    rejected = len(plan.rejected)
    parts = [
        ngettext("Se agregará {n}", "Se agregarán {n}", plan.added).format(n=formats.count(plan.added)),
        ngettext("cambiará {n}", "cambiarán {n}", plan.changed).format(n=formats.count(plan.changed)),
        ngettext("{n} queda igual", "{n} quedan igual", plan.unchanged).format(n=formats.count(plan.unchanged)),
    ]
    if rejected:
        refused = ngettext("{n} fila se rechaza", "{n} filas se rechazan", rejected)
        parts.append(refused.format(n=formats.count(rejected)))
    if plan.categories_added:
        created = ngettext("se creará {n} categoría", "se crearán {n} categorías", plan.categories_added)
        parts.append(created.format(n=formats.count(plan.categories_added)))
    return ", ".join(parts)


def _figures(report: Report) -> str:
    parts = [
        ngettext("{n} agregado", "{n} agregados", report.added).format(n=formats.count(report.added)),
        ngettext("{n} cambiado", "{n} cambiados", report.changed).format(n=formats.count(report.changed)),
        _("{n} sin cambios").format(n=formats.count(report.unchanged)),
    ]
    if report.categories_added:
        added = ngettext("{n} categoría nueva", "{n} categorías nuevas", report.categories_added)
        parts.append(added.format(n=formats.count(report.categories_added)))
    return ", ".join(parts)


def _table_of_rejected(rejected: Sequence[Rejected]) -> None:
    shown = rejected[:_REJECTED_SHOWN]
    st.dataframe(
        pd.DataFrame([(row.line, row.reason) for row in shown], columns=["linea", "motivo"]),
        hide_index=True,
        alt=_("Filas que no se pueden cargar"),
        column_config={
            "linea": st.column_config.NumberColumn(_("Línea"), width="small", format="%d"),
            "motivo": st.column_config.TextColumn(_("Motivo"), width="large"),
        },
    )
    if len(rejected) > len(shown):
        st.markdown(escape(_("y {n} más").format(n=formats.count(len(rejected) - len(shown)))))
