from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.ui import markup, progress_chart

HOSTILE = '"><script>alert(1)</script>'


def test_names_and_addresses_are_escaped() -> None:
    drawn = (
        markup.photo(HOSTILE, HOSTILE, 9)
        + markup.photo_column([(HOSTILE, HOSTILE)], 9)
        + markup.in_hand([(HOSTILE, HOSTILE)], 9, HOSTILE)
        + markup.batch(HOSTILE, HOSTILE, "", HOSTILE)
        + markup.summary("", HOSTILE, "", HOSTILE)
        + markup.before_after_strip([(HOSTILE, None, HOSTILE)], "Antes", "Después")
        + markup.count_cards([(HOSTILE, "1", "#fff")])
        + markup.progress_bar([("failed", 1)], {"failed": "#f00"}, HOSTILE)
    )
    assert "<script>" not in drawn
    assert '"">' not in drawn


def test_a_bar_without_work_is_empty_and_has_no_coloured_piece() -> None:
    drawn = markup.progress_bar([("completed", 0), ("failed", 0)], {"completed": "#0f0", "failed": "#f00"}, "nada")
    assert "#0f0" not in drawn
    assert "#f00" not in drawn


def test_minutes_are_drawn_five_at_a_time_as_the_clock_has_them() -> None:
    def at(hour: int, minute: int) -> datetime:
        return datetime(2026, 1, 1, hour, minute, tzinfo=UTC)

    minutes = [(at(11, 59), 1, 0), (at(12, 0), 2, 1), (at(12, 4), 3, 0), (at(12, 5), 4, 0)]
    assert progress_chart.bars(minutes) == [(at(11, 55), 1, 0), (at(12, 0), 5, 1), (at(12, 5), 4, 0)]


def test_chart_times_are_the_shops_wall_clock() -> None:
    rows = progress_chart.rows([(datetime(2026, 1, 1, 12, tzinfo=UTC), 2, 1)], ZoneInfo("America/Lima"))
    assert [(row["at"], row["n"]) for row in rows] == [("2026-01-01T07:00:00", 2), ("2026-01-01T07:00:00", 1)]
