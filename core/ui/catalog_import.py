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
from core.ui import components, csv_out, errors, formats, frame
from core.ui.texts import _, escape, ngettext

_DONE = "catalog_import_done"
_REFUSED = "catalog_import_refused"
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
    uploaded = st.file_uploader(_("Archivo CSV"), type=["csv", "txt"], key="catalog_csv", max_upload_size=50)
    if uploaded is None:
        _show_done()
        return
    st.session_state.pop(_DONE, None)
    data = uploaded.getvalue()
    name = hashlib.sha256(data).hexdigest()[:12]
    try:
        first = csv_import.preview(data)
        mapping = _mapping(first, name)
        preview = csv_import.preview(data, mapping)
    except AppError as error:
        errors.show(error)
        return
    _show_preview(preview)
    _offer(app, actor, data, mapping, preview, name)


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
    if preview.problems:
        st.warning(escape(_("Hay filas o columnas con problemas:")) + "\n" + _bullets(preview.problems))


def _offer(app: App, actor: Actor, data: bytes, mapping: dict[str, str], preview: Preview, name: str) -> None:
    refused = st.session_state.get(_REFUSED)
    if isinstance(refused, tuple) and refused[0] == (name, mapping):
        _show_refused(app, actor, data, mapping, refused[1])
        return
    label = ngettext("Cargar {n} artículo", "Cargar {n} artículos", preview.row_count)
    if st.button(
        label.format(n=formats.count(preview.row_count)),
        key="catalog_import",
        type="primary",
        icon=":material/upload:",
        disabled=not mapping.keys() & {"id", "codigo"} or not preview.row_count,
    ):
        report = _import(app, actor, data, mapping, accept_rejected=False)
        if report and not report.written:
            st.session_state[_REFUSED] = ((name, mapping), report)
            st.rerun()


def _show_refused(app: App, actor: Actor, data: bytes, mapping: dict[str, str], report: Report) -> None:
    """Nothing is written yet: which rows are wrong, and what the good ones would do."""
    bad = ngettext("{n} fila no se puede cargar.", "{n} filas no se pueden cargar.", len(report.rejected))
    st.error(escape(f"{bad.format(n=formats.count(len(report.rejected)))} {_('Todavía no se cargó nada.')}"))
    _table_of_rejected(report.rejected)
    st.markdown(escape(_("Las demás: {figures}.").format(figures=_figures(report))))
    good = report.added + report.changed + report.unchanged
    label = ngettext("Cargar solo {n} fila correcta", "Cargar solo las {n} filas correctas", good)
    if good and st.button(
        label.format(n=formats.count(good)), key="catalog_import_good", type="primary", icon=":material/upload:"
    ):
        _import(app, actor, data, mapping, accept_rejected=True)


def _import(app: App, actor: Actor, data: bytes, mapping: dict[str, str], *, accept_rejected: bool) -> Report | None:
    try:
        report = csv_import.import_csv(app.engine, actor, data, mapping, accept_rejected=accept_rejected)
    except AppError as error:
        errors.show(error)
        return None
    if report.written:
        st.session_state[_DONE] = report
        st.session_state.pop(_REFUSED, None)
        _show_done()
    return report


def _show_done() -> None:
    report = st.session_state.get(_DONE)
    if not isinstance(report, Report):
        return
    st.success(escape(_("Listo: {figures}.").format(figures=_figures(report))), icon=":material/check_circle:")
    if report.rejected:
        _table_of_rejected(report.rejected)
    st.page_link(frame.page("articles"), label=_("Elegir artículos para procesar"))


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


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)
