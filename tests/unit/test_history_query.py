from datetime import UTC, date, datetime
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from core.queue.history_filter import HistoryFilter
from core.ui import history_query

ZONE = ZoneInfo("America/Santiago")


def test_a_filter_survives_its_address() -> None:
    where = history_query.make(
        estado="failed", categoria_id=3, search="tornillo ñ", batch_id=9,
        first=date(2026, 4, 4), last=date(2026, 9, 6), zone=ZONE,
    )  # fmt: skip
    assert history_query.parse(dict(parse_qsl(history_query.encode(where, ZONE))), ZONE) == where


def test_no_filter_is_an_empty_address() -> None:
    assert history_query.encode(HistoryFilter(), ZONE) == ""
    assert history_query.parse({}, ZONE) == HistoryFilter()


def test_the_last_day_is_included_whole() -> None:
    where = history_query.make(last=date(2026, 1, 31), zone=ZoneInfo("UTC"))
    assert where.until == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "params",
    [{"estado": "hecho"}, {"categoria": "x"}, {"categoria": "-1"}, {"lote": "99999999999"}, {"desde": "ayer"},
     {"hasta": "9999-12-31"}],
)  # fmt: skip
def test_a_value_that_means_nothing_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        history_query.parse(params, ZONE)
