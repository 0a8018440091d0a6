"""The choice of articles: category, words, picture, state and order; all of it in the page's address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from core.access.actors import Actor
from core.bootstrap import App
from core.catalog.articles import ArticleFilter, CategoryRow, Order, PictureFilter, StateFilter
from core.ui import address, article_numbers, filter_choice, formats, saved_filters
from core.ui.texts import _

Code = TypeVar("Code", bound=str)


@dataclass(frozen=True)
class Choice:
    where: ArticleFilter
    order: Order


WIDGETS: address.Filters = {
    "categoria": ("articles_category", None),
    "buscar": ("articles_search", ""),
    "foto": ("articles_picture", "any"),
    "situacion": ("articles_state", "any"),
    "orden": ("articles_order", Order.NAME),
}


def draw(app: App, actor: Actor) -> Choice:
    categories = article_numbers.categories(app)
    address.follow(WIDGETS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {row.id: _label(row, categories) for row in categories}
        category = filter_choice.bind("categoria", "articles_category", names)
        categoria_id = category.draw(_("Categoría"), _label(None, categories), width=330, filter_mode="contains")
        words = st.text_input(
            _("Buscar"),
            placeholder=_("Nombre o código"),
            type="search",
            max_chars=200,
            width="stretch",
            **address.bound("buscar", "articles_search", address.words),
        )
        state = _pick(_("Estado"), _states(), "situacion", "articles_state")
        with saved_filters.more("articles", ("foto", "orden")):
            pictures: dict[PictureFilter, str] = {"any": _("Todas"), "with": _("Con foto"), "without": _("Sin foto")}
            picture = _pick(_("Foto"), pictures, "foto", "articles_picture")
            orders: dict[Order, str] = {Order.NAME: _("Nombre"), Order.CODE: _("Código"), Order.ID: _("Número")}
            order = _pick(_("Ordenar por"), orders, "orden", "articles_order")
            saved_filters.draw(app, actor, "articles", WIDGETS)
    return Choice(ArticleFilter(categoria_id, words or "", picture, state), order)


def _states() -> dict[StateFilter, str]:
    return {
        "any": _("Todos"),
        "never": _("Sin procesar"),
        "queued": _("En la cola"),
        "done": _("Completados"),
        "to_review": _("Por revisar"),
        "rejected": _("Rechazados"),
        "failed": _("Fallidos"),
    }


def _label(row: CategoryRow | None, categories: Sequence[CategoryRow]) -> str:
    name = row.nombre if row else _("Todas las categorías")
    counted = [row] if row else categories
    # No wider than its box: a choice that is cut off has to be opened to be read.
    return _("{name} · {done} de {n} hechos").format(
        name=name,
        n=formats.count(sum(c.articles for c in counted)),
        done=formats.count(sum(c.done for c in counted)),
    )


def _pick(label: str, words: Mapping[Code, str], name: str, key: str) -> Code:
    """A choice that is never empty: the first of `words` unless the address says another."""
    first = next(iter(words))
    by_text = {str(code): code for code in words}
    chosen = st.selectbox(
        label,
        list(words),
        format_func=lambda code: words[code],
        filter_mode=None,
        width=150,
        **address.bound(name, key, by_text.get, first),
    )
    return chosen if chosen in words else first
