"""What keeps the queue from going on right now, beside a pause, and the one thing that solves it."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from core.access.actors import Actor, Role
from core.bootstrap import App
from core.queue.batches import LiveBatch
from core.queue.stats import Overview
from core.ui import batch_words, frame, snapshot
from core.ui.texts import _, escape


class Blocker(NamedTuple):
    text: str
    page: str  #: of `frame.PAGES`, where it is solved
    label: str
    icon: str


def draw(app: App, now: Overview, actor: Actor) -> None:
    for found in of(now, snapshot.live_batches(app), actor):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(escape(found.text), width="stretch")
            st.page_link(frame.page(found.page), label=found.label, icon=found.icon)


def of(now: Overview, live: list[LiveBatch], actor: Actor) -> list[Blocker]:
    """A pause is told by itself, with its own buttons."""
    found: list[Blocker] = []
    waiting = now.counts.pendientes
    if waiting and now.pause is None and not any(worker.alive for worker in now.workers):
        found.append(
            Blocker(
                _(
                    "La cola no avanza: ningún trabajador está en marcha. En el equipo de Revelado, ejecute «make start»."
                ),
                "settings" if actor.can(Role.ADMIN) else "help",
                _("Probar los servicios") if actor.can(Role.ADMIN) else _("Qué hacer"),
                ":material/network_check:" if actor.can(Role.ADMIN) else ":material/help:",
            )
        )
    for batch in live:
        if (
            batch.pilot == "waiting"
            and not batch.counts.procesando
            and batch.counts.completados + batch.counts.fallidos
        ):
            found.append(
                Blocker(
                    _("«{name}» espera su visto bueno: las primeras ya están hechas.").format(
                        name=batch_words.title(batch)
                    ),
                    "progress",
                    _("Ver las hechas y decidir"),
                    ":material/fact_check:",
                )
            )
    return found
