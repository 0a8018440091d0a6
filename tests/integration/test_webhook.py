"""Another system is told what happens to the queue, until it has heard it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import Engine

from core.access.actors import Actor
from core.bootstrap import WorkerApp
from core.errors import InvalidInput
from core.notify import webhook
from core.pipeline import outbox
from core.queue import pause
from core.settings.change import change
from tests.shop import one, rows, run_sql
from worker import Worker


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
    worker, entered, answer = Worker(app), threading.Semaphore(0), threading.Event()

    def slow() -> None:
        entered.release()
        answer.wait(10)

    worker._tidy = slow  # type: ignore[method-assign] # stands for a host that doesn't answer
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            worker.tidy_at = 0.0
            worker._tidy_beside(pool)
        assert entered.acquire(timeout=5)
        answer.set()
    assert not entered.acquire(blocking=False)
    worker.wakeup.close()
