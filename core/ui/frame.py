"""The screens of the panel: their file, title, address and place in the menu."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.access.actors import Actor, Role
from core.ui.texts import N_, _

ROOT = Path(__file__).resolve().parents[2]
STATIC = Path(__file__).resolve().parent / "static"
#: Where the manual's pictures are served; in the manual itself they are `img/…`, as they lie beside it.
MANUAL_PICTURES = "/recursos/manual"


@dataclass(frozen=True)
class Screen:
    file: str  #: in `pages/`
    title: str  #: msgid
    url: str
    icon: str
    section: str  #: msgid
    role: Role = Role.VIEWER  #: below it, the menu doesn't show the page


PAGES: dict[str, Screen] = {
    "home": Screen("home.py", N_("Inicio"), "inicio", ":material/home:", N_("Trabajo")),
    "articles": Screen("articles.py", N_("Artículos"), "articulos", ":material/inventory_2:", N_("Trabajo")),
    "progress": Screen("progress.py", N_("Progreso"), "progreso", ":material/monitoring:", N_("Trabajo")),
    "review": Screen("review.py", N_("Revisión"), "revision", ":material/rate_review:", N_("Trabajo")),
    "failures": Screen("failures.py", N_("Fallidos"), "fallidos", ":material/error:", N_("Trabajo")),
    "history": Screen("history.py", N_("Historial"), "historial", ":material/history:", N_("Trabajo")),
    "costs": Screen("costs.py", N_("Costos"), "costos", ":material/payments:", N_("Trabajo")),
    "catalog": Screen("catalog.py", N_("Catálogo"), "catalogo", ":material/menu_book:", N_("Tienda")),
    "recipes": Screen("recipes.py", N_("Recetas"), "recetas", ":material/palette:", N_("Tienda"), Role.ADMIN),
    "calibration": Screen(
        "calibration.py", N_("Calibración"), "calibracion", ":material/balance:", N_("Tienda"), Role.ADMIN
    ),
    "settings": Screen("settings.py", N_("Ajustes"), "ajustes", ":material/tune:", N_("Tienda"), Role.ADMIN),
    "users": Screen("users.py", N_("Usuarios"), "usuarios", ":material/group:", N_("Tienda"), Role.ADMIN),
    "audit": Screen("audit.py", N_("Auditoría"), "auditoria", ":material/policy:", N_("Tienda"), Role.ADMIN),
    "account": Screen("account.py", N_("Mi cuenta"), "cuenta", ":material/account_circle:", N_("Tienda")),
    "help": Screen("help.py", N_("Ayuda"), "ayuda", ":material/help:", N_("Tienda")),
}


def menu(role: Role | None) -> dict[str, list[StreamlitPage]]:
    """All pages, by section. Those above `role` are known but not shown: the page itself says why it refuses."""
    sections: dict[str, list[StreamlitPage]] = {}
    for name, screen in PAGES.items():
        shown = role is not None and Actor(None, "", role).can(screen.role)
        sections.setdefault(_(screen.section), []).append(page(name, hidden=not shown))
    return sections


def page(name: str, *, hidden: bool = False) -> StreamlitPage:
    """For `st.page_link` and `st.switch_page`; `name` is a key of PAGES."""
    screen = PAGES[name]
    return st.Page(
        ROOT / "pages" / screen.file,
        title=_(screen.title),
        icon=screen.icon,
        url_path=screen.url,
        default=name == "home",
        visibility="hidden" if hidden else "visible",
    )
