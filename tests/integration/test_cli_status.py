import pytest
from sqlalchemy import Engine

from core import bootstrap, cli
from core.bootstrap import Database
from core.settings.values import Tuning


def test_the_status_tells_what_was_spent_and_the_caps(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "open_database", lambda *_: Database(engine, None))
    assert cli.main(["status"]) == 0
    usual = Tuning()
    said = capsys.readouterr().out
    assert (
        f"Gasto de hoy: US$ 0.00 de {usual.daily_budget:.2f}  Este mes: US$ 0.00 de {usual.monthly_budget:.2f}" in said
    )
