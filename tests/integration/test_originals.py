"""First originals: kept for ever, unless an administrator wants them deleted some time after they were replaced."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.catalog.photos import record_original
from core.errors import InvalidInput, NotAllowed
from core.pipeline import originals, outbox
from core.providers.local_host import LocalHost
from core.queue.enqueue import enqueue
from core.review import decide, refusals, versions
from core.settings.change import change
from tests.integration.review_shop import ALICIA, ANA, picture, result
from tests.shop import article, one, run_sql

DAYS = 45


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path / "fotos", "")


class Uploaded:
    """An article whose photo was uploaded here, and the picture of ours that replaced it so many days ago."""

    def __init__(self, engine: Engine, host: LocalHost, days: int = DAYS, name: str = "taladro") -> None:
        self.engine, self.host = engine, host
        self.articulo_id = article(engine, name, "")
        hosted = host.upload(b"\xff\xd8 " + name.encode(), f"originales/{name}", "image/jpeg")
        with engine.begin() as connection:
            record_original(connection, self.articulo_id, hosted, b"")
        self.url = hosted.url
        self.id = one(engine, "SELECT id FROM revelado.pictures WHERE url = :url", url=hosted.url).id
        self.made = result(engine, self.articulo_id, f"http://cdn/{name}.jpg", shown=True)
        run_sql(
            engine,
            "UPDATE revelado.pictures SET published_at = now() - make_interval(days => :days) WHERE id = :id",
            days=days,
            id=self.made,
        )

    @property
    def is_there(self) -> bool:
        kept = picture(self.engine, self.id).deleted_at is None
        sha256, _, ext = self.url.rpartition("/")[2].rpartition(".")
        assert (self.host.path_of(sha256, ext) is not None) is kept
        return kept


def tidy(engine: Engine, host: LocalHost) -> None:
    originals.promise(engine)
    outbox.work_off(engine, {"delete_original": originals.deletion(host)})


def switch_on(engine: Engine, days: int = 30) -> None:
    change(engine, ALICIA, "keep_originals_days", days)


def test_an_original_stays_for_ever_unless_an_administrator_says_otherwise(engine: Engine, host: LocalHost) -> None:
    photo = Uploaded(engine, host, days=3650)
    tidy(engine, host)
    assert photo.is_there


def test_switched_on_it_goes_when_its_grace_is_over_and_the_log_says_so(
    engine: Engine, host: LocalHost, caplog: pytest.LogCaptureFixture
) -> None:
    old, recent = Uploaded(engine, host), Uploaded(engine, host, days=20, name="martillo")
    switch_on(engine)
    with caplog.at_level(logging.INFO):
        tidy(engine, host)
    assert not old.is_there and recent.is_there
    assert "foto original reemplazada originales/taladro" in caplog.text
    with pytest.raises(refusals.PictureGone):
        versions.restore(engine, ALICIA, old.id)


def test_one_that_came_with_the_catalogue_is_not_ours_to_delete(engine: Engine, host: LocalHost) -> None:
    photo = Uploaded(engine, host)
    run_sql(engine, "UPDATE revelado.pictures SET host = 'external', public_id = NULL WHERE id = :id", id=photo.id)
    switch_on(engine)
    tidy(engine, host)
    assert photo.is_there


def test_an_article_that_waits_in_the_queue_keeps_its_photo(engine: Engine, host: LocalHost) -> None:
    photo = Uploaded(engine, host)
    switch_on(engine)
    enqueue(engine, ANA, [photo.articulo_id], origin="panel")
    tidy(engine, host)
    assert photo.is_there


def test_a_picture_that_awaits_a_person_keeps_its_photo(engine: Engine, host: LocalHost) -> None:
    photo = Uploaded(engine, host)
    run_sql(engine, "UPDATE revelado.pictures SET review = 'awaiting' WHERE id = :id", id=photo.made)
    switch_on(engine)
    tidy(engine, host)
    assert photo.is_there


def test_a_decision_within_the_grace_keeps_the_photo(engine: Engine, host: LocalHost) -> None:
    photo = Uploaded(engine, host)
    taken_back = versions.restore(engine, ALICIA, photo.id)
    decide.take_back(engine, ALICIA, taken_back)
    run_sql(engine, "UPDATE revelado.decisions SET decided_at = now() - interval '99 days'")
    switch_on(engine)
    tidy(engine, host)
    assert photo.is_there


def test_a_photo_that_another_article_shows_or_showed_stays(engine: Engine, host: LocalHost) -> None:
    photo = Uploaded(engine, host)
    article(engine, "Otro", photo.url)
    switch_on(engine)
    tidy(engine, host)
    assert photo.is_there


def test_what_happens_between_the_promise_and_its_time_counts(engine: Engine, host: LocalHost) -> None:
    restored, switched_off = Uploaded(engine, host), Uploaded(engine, host, name="martillo")
    switch_on(engine)
    assert originals.promise(engine) == 2
    assert originals.promise(engine) == 0, "promised once"
    versions.restore(engine, ALICIA, restored.id)
    change(engine, ALICIA, "keep_originals_days", 0)
    outbox.work_off(engine, {"delete_original": originals.deletion(host)})
    assert restored.is_there and switched_off.is_there


def test_the_switch_is_the_administrators_and_has_a_grace_of_30_days_at_least(engine: Engine, operator: Actor) -> None:
    with pytest.raises(NotAllowed):
        change(engine, operator, "keep_originals_days", 60)
    with pytest.raises(InvalidInput, match="30"):
        change(engine, ALICIA, "keep_originals_days", 7)
