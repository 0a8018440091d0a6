"""What the inspection said against what people decided."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from core.review import calibration, decide, versions
from core.review.calibration import Row
from tests.integration.review_shop import ALICIA, ANA, batch, case, decisions
from tests.shop import run_sql


def report(*codes: str) -> dict[str, Any]:
    return {"findings": [{"code": code, "params": {}} for code in codes], "doubts": list(codes)}


def test_nothing_decided_is_an_empty_table(engine: Engine) -> None:
    case(engine)
    found = calibration.table(engine)
    assert (found.by_verdict, found.by_finding, found.decided) == ([], [], 0)


def test_each_verdict_is_counted_against_what_people_decided(engine: Engine) -> None:
    good, bad = [case(engine, f"g{n}") for n in range(3)], [case(engine, f"b{n}", verdict="bad") for n in range(2)]
    decide.approve(engine, ANA, good[0].id)
    decide.approve(engine, ANA, good[1].id)
    decide.redo(engine, ANA, good[2].id)
    decide.reject(engine, ANA, bad[0].id, "")
    decide.keep_original(engine, ANA, bad[1].id)
    never = case(engine, "n", verdict=None)
    decide.approve(engine, ANA, never.id)
    found = calibration.table(engine)
    assert found.by_verdict == [Row("good", 2, 1, 0), Row("bad", 0, 1, 1), Row(None, 1, 0, 0)]
    assert found.decided == 6


def test_each_reason_is_counted_once_a_picture_in_old_reports_too(engine: Engine) -> None:
    decide.approve(engine, ANA, case(engine, "a1", report=report("low_confidence", "text_changed")).id)
    decide.reject(engine, ANA, case(engine, "a2", report=report("text_changed", "text_changed")).id, "")
    decide.reject(engine, ANA, case(engine, "a3", report={"doubts": ["text_changed"]}).id, "")
    decide.reject(engine, ANA, case(engine, "a4", report={"doubts": None}).id, "")
    assert calibration.table(engine).by_finding == [Row("text_changed", 1, 2, 0), Row("low_confidence", 1, 0, 0)]


def test_only_the_last_verdict_that_stands_counts(engine: Engine) -> None:
    lote = batch(engine, ANA)
    made = case(engine, batch_id=lote)
    decide.take_back(engine, ANA, decide.reject(engine, ANA, made.id, ""))
    assert calibration.table(engine).by_verdict == []
    decide.approve(engine, ANA, made.id)
    versions.undo_batch(engine, ALICIA, lote)
    assert calibration.table(engine).by_verdict == [Row("good", 1, 0, 0)]
    assert [row.action for row in decisions(engine)] == ["reject", "approve", "undo_batch"]
    run_sql(engine, "UPDATE revelado.decisions SET undone_at = now(), undone_by = 'Ana'")
    assert calibration.table(engine).decided == 0
