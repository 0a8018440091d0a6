"""*Preguntar a Mercado Libre*: its own opinion of one picture, where the installation has a token for it."""

from __future__ import annotations

import streamlit as st

from core.access.actors import Role
from core.errors import AppError
from core.pipeline import source
from core.providers.mercado_libre import Diagnosis
from core.review import diagnosis
from core.ui import errors, guard
from core.ui.dialogs import Dialog
from core.ui.texts import _, escape

_CATEGORY = "market_category"


def button(picture_id: int, name: str) -> None:
    """`name`: of the article. Nothing without a token."""
    label = _("Mercado Libre…")
    if guard.app().market and st.button(label, key=f"market_{picture_id}", icon=":material/storefront:"):
        OPINION.open(picture_id, name)


def _ask(picture_id: int, name: str) -> None:
    actor, app = guard.require(Role.OPERATOR), guard.app()
    st.markdown(
        escape(_("Mercado Libre mira la imagen de «{name}» y dice qué objetaría. No publica nada.").format(name=name))
    )
    with st.form("market", border=False):
        category = st.text_input(
            _("Categoría de Mercado Libre"),
            st.session_state.get(_CATEGORY, ""),
            placeholder="MLA1346",
            key=f"market_category_{picture_id}",
            help=_("El código de la categoría donde se publica, como figura en Mercado Libre."),
        )
        if not st.form_submit_button(_("Preguntar"), type="primary", icon=":material/storefront:"):
            return
    assert app.market is not None, "there is no button without a token"
    st.session_state[_CATEGORY] = category

    def read(url: str) -> bytes:
        return source.read(url, app.fetcher, app.local_host, app.settings.legacy_image_base_url)

    try:
        with st.spinner(_("Mercado Libre está mirando la imagen…")):
            found = diagnosis.diagnose(app.engine, app.market, read, actor, picture_id, category)
    except AppError as error:
        errors.show(error)
        return
    _tell(found)


def _tell(found: Diagnosis) -> None:
    if found.clean:
        st.success(escape(_("Mercado Libre no objeta nada.")), icon=":material/check_circle:")
        return
    words = {
        "white_background": _("El fondo"),
        "minimum_size": _("El tamaño"),
        "text_logo": _("Textos o logotipos"),
        "watermark": _("Marcas de agua"),
    }
    lines = [
        f"- **{escape(words.get(each.name, each.name))}**: {escape(' '.join(each.wordings) or _('sin más datos'))}"
        for each in found.detections
    ]
    st.warning("\n".join([escape(_("Mercado Libre objetaría:")), "", *lines]), icon=":material/rule:")


OPINION = Dialog("market", lambda: _("Preguntar a Mercado Libre"), _ask)
