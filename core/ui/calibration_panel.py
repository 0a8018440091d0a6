"""What the inspection said beside what people decided, in sentences and tables, and the thresholds as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from core.bootstrap import App
from core.inspect.thresholds import THRESHOLDS
from core.review import calibration
from core.review.calibration import Row, Table
from core.ui import components, formats, picture_words
from core.ui.texts import _, escape, ngettext


def draw(app: App) -> None:
    table = calibration.table(app.engine)
    if table.decided:
        _verdicts(table)
        _reasons(table.by_finding)
    else:
        components.empty_state(
            _("Todavía no hay decisiones"),
            _("Cuando alguien apruebe o rechace imágenes en Revisión, aquí se verá si la inspección acierta."),
        )
    _thresholds()


def _verdicts(table: Table) -> None:
    words = ngettext("{n} imagen juzgada", "{n} imágenes juzgadas", table.decided)
    components.section(
        words.format(n=formats.count(table.decided)),
        _("Solo cuentan las que alguien juzgó: las que se publicaron sin pasar por Revisión no están."),
    )
    st.markdown("\n".join(f"- {escape(line)}" for line in sentences(table.by_verdict)))
    _grid([(picture_words.verdict(row.said), row) for row in table.by_verdict], _("La inspección dijo"))


def sentences(rows: Sequence[Row]) -> list[str]:
    """How often the inspection and the people disagreed, and in which direction."""
    told = []
    for row in rows:
        turned_down = row.rejected + row.kept
        if row.said == "good":
            words = ngettext(
                "De {n} que la inspección dio por buena, las personas no aceptaron {wrong} ({share}): errores que no vio.",
                "De {n} que la inspección dio por buenas, las personas no aceptaron {wrong} ({share}): errores que no vio.",
                row.total,
            )
            wrong = turned_down
        elif row.said in ("doubtful", "bad"):
            words = ngettext(
                "De {n} con veredicto «{verdict}», las personas aprobaron {wrong} ({share}): aviso de más.",
                "De {n} con veredicto «{verdict}», las personas aprobaron {wrong} ({share}): avisos de más.",
                row.total,
            )
            wrong = row.approved
        else:
            continue
        told.append(
            words.format(
                n=formats.count(row.total),
                wrong=formats.count(wrong),
                share=formats.percent(wrong / row.total),
                verdict=picture_words.verdict(row.said),
            )
        )
    return told


def _reasons(rows: Sequence[Row]) -> None:
    if rows:
        components.section(
            _("Por motivo"),
            _("Un motivo que casi siempre termina en «aprobada» avisa de más; uno que casi nunca, acierta."),
        )
        _grid([(picture_words.finding(row.said or ""), row) for row in rows], _("Motivo"))


def _grid(rows: Sequence[tuple[str, Row]], said: str) -> None:
    st.dataframe(
        [
            {
                "dijo": words,
                "aprobadas": row.approved,
                "rechazadas": row.rejected,
                "original": row.kept,
                "parte": formats.percent(row.approved / row.total),
            }
            for words, row in rows
        ],
        column_config={
            "dijo": st.column_config.TextColumn(said, width=440),
            "aprobadas": st.column_config.NumberColumn(_("Aprobadas"), format="%d"),
            "rechazadas": st.column_config.NumberColumn(_("Rechazadas"), format="%d"),
            "original": st.column_config.NumberColumn(_("Original"), format="%d"),
            "parte": st.column_config.TextColumn(_("Aprobadas, %"), alignment="right"),
        },
        hide_index=True,
        placeholder="",
        alt=said,
    )


def _thresholds() -> None:
    components.section(
        _("Límites de la inspección"),
        _("No cambian solos. Si un motivo falla a menudo, muestre esta página a quien mantiene el programa."),
    )
    st.dataframe(
        [{"medida": measure(name), "limite": limit(name, value)} for name, value in asdict(THRESHOLDS).items()],
        column_config={
            "medida": st.column_config.TextColumn(_("Medida"), width="large"),
            "limite": st.column_config.TextColumn(_("Límite")),
        },
        hide_index=True,
        placeholder="",
        alt=_("Límites de la inspección"),
    )


def limit(name: str, value: float) -> str:
    """`least_…` is the lowest that passes, `most_…` the highest."""
    words = _("al menos {number}") if name.startswith("least_") else _("como mucho {number}")
    return words.format(number=formats.number(value))


def measure(name: str) -> str:
    """What a threshold is about; its own name for one that has no words yet."""
    words = {
        "least_ring_white": _("Parte del marco que es blanca"),
        "least_span": _("Lado mayor del producto, como parte de la imagen"),
        "least_side": _("Lado de la imagen, en píxeles"),
        "least_iou": _("Coincidencia de las siluetas de antes y después"),
        "least_colour": _("Parecido de los colores"),
        "most_hue": _("Cambio del tono del producto"),
        "least_fit": _("Calce de la imagen sobre la foto original"),
        "most_stretch": _("Estiramiento del producto, en veces"),
        "most_mirrored": _("Parecido con la imagen en espejo, en veces"),
        "least_structure": _("Parecido del dibujo interior"),
        "most_rethreaded": _("Cambio en el paso de una rosca"),
        "most_altered": _("Mancha con otro dibujo, como parte del producto"),
        "most_recoloured": _("Mancha con otro color, como parte del producto"),
        "most_missing": _("Parte del producto que falta"),
        "most_beside": _("Pieza de la foto que no está en la imagen, como parte del producto"),
        "most_touching": _("Objeto pegado al producto que no está en la imagen, como parte de él"),
        "most_added": _("Lo añadido fuera del producto, como parte de él"),
        "most_halo": _("Cuánto más parejo es el borde del producto que su interior"),
        "least_lettering": _("Parecido de las letras impresas"),
    }
    return words.get(name, name)
