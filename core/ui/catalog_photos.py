"""Photos in, many at once, each to the article whose code its name begins with; finished pictures out as a ZIP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.access.actors import Actor
from core.bootstrap import App
from core.catalog import photos
from core.catalog.photos import PhotoReport, RejectedPhoto
from core.errors import AppError
from core.ui import article_numbers, components, errors, formats, frame, snapshot
from core.ui.texts import _, escape, ngettext

_DONE = "catalog_photos_done"
_ROUND = "catalog_photos_round"


def draw_upload(app: App, actor: Actor) -> None:
    components.section(
        _("Subir fotos"),
        _("El nombre de cada archivo debe empezar con el código del artículo: FER-0012.jpg, FER-0012 (frente).png."),
    )
    # Another key empties the list once its photos are kept.
    uploaded = st.file_uploader(
        _("Fotos"),
        type=["jpg", "jpeg", "png", "webp"],
        accept_multiple_files=True,
        key=f"catalog_photos_{st.session_state.get(_ROUND, 0)}",
        max_upload_size=photos.MAX_BYTES // 1_000_000,
    )
    if not uploaded:
        _show_done()
        return
    st.session_state.pop(_DONE, None)
    matched, unmatched = photos.match([file.name for file in uploaded], app.engine)
    if unmatched:
        words = ngettext("{n} foto no se puede usar:", "{n} fotos no se pueden usar:", len(unmatched))
        st.warning(escape(words.format(n=formats.count(len(unmatched)))))
        _table(unmatched)
    if not matched:
        return
    label = ngettext("Guardar {n} foto", "Guardar {n} fotos", len(matched)).format(n=formats.count(len(matched)))
    if st.button(label, key="catalog_photos_keep", type="primary", icon=":material/add_photo_alternate:"):
        _keep(app, actor, uploaded)


def draw_download(app: App) -> None:
    components.section(_("Descargar imágenes terminadas"), _("Un archivo ZIP con la imagen nueva de cada artículo."))
    categories = {row.id: row for row in article_numbers.categories(app) if row.done}
    if not categories:
        st.markdown(escape(_("Todavía no hay imágenes terminadas para descargar.")))
        return
    total = sum(row.done for row in categories.values())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            _("Categoría"),
            [None, *categories],
            format_func=lambda categoria_id: _("{name} · {n}").format(
                name=categories[categoria_id].nombre if categoria_id is not None else _("Todas las categorías"),
                n=formats.count(categories[categoria_id].done if categoria_id is not None else total),
            ),
            key="catalog_zip_category",
            filter_mode="contains",
            width=340,
        )
        query = "" if chosen is None else f"?categoria={chosen}"
        st.link_button(_("Descargar ZIP"), f"/exportar/fotos.zip{query}", icon=":material/download:")


def _keep(app: App, actor: Actor, uploaded: Sequence[UploadedFile]) -> None:
    bar = st.progress(0.0, text=_("Guardando fotos…"))

    def files() -> Iterator[tuple[str, bytes]]:
        for position, file in enumerate(uploaded):
            text = _("Guardando {n} de {total}…").format(
                n=formats.count(position + 1), total=formats.count(len(uploaded))
            )
            bar.progress(position / len(uploaded), text=text)
            yield file.name, file.getvalue()

    try:
        report = photos.add_photos(app.host, app.engine, actor, files())
    except AppError as error:
        errors.show(error)
        return
    finally:
        bar.empty()
    snapshot.forget()
    st.session_state[_DONE] = report
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()


def _show_done() -> None:
    report = st.session_state.get(_DONE)
    if not isinstance(report, PhotoReport):
        return
    if report.added:
        words = ngettext("Se guardó {n} foto.", "Se guardaron {n} fotos.", len(report.added))
        st.success(escape(words.format(n=formats.count(len(report.added)))), icon=":material/check_circle:")
        st.page_link(frame.page("articles"), label=_("Elegir artículos para procesar"))
    if report.rejected:
        words = ngettext("{n} foto no se guardó:", "{n} fotos no se guardaron:", len(report.rejected))
        st.warning(escape(words.format(n=formats.count(len(report.rejected)))))
        _table(report.rejected)


def _table(rejected: Sequence[RejectedPhoto]) -> None:
    st.dataframe(
        pd.DataFrame([(row.name, row.reason) for row in rejected], columns=["archivo", "motivo"]),
        hide_index=True,
        alt=_("Fotos que no se pueden usar"),
        column_config={
            "archivo": st.column_config.TextColumn(_("Archivo"), width="medium"),
            "motivo": st.column_config.TextColumn(_("Motivo"), width="large"),
        },
    )
