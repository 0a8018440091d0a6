"""What an open Progreso keeps up to date by itself, and when it has to be drawn anew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from core.access.actors import Actor, Role
from core.access.sessions import Session
from core.money.budget import Budget
from core.queue.batches import LiveBatch
from core.queue.counts import Counts
from core.queue.enqueue import enqueue
from core.queue.pause import Pause
from core.queue.stats import Economy, InHand, Overview, WorkerLight
from core.settings.values import Tuning
from core.ui import guard, progress_look, progress_route, snapshot, texts
from tests.ui.pages_harness import add_articles, make_app

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WORKER = WorkerLight(uuid4(), "tienda", 1, "local", "u2netp", 1.0, True)
BUDGET = Budget(Decimal(1), Decimal(10), Decimal(5), Decimal(0), Decimal(0), 3600.0, 86400.0)
JOB = InHand(1, 1, "Pinza", "processing", NOW, 1, 3, "buy", 7.0, None)
BUSY = Overview(Counts(16, 1, 3, 0), [JOB], None, None, [WORKER], BUDGET, Tuning(), Economy(), [], [], None, NOW)
BATCH = LiveBatch(1, "Vidriera", "Beto", NOW - timedelta(hours=1), Counts(16, 1, 3, 0), "normal", 0)


def standing(now: Overview = BUSY, *live: LiveBatch) -> str:
    return progress_look.look(now, live).standing


def test_what_only_counts_on_is_filled_in_and_nothing_is_drawn_anew() -> None:
    later = replace(
        BUSY,
        counts=Counts(15, 1, 4, 0),
        in_hand=[replace(JOB, segundos_procesando=9.0)],
        workers=[replace(WORKER, seconds_since_seen=3.0)],
        budget=replace(BUDGET, day_spent=Decimal(2)),
        now=NOW + timedelta(seconds=2),
    )
    further = replace(BATCH, counts=Counts(15, 1, 4, 0))
    before, after = progress_look.look(BUSY, [BATCH]), progress_look.look(later, [further])
    assert before.standing == after.standing
    changed = {name for name in before.places if before.places[name] != after.places[name]}
    assert changed == {"sentence", "numbers", "in-hand", "heartbeat", "batch-1"}


@pytest.mark.parametrize(
    "later",
    [
        replace(BUSY, pause=Pause("by_person", "", "Beto", NOW, None)),
        replace(BUSY, probing="gemini"),
        replace(BUSY, budget=replace(BUDGET, day_spent=Decimal("8.50"))),
        replace(BUSY, workers=[replace(WORKER, alive=False)]),
        replace(BUSY, counts=Counts(0, 0, 20, 0)),
        replace(BUSY, tuning=replace(Tuning(), speed="rapida")),
    ],
    ids=["paused", "probing", "most of the budget spent", "nobody works", "done", "another speed"],
)
def test_what_comes_with_buttons_or_notices_is_drawn_anew(later: Overview) -> None:
    assert standing(later) != standing(BUSY)


def test_a_batch_that_comes_ends_or_waits_for_nobody_any_more_is_drawn_anew() -> None:
    none_waits = replace(BATCH, counts=Counts(0, 1, 19, 0))
    piloted = replace(BATCH, pilot="waiting")
    seen = [standing(BUSY), standing(BUSY, BATCH), standing(BUSY, none_waits), standing(BUSY, piloted)]
    assert len(set(seen)) == 4


def test_a_pilot_that_went_on_is_drawn_anew_since_its_words_stand_beside_its_buttons() -> None:
    piloted = replace(BATCH, pilot="waiting")
    assert standing(BUSY, piloted) != standing(BUSY, replace(piloted, counts=Counts(15, 1, 4, 0)))


def test_names_are_shown_and_never_obeyed() -> None:
    wicked = "<img src=x onerror=alert(1)>"
    now = replace(BUSY, in_hand=[replace(JOB, articulo_nombre=wicked, imagen_url_original='https://x/"><script>')])
    look = progress_look.look(now, [replace(BATCH, label=wicked, user_name=wicked)])
    everything = "".join(look.places.values())
    assert "<img src=x" not in everything and "<script>" not in everything
    assert "&lt;img src=x" in everything


@pytest.fixture
def client(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Its `sid` cookie says the language."""
    app = make_app(engine, tmp_path)
    guard.install(app)
    snapshot.forget()

    def known(header: str, _address: str | None = None) -> Session | None:
        language = header.removeprefix("sid=")
        if language not in texts.LANGUAGES:
            return None
        return Session(b"x", Actor(None, "Carla", Role.VIEWER), "c@x.co", language, False, "panel")

    monkeypatch.setattr(guard, "of_cookie_header", known)
    routes = [Route(progress_route.ADDRESS, progress_route.respond)]
    with TestClient(Starlette(routes=routes), headers={"Cookie": "sid=es"}) as client:
        yield client
    guard.install(None)


def test_without_a_session_nothing_is_told(client: TestClient) -> None:
    answer = client.get(progress_route.ADDRESS, headers={"Cookie": "sid=other"})
    assert answer.status_code == 401
    assert "places" not in answer.text


def test_each_is_answered_in_their_language(client: TestClient) -> None:
    spanish = client.get(progress_route.ADDRESS).json()
    english = client.get(progress_route.ADDRESS, headers={"Cookie": "sid=en"}).json()
    assert "No hay trabajos en la cola." in spanish["places"]["sentence"]
    assert "No hay trabajos en la cola." not in english["places"]["sentence"]
    assert spanish["standing"] == english["standing"]


def test_of_many_batches_all_are_told_of_to_who_asked_for_all(
    client: TestClient, engine: Engine, operator: Actor
) -> None:
    for _number in range(7):
        enqueue(engine, operator, add_articles(engine, 1), origin="panel")
    snapshot.forget()

    def told(address: str) -> int:
        return sum(name.startswith("batch-") for name in client.get(address).json()["places"])

    assert told(progress_route.address(all_batches=False)) == progress_look.FEW
    assert told(progress_route.address(all_batches=True)) == 7


def test_a_database_that_is_away_is_said_and_not_logged_as_a_fault(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_anything: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"), connection_invalidated=True)

    monkeypatch.setattr(snapshot, "overview", away)
    assert client.get(progress_route.ADDRESS).status_code == 503
    assert not caplog.records
