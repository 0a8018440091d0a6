"""Calibración: the tables and their sentences, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest
from sqlalchemy import Engine

from core.access.actors import Role
from core.inspect.thresholds import Thresholds
from core.review import decide
from core.review.calibration import Row
from core.ui import calibration_panel
from tests.integration.review_shop import ANA, case
from tests.ui.pages_harness import Panel

Open = Callable[..., Panel]


def test_without_decisions_the_page_says_where_they_come_from(panel: Open) -> None:
    tab = panel(Role.ADMIN)
    at = tab.open("calibration")
    assert "Todavía no hay decisiones" in tab.words
    assert len(at.dataframe) == 1, "the thresholds are there all the same"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_the_page_is_for_administrators(panel: Open, role: Role) -> None:
    tab = panel(role)
    at = tab.open("calibration")
    assert "no tiene permiso" in tab.words and len(at.dataframe) == 0


def test_the_page_compares_what_was_said_with_what_was_decided(panel: Open, engine: Engine) -> None:
    for n in range(4):
        decide.approve(engine, ANA, case(engine, f"a{n}").id)
    decide.reject(engine, ANA, case(engine, "a4").id, "")
    found = {"findings": [{"code": "low_confidence", "params": {}}]}
    decide.approve(engine, ANA, case(engine, "b1", verdict="doubtful", report=found).id)
    decide.keep_original(engine, ANA, case(engine, "b2", verdict="doubtful", report=found).id)
    tab = panel(Role.ADMIN)
    at = tab.open("calibration")
    assert "7 imágenes juzgadas" in tab.words
    assert "De 5 que la inspección dio por buenas, las personas no aceptaron 1 (20 %)" in tab.words
    assert "De 2 con veredicto «revisar», las personas aprobaron 1 (50 %)" in tab.words
    verdicts, reasons, _limits = (table.value for table in at.dataframe)
    assert list(verdicts["dijo"]) == ["bien", "revisar"]
    assert verdicts[["aprobadas", "rechazadas", "original"]].to_numpy().tolist() == [[4, 1, 0], [1, 0, 1]]
    assert list(reasons["dijo"]) == [
        "No es seguro que el recorte sea correcto: puede faltar o sobrar una parte."
    ]  # fmt: skip


def test_pictures_that_were_never_inspected_make_no_sentence() -> None:
    assert calibration_panel.sentences([Row(None, 3, 1, 0)]) == []


def test_every_threshold_is_told_in_words() -> None:
    for field in fields(Thresholds):
        assert calibration_panel.measure(field.name) != field.name
        assert calibration_panel.limit(field.name, 0.012) in ("al menos 0,012", "como mucho 0,012")
