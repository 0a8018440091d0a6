from datetime import UTC, datetime

from core.queue.batches import LiveBatch, until_done
from core.queue.counts import Counts


def batch(number: int, left: int, prioridad: int = 0, lane: str = "normal", pilot: str | None = None) -> LiveBatch:
    now = datetime.now(UTC)
    return LiveBatch(number, "", "Beto", now, Counts(pendientes=left), lane, prioridad, pilot)


def test_a_small_batch_takes_turns_with_a_big_one_and_is_done_soon() -> None:
    small, big = batch(1, 5), batch(2, 5000)
    assert until_done(small, [small, big]) == 10
    assert until_done(big, [small, big]) == 5005


def test_what_is_urgent_goes_first() -> None:
    urgent, usual = batch(1, 40, prioridad=10), batch(2, 5)
    assert until_done(urgent, [urgent, usual]) == 40
    assert until_done(usual, [urgent, usual]) == 45


def test_what_waits_for_the_night_or_for_a_yes_neither_ends_soon_nor_holds_others_up() -> None:
    night, pilot, usual = batch(1, 40, lane="economy"), batch(2, 9, pilot="waiting"), batch(3, 5)
    assert until_done(night, [night, pilot, usual]) is None
    assert until_done(pilot, [night, pilot, usual]) is None
    assert until_done(usual, [night, pilot, usual]) == 5
