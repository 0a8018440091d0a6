from datetime import UTC, datetime, time
from decimal import Decimal

from core.queue.night import Night
from core.settings.values import Tuning
from core.ui import night_summary

NIGHT = Night(datetime(2026, 11, 27, 22, tzinfo=UTC), 412, 3, Decimal("13.80"), Decimal("4.10"))


def test_the_night_is_told_in_one_sentence() -> None:
    said = night_summary.words(NIGHT, 12, Tuning()).replace("\u00a0", " ")
    assert said == (
        "Terminaron 412 trabajos, 3 no salieron, costaron US$ 13,80, se ahorraron US$ 4,10. Esperan su revisión 12."
    )


def test_the_night_begins_with_the_shops_hours_where_they_are_of_the_night() -> None:
    assert night_summary.closing(Tuning()) == time(19)
    assert night_summary.closing(Tuning(schedule_from="20:30", schedule_to="07:00")) == time(20, 30)
    assert night_summary.closing(Tuning(schedule_from="08:00", schedule_to="18:00")) == time(19)
