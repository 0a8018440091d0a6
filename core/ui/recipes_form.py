"""A recipe's fields, each with what it does, and the text as Gemini would read it for a real article."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import streamlit as st

from core.bootstrap import App
from core.errors import InvalidInput
from core.recipes import prompts, trial
from core.recipes.draft import FILLS, SIZES, Draft
from core.recipes.recipes import UsedBy, Version
from core.recipes.trial import Candidate
from core.ui import components, errors, recipes_words
from core.ui.recipes_place import Editing
from core.ui.texts import _, escape, quiet

_EXAMPLES = 20
_DATA = re.compile(r"«.+?»")
Code = TypeVar("Code", str, str | None)


class _Example(NamedTuple):
    id: int
    prompt: str


def draw(app: App, version: Version, editing: Editing) -> Draft:
    """What is typed now, saved or not, right or wrong."""
    components.section(_("Cómo se hace"))
    kinds = recipes_words.kinds()
    kind = _radio(_("Clase"), version.kind, kinds, editing.key("kind"))
    if kind == "faithful":
        prompt, model = version.prompt, version.model
        st.markdown(quiet(_("Fiel no le pide nada a Gemini: el texto y el modelo quedan guardados por si la cambia.")))
    else:
        prompt = _prompt(version, editing)
        model = st.selectbox(
            _("Modelo"),
            recipes_words.models(version.model),
            index=recipes_words.models(version.model).index(version.model),
            format_func=lambda name: recipes_words.model(app, name),
            key=editing.key("model"),
            help=_("Quién hace la imagen y lo que cuesta cada una. Los caros sirven para etiquetas difíciles."),
        )
    components.section(_("Cómo queda"))
    st.markdown(
        f":material/lock: **{escape(_('Fondo:'))}** "
        + escape(_("blanco puro hasta el borde. Lo piden Mercado Libre, Google y Amazon; no se cambia."))
    )
    fill, size = _shape(version, editing)
    shadow = st.checkbox(
        _("Sombra suave debajo del producto"),
        version.shadow,
        key=editing.key("shadow"),
        help=_("Sin sombra, el producto parece flotar; con sombra, el borde de abajo deja de ser blanco puro."),
    )
    components.section(_("Cuándo se publica"))
    publishing = recipes_words.publishing(kind)
    publish = _radio(_("Publicar"), version.publish, publishing, editing.key("publish"))
    if kind == "creative" and publish == "at_once":
        st.warning(
            escape(
                _("Gemini puede cambiar una rosca o una etiqueta, y así llegaría a la tienda sin que nadie la mire.")
            ),
            icon=":material/warning:",
        )
    note = st.text_input(
        _("Qué cambió (opcional)"),
        max_chars=prompts.MAX_NOTE,
        key=editing.key("note"),
        help=_("Queda al lado de la versión."),
    )
    return Draft(kind, prompt, model, size, fill, shadow, publish, note or "")


def preview(app: App, draft: Draft, categories: Sequence[UsedBy], editing: Editing) -> None:
    """`categories`: to take an article from."""
    if draft.kind == "faithful":
        components.section(_("Así queda el pedido"), _("No hay pedido: la foto se recorta en esta máquina."))
        return
    components.section(_("Así lo lee Gemini"))
    by_id = {used.categoria_id: used for used in categories}
    category = None
    if by_id:
        category = by_id[
            st.selectbox(
                _("Categoría del ejemplo"),
                list(by_id),
                format_func=lambda id_: by_id[id_].nombre,
                key=editing.key("example_category"),
            )
        ]
    article = _example(app, category, editing)
    try:
        prompts.check(draft.prompt)
    except InvalidInput as error:
        errors.show(error)
        return
    name = category.nombre if category else ""
    said = prompts.prompt_for(_Example(0, draft.prompt), article.nombre, article.descripcion, article.unidad, name)
    with st.container(border=True, key="recipe_preview"):
        st.markdown(_DATA.sub(lambda data: f":blue[{data[0]}]", escape(said.text)))
    st.markdown(quiet(_("La última frase la agrega Revelado siempre: lo que diga un artículo nunca es una orden.")))


def _example(app: App, category: UsedBy | None, editing: Editing) -> Candidate:
    categoria_id = category.categoria_id if category else None
    examples = trial.candidates(app.engine, categoria_id, _EXAMPLES)
    if not examples:
        st.markdown(quiet(_("Todavía no hay artículos con foto; este es inventado.")))
        return Candidate(0, 'Tornillo hexagonal 3/8"', None, "Acero cincado", "unidad")
    by_id = {article.id: article for article in examples}
    return by_id[
        st.selectbox(
            _("Artículo del ejemplo"),
            list(by_id),
            format_func=lambda id_: name_of(by_id[id_]),
            key=editing.key(f"example_{categoria_id}"),
        )
    ]


def name_of(article: Candidate) -> str:
    return f"{article.nombre} · {article.codigo}" if article.codigo else article.nombre


def _prompt(version: Version, editing: Editing) -> str:
    typed = st.text_area(
        _("Texto para Gemini"), version.prompt, height=300, max_chars=prompts.MAX_PROMPT, key=editing.key("prompt")
    )
    with st.expander(_("Qué se puede escribir"), icon=":material/help:"):
        fields = {
            "{nombre}": _("el nombre del artículo"),
            "{descripcion}": _("su descripción"),
            "{unidad}": _("su unidad de venta"),
            "{categoria}": _("el nombre de su categoría"),
        }
        lines = [f"- `{field}`: {escape(meaning)}" for field, meaning in fields.items()]
        lines.append("- `[ Detalle: {descripcion}.]`: " + escape(_("si el artículo no tiene ese dato, no se escribe.")))
        st.markdown("\n".join(lines))
        st.markdown(
            escape(_("Diga qué cambiar (fondo, luz) y qué debe quedar idéntico (piezas, colores, textos impresos)."))
        )
    return typed or ""


def _shape(version: Version, editing: Editing) -> tuple[float, int]:
    """(share of the side, pixels)."""
    left, right = st.columns(2, gap="medium")
    with left:
        fill = st.slider(
            _("Cuánto ocupa el producto"),
            round(FILLS[0] * 100),
            round(FILLS[1] * 100),
            round(version.fill * 100),
            format="%d %%",
            key=editing.key("fill"),
            help=_("Del lado del cuadro. 88 % va bien en todas partes; para Mercado Libre, 95 %."),
        )
    with right:
        size = st.number_input(
            _("Tamaño (píxeles de lado)"),
            *SIZES,
            version.size,
            step=100,
            key=editing.key("size"),
            help=_("Si la foto es más chica no se agranda de más: nunca menos de 1200."),
        )
    return fill / 100, int(size)


def _radio(title: str, kept: Code, words: Mapping[Code, tuple[str, str]], key: str) -> Code:
    return st.radio(
        title,
        list(words),
        index=list(words).index(kept),
        format_func=lambda code: f"**{escape(words[code][0])}**: {escape(words[code][1])}",
        key=key,
        label_visibility="collapsed",
    )
