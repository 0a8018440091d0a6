"""What the shop depends on: whether its keys are there (never shown), and a button that asks each if it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from core import bootstrap
from core.access.actors import Actor
from core.bootstrap import App
from core.errors import StartupError
from core.settings import probes
from core.settings.probes import Facts, Probe
from core.ui import clock_words, components, errors, formats
from core.ui.texts import _, escape, language, quiet

_ASKED = "settings_probe_{}"


@dataclass(frozen=True)
class _Service:
    name: str
    title: str
    does: str
    status: str  #: in words; of a key only whether it is there
    ready: bool
    check: Callable[[], Facts | None] | None  #: None: there is nothing to ask


def draw(app: App, actor: Actor) -> None:
    components.section(
        _("Servicios y claves"),
        _("Las claves se ponen en la configuración del equipo y nunca se muestran. Probar no cuesta nada."),
    )
    for service in _services(app):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap="xsmall"):
                st.markdown(f"**{escape(service.title)}** · {escape(service.does)}")
                icon, color = (":material/check_circle:", "green") if service.ready else (":material/remove:", "gray")
                st.badge(service.status, icon=icon, color="green" if color == "green" else "gray")
                _answer(service.name)
            if service.check and st.button(_("Probar"), key=f"probe_{service.name}", icon=":material/network_check:"):
                with st.spinner(_("Preguntando…")):
                    found = probes.probe(actor, service.check)
                st.session_state[_ASKED.format(service.name)] = (found, datetime.now(UTC))
                st.rerun()


def _services(app: App) -> list[_Service]:
    settings = app.settings
    gemini, cloudinary = settings.editor == "gemini", settings.host == "cloudinary"
    return [
        _Service(
            "gemini",
            "Google Gemini",
            _("hace las imágenes; modelo {model}.").format(model=settings.gemini_model)
            if gemini
            else _("no se usa: las imágenes se recortan en este equipo, sin costo."),
            _("Clave puesta (GEMINI_API_KEY)") if settings.gemini_api_key else _("Sin clave"),
            bool(settings.gemini_api_key),
            (lambda: bootstrap.check_editor(settings)) if gemini else None,
        ),
        _Service(
            "cloudinary",
            "Cloudinary",
            _("guarda y entrega las imágenes.")
            if cloudinary
            else _("no se usa: las imágenes se guardan en el disco de este equipo."),
            _("Clave puesta (CLOUDINARY_URL)") if settings.cloudinary_url else _("Sin clave"),
            bool(settings.cloudinary_url),
            (lambda: app.host.check()) if cloudinary else None,
        ),
        _Service(
            "database",
            _("Base de datos"),
            _("guarda la cola, el historial y las compras."),
            _("Servidor propio (DATABASE_URL)") if settings.database_url else _("Incluida con Revelado"),
            True,
            lambda: probes.database(app.engine),
        ),
        _Service(
            "disk",
            _("Disco"),
            _("guarda las fotos cargadas y las miniaturas."),
            str(settings.data_dir),
            True,
            lambda: _disk(app),
        ),
    ]


def _disk(app: App) -> Facts:
    app.local_host.check()
    return probes.disk(app.settings.data_dir)


def _answer(name: str) -> None:
    asked: tuple[Probe, datetime] | None = st.session_state.get(_ASKED.format(name))
    if asked is None:
        return
    found, at = asked
    if found.error is not None:
        said = found.error.en if isinstance(found.error, StartupError) and language() == "en" else None
        st.error(escape(said or errors.text_of(found.error)), icon=":material/error:")
        return
    took = _("Respondió bien en {ms} ms.").format(ms=formats.count(max(1, round(found.seconds * 1000))))
    st.markdown(escape(" ".join(part for part in (took, _facts(found.facts)) if part)))
    if int(found.facts.get("free", probes.LITTLE)) < probes.LITTLE:
        st.warning(
            escape(
                _("Queda poco lugar. Libere espacio pronto: con el disco lleno no se puede guardar ninguna imagen.")
            ),
            icon=":material/hard_drive:",
        )
    st.markdown(f":small[{quiet(_('Probado {at}.').format(at=clock_words.at(at)))}]")


def _facts(facts: Facts) -> str:
    if "free" in facts:
        return _("Quedan {free} libres de {total}.").format(
            free=formats.size(int(facts["free"])), total=formats.size(int(facts["total"]))
        )
    if "version" in facts:
        return _("PostgreSQL {version}; ocupa {size}.").format(
            version=facts["version"], size=formats.size(int(facts["bytes"]))
        )
    return ""
