"""Auditoría: who did what, when and from where; filters in the address, pages by keyset, and the whole as CSV."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

import streamlit as st

from core.access import audit
from core.access.actors import Actor
from core.access.audit import KINDS, AuditFilter, Line
from core.bootstrap import App
from core.ui import address, audit_words, components, filter_choice, formats, keyset_pages
from core.ui.texts import _, escape

PAGE_SIZE = 100
_WIDGETS: address.Filters = {
    "persona": ("audit_who", None),
    "hecho": ("audit_kind", None),
    "desde": ("audit_since", None),
    "hasta": ("audit_until", None),
}


def draw(app: App, actor: Actor) -> None:
    where, words = _filters(app, actor)
    trail = keyset_pages.here("audit", where)
    lines = audit.page(app.engine, actor, where, PAGE_SIZE + 1, trail.before_id)
    shown = lines[:PAGE_SIZE]
    query = f"?{urlencode(words)}" if words else ""
    st.link_button(_("Descargar lo filtrado (CSV)"), f"/exportar/auditoria.csv{query}", icon=":material/download:")
    if not shown:
        components.empty_state(_("Ninguna línea cumple los filtros"), _("Quite algún filtro o amplíe las fechas."))
        return
    with st.container(key="audit_lines"):
        _table(shown)
    more = shown[-1].id if len(lines) > PAGE_SIZE else None
    said = keyset_pages.Words(_("Más nuevas"), _("Ir a las más nuevas"), _("Más viejas"))
    keyset_pages.draw("audit", trail, more, said)


def _filters(app: App, actor: Actor) -> tuple[AuditFilter, dict[str, str]]:
    """The filter, and the same in the words of its address."""
    names = audit.people(app.engine, actor)
    address.follow(_WIDGETS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        people = filter_choice.bind("persona", "audit_who", {name: name for name in names})
        who = people.draw(_("Persona"), _("Todas"), width=240, filter_mode="contains")
        kinds = filter_choice.bind("hecho", "audit_kind", {kind: audit_words.kind(kind) for kind in KINDS})
        kind = kinds.draw(_("Qué hizo"), _("Todo"), width=240, filter_mode="contains")
        since = st.date_input(
            _("Desde"), None, format="DD/MM/YYYY", width=160, **address.bound("desde", "audit_since", _day)
        )
        until = st.date_input(
            _("Hasta"), None, format="DD/MM/YYYY", width=160, **address.bound("hasta", "audit_until", _day)
        )
    words = {"persona": who, "hecho": kind, "desde": _iso(since), "hasta": _iso(until)}
    written = {name: value for name, value in words.items() if value}
    return parse(written), written


def parse(written: dict[str, str]) -> AuditFilter:
    """Of the words of an address. Raises ValueError."""
    zone = formats.timezone()

    def midnight(day: str | None, days: int) -> datetime | None:
        return datetime.combine(date.fromisoformat(day) + timedelta(days), time.min, zone) if day else None

    kind = written.get("hecho")
    if kind and kind not in KINDS:
        raise ValueError(kind)
    since, until = midnight(written.get("desde"), 0), midnight(written.get("hasta"), 1)
    return AuditFilter(address.words(written.get("persona", "")), kind or None, since, until)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _iso(day: object) -> str:
    return day.isoformat() if isinstance(day, date) else ""


def _table(lines: list[Line]) -> None:
    st.dataframe(
        [
            {
                "n": line.id,
                "at": formats.datetime_text(line.at),
                "who": line.user_name,
                "what": audit_words.kind(line.kind),
                "details": audit_words.details(line.details),
                "via": audit_words.via(line.via),
                "address": line.address,
            }
            for line in lines
        ],
        column_config={
            "n": st.column_config.NumberColumn(_("Línea"), width="small", format="%d"),
            "at": st.column_config.TextColumn(_("Cuándo")),
            "who": st.column_config.TextColumn(_("Quién")),
            "what": st.column_config.TextColumn(_("Qué hizo")),
            "details": st.column_config.TextColumn(_("Detalle"), width="medium"),
            "via": st.column_config.TextColumn(_("Por dónde"), width="small"),
            "address": st.column_config.TextColumn(_("Dirección")),
        },
        hide_index=True,
        placeholder="",
        alt=_("Registro de auditoría"),
        key="audit_table",
    )
    st.markdown(escape(_("Para comprobar que nadie quitó ni cambió líneas: python -m core audit verify.")))
