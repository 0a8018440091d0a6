"""Which of the waiting pictures: category, batch and verdict, all of it in the page's address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.bootstrap import App
from core.catalog import articles
from core.review.desk import Filter
from core.review.open_batches import OpenBatch
from core.ui import address, formats, review_case
from core.ui.texts import _, escape

_KEYS = ("review_category", "review_batch", "review_verdict")


def draw(app: App, batches: Sequence[OpenBatch]) -> Filter:
    names = articles.category_names(app.engine)
    labels = {batch.id: batch_title(batch) for batch in batches}
    verdicts = {code: review_case.verdict_title(code) for code in ("good", "doubtful", "bad")}
    # The choices are known before their widgets are drawn: the button that hides them says what is chosen.
    bounds = [
        address.bound("categoria", _KEYS[0], _one_of(names)),
        # A link may name a batch that nothing of is left to review: it is said, not ignored.
        address.bound("lote", _KEYS[1], address.number),
        address.bound("veredicto", _KEYS[2], {code: code for code in verdicts}.get),
    ]
    category, batch, verdict = (st.session_state.get(key) for key in _KEYS)
    if batch is not None:
        labels.setdefault(batch, _("Lote {id}").format(id=batch))
    named: list[tuple[dict[Any, str], Any]] = [(names, category), (labels, batch), (verdicts, verdict)]
    chosen = [words.get(code) for words, code in named]
    with st.popover(_label([word for word in chosen if word]), icon=":material/filter_list:"):
        for title, options, every, bound in (
            (_("Categoría"), names, _("Todas"), bounds[0]),
            (_("Lote"), labels, _("Todos"), bounds[1]),
            (_("Inspección"), verdicts, _("Todas"), bounds[2]),
        ):
            _choice(title, options, every, bound)
        if any(chosen):
            st.button(_("Quitar los filtros"), icon=":material/close:", on_click=clear, width="stretch")
    return Filter(categoria_id=category, batch_id=batch, verdict=verdict)


def clear() -> None:
    for name, key in zip(("categoria", "lote", "veredicto"), _KEYS, strict=True):
        st.session_state[key] = None
        address.write(name, key)


def batch_title(batch: OpenBatch) -> str:
    """`Lote 12 · Pinturas · Ana, hace 3 min`."""
    words = [_("Lote {id}").format(id=batch.id), batch.label, f"{batch.user_name}, {formats.ago(batch.created_at)}"]
    return " · ".join(word for word in words if word)


def _label(chosen: Sequence[str]) -> str:
    if not chosen:
        return _("Filtrar")
    words = " · ".join(chosen)
    return escape(_("Filtro: {words}").format(words=words if len(words) <= 40 else f"{words[:39]}…"))


def _choice(title: str, options: dict[int, str] | dict[str, str], every: str, bound: address.Bound) -> None:
    words: dict[int | str, str] = dict(options.items())
    if st.session_state.get(bound["key"]) not in (None, *words):
        st.session_state[bound["key"]] = None
    st.selectbox(
        title,
        [None, *words],
        format_func=lambda code: every if code is None else words[code],
        filter_mode="contains",
        **bound,
    )


def _one_of(known: dict[int, str]) -> Callable[[str], int | None]:
    def read(written: str) -> int | None:
        number = address.number(written)
        return number if number in known else None

    return read
