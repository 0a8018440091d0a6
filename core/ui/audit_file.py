"""The audit log as a file: a line an act, with the mark that chains it to the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from core.access import audit
from core.access.audit import AuditFilter
from core.access.sessions import Session
from core.bootstrap import App
from core.ui import audit_panel, audit_words, csv_out, texts
from core.ui.csv_out import Cell
from core.ui.texts import _


def csv(app: App, session: Session, asked: Mapping[str, str]) -> Iterator[bytes]:
    """Raises ValueError."""
    where = audit_panel.parse(dict(asked))
    return csv_out.encode(header(), _lines(app, session, where), ZoneInfo(app.settings.shop_timezone))


def header() -> list[str]:
    return [
        _("Línea"), _("Cuándo"), _("Quién"), _("Qué hizo"), _("Detalle"), _("Por dónde"), _("Dirección"), _("Huella"),
    ]  # fmt: skip


def _lines(app: App, session: Session, where: AuditFilter) -> Iterator[list[Cell]]:
    for line in audit.stream(app.engine, session.actor, where):
        with texts.spoken(session.language):
            cells: list[Cell] = [
                line.id, line.at, line.user_name, audit_words.kind(line.kind), audit_words.details(line.details),
                audit_words.via(line.via), line.address, line.hash,
            ]  # fmt: skip
        yield cells
