"""Another system is told what happens to the queue, until it has heard it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.bootstrap import WorkerApp
from core.errors import InvalidInput
from core.notify import webhook
from core.pipeline import outbox
from core.pipeline.tidy import Tidier
from core.queue import claim, counts, finish, manage, pause, retry
from core.queue.enqueue import enqueue
from core.queue.finish import Failure
from core.settings.change import change
from tests.shop import article, one, rows, run_sql


class Listener(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Ear)
        self.heard: list[dict[str, object]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/avisos"


class Ear(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        self.server.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def work_off(engine: Engine) -> int:
    run_sql(engine, "UPDATE revelado.outbox SET run_after = now()")
    return outbox.work_off(engine, {"webhook": webhook.send})


def test_a_pause_and_its_end_are_told_with_who_and_why(engine: Engine, admin: Actor, listener: Listener) -> None:
    change(engine, admin, "webhook_url", listener.url)
    pause.pause(engine, admin, "inventario")
    pause.resume(engine, admin)
    assert work_off(engine) == 2
    paused, resumed = sorted(listener.heard, key=lambda event: str(event["at"]))
    assert (paused["event"], resumed["event"]) == ("queue.paused", "queue.resumed")
    assert paused["data"] == {"by": "Alicia", "code": "by_person", "reason": "inventario", "seconds": None}


def test_the_end_of_a_batch_is_told_once_with_what_came_of_it(engine: Engine, admin: Actor, listener: Listener) -> None:
    change(engine, admin, "webhook_url", listener.url)
    ids = [article(engine, f"Clavo {n}", f"http://x/{n}") for n in range(3)]
    batch = enqueue(engine, admin, ids, origin="panel", label="Clavos")
    counts.fold(engine)
    with engine.begin() as connection:
        first, second = claim.claim(connection, uuid4(), 2)
        finish.end(connection, first, "completed")
    counts.fold(engine)
    assert not rows(engine, "SELECT FROM revelado.outbox"), "two are left"
    with engine.begin() as connection:
        finish.end(connection, second, "failed", failure=Failure("photo_gone", "La foto ya no está."))
    manage.cancel(engine, admin, job_ids=[batch.added[2].queue_id])
    counts.fold(engine)
    counts.fold(engine)
    assert work_off(engine) == 1
    [told] = listener.heard
    assert told["event"] == "batch.finished"
    ended = {"batch": batch.batch_id, "label": "Clavos", "by": "Alicia", "completed": 1, "failed": 1}
    assert told["data"] == ended
    run_sql(engine, "DELETE FROM image_processing_queue")
    counts.fold(engine)
    assert work_off(engine) == 0, "cleaning ends no batch"
    assert [row.n for row in rows(engine, "SELECT count(*) AS n FROM revelado.outbox")] == [1]


def test_a_batch_that_ends_again_after_a_retry_is_told_again(engine: Engine, admin: Actor, listener: Listener) -> None:
    change(engine, admin, "webhook_url", listener.url)
    enqueue(engine, admin, [article(engine, "Clavo", "http://x/1")], origin="panel")
    for outcome in ("failed", "completed"):
        with engine.begin() as connection:
            [job] = claim.claim(connection, uuid4())
            finish.end(connection, job, outcome, failure=Failure("x", "x") if outcome == "failed" else None)
        counts.fold(engine)
        if outcome == "failed":
            retry.retry_one(engine, admin, job.id)
            counts.fold(engine)
    assert work_off(engine) == 2
    assert sorted((e["data"]["completed"], e["data"]["failed"]) for e in listener.heard) == [(0, 1), (1, 0)]  # type: ignore[index]


def test_it_is_told_again_under_the_same_id_until_it_is_heard(engine: Engine, admin: Actor, listener: Listener) -> None:
    change(engine, admin, "webhook_url", listener.url)
    pause.pause(engine, admin, "x")
    listener.status = 503
    assert work_off(engine) == 0
    assert "503" in one(engine, "SELECT last_error FROM revelado.outbox").last_error
    listener.status = 204
    assert work_off(engine) == 1 and work_off(engine) == 0
    assert len({str(event["id"]) for event in listener.heard}) == 1 and len(listener.heard) == 2


def test_without_an_address_nothing_is_promised(engine: Engine, admin: Actor) -> None:
    pause.pause(engine, admin, "x")
    assert not rows(engine, "SELECT FROM revelado.outbox")


def test_an_address_taken_away_ends_what_was_promised(engine: Engine, admin: Actor) -> None:
    change(engine, admin, "webhook_url", "http://127.0.0.1:9/")
    pause.pause(engine, admin, "x")
    assert work_off(engine) == 0
    change(engine, admin, "webhook_url", "")
    assert work_off(engine) == 1


@pytest.mark.parametrize("url", ["ftp://tienda/", "avisos", "https://", "http://a b/", "https://x/" + "y" * 600])
def test_only_a_web_address_is_kept(engine: Engine, admin: Actor, url: str) -> None:
    with pytest.raises(InvalidInput, match="webhook_url"):
        change(engine, admin, "webhook_url", url)


def test_a_slow_outside_takes_one_thread_of_the_worker_and_no_more(app: WorkerApp) -> None:
    tidier, entered, answer = Tidier(app.engine, app.host, lambda: False), threading.Semaphore(0), threading.Event()

    def slow() -> None:
        entered.release()
        answer.wait(10)

    tidier._tidy = slow  # type: ignore[method-assign] # stands for a host that doesn't answer
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            tidier._next_at = 0.0
            tidier.tidy_beside(pool)
        assert entered.acquire(timeout=5)
        answer.set()
    assert not entered.acquire(blocking=False)
