"""A storm from its first cloud to the last job's end."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from core.db.embedded import temporary_server
from core.db.engine import durably, make_engine
from core.db.migrate import migrate
from core.pipeline import outbox
from core.providers.cloudinary_host import CloudinaryHost
from core.queue import counts
from tests.chaos.fleet import Fleet
from tests.chaos.plant import Plant
from tests.chaos.relay import Relay
from tests.chaos.storm import Storm
from tests.chaos.wares import Wares, ask_for, stock
from tests.chaos.witness import Witness
from tests.emulators.fixtures import Emulators
from tests.shop import one, rows, run_sql

WORKERS = 4
#: Jobs that wait or are in hand; with fewer, more are asked for.
ENOUGH = 24
#: US$ an article; far more than any may cost, so that a wall hit means money run away.
BUDGET = 0.15


@dataclass(frozen=True)
class Size:
    articles: int
    mishaps: dict[str, int]  #: how often each strikes
    stages: tuple[str, ...]  #: at each of which a worker must have died
    pace: tuple[float, float]  #: seconds between them
    patience: float  #: seconds from the end of the storm until all is done
    hurry: float  #: the queue's own waits are cut to so many seconds
    longest: float  #: seconds after which what found nothing to strike is given up, and the test with it


@dataclass
class Scene:
    size: Size
    chance: random.Random
    plant: Plant
    fleet: Fleet
    storm: Storm
    wares: Wares
    witness: Witness
    jobs: set[int] = field(default_factory=set)  #: all that were ever asked for
    due: set[str] = field(default_factory=set)  #: public ids of replaced pictures whose grace is over
    _waiting: list[int] = field(default_factory=list)

    def weather(self) -> None:
        """The whole storm; new work comes in all the time."""
        self._waiting = self.chance.sample(sorted(self.wares.shown), len(self.wares.shown))
        self.feed()
        self.fleet.tend()
        self.until(lambda: self.counted().completados > 0, 60)
        kinds = [kind for kind, times in self.size.mishaps.items() for _ in range(times)]
        todo, deadline = self.chance.sample(kinds, len(kinds)), time.monotonic() + self.size.longest
        while todo and time.monotonic() < deadline:
            later = []
            for kind in todo:
                self.wait(self.chance.uniform(*self.size.pace))
                self.feed()
                if kind == "kill_lane":
                    self.ask(self.chance.sample(sorted(self.wares.shown), 4), lane="economy", fresh=True)
                if not self.storm.strike(kind):
                    later.append(kind)
            todo = later
        self.storm.over()
        self.ask(self._waiting)

    def settle(self) -> None:
        """The sun shines until every job has ended; then the workers go home."""
        self.until(lambda: (n := self.counted()).pendientes + n.procesando == 0, self.size.patience)
        assert set(self.fleet.stop()) == {0}
        # Taken by a worker that died then; and, where the storm had no time for it, some of those that wait.
        self._age("(o.run_after < now() + interval '2 hours' OR o.id % 2 = 0)")
        host = CloudinaryHost(self.plant.emulators.cloudinary_url)
        outbox.work_off(self.plant.engine, {"delete_superseded": outbox.deletion(host)}, limit=10_000)

    # ── work ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def feed(self) -> None:
        """Keeps the queue from running dry, with new articles and with some that are done."""
        now = self.counted()
        if now.pendientes + now.procesando > ENOUGH:
            return
        new, self._waiting = self._waiting[:ENOUGH], self._waiting[ENOUGH:]
        # Every third takes the night lane; of two that share a photo, one may go each way.
        self.ask(new[::3], lane="economy")
        self.ask([article for place, article in enumerate(new) if place % 3])
        with suppress(DBAPIError):
            done = rows(
                self.plant.engine,
                "SELECT DISTINCT articulo_id AS id FROM image_processing_queue WHERE estado = 'completed'",
            )
            again = self.chance.sample(sorted(row.id for row in done), min(4 if new else ENOUGH, len(done)))
            self.ask(again[::2], fresh=True)
            self.ask(again[1::4])
            self.ask(again[3::4], lane="economy", fresh=True)
            self._age("o.id % 2 = 0")

    def ask(self, articles: list[int], **options: Any) -> None:
        if articles:
            self.jobs |= {added.queue_id for added in ask_for(self.plant.engine, articles, **options).added}

    def in_lane(self) -> int:
        """Pictures that came home in a batch."""
        return int(
            one(
                self.plant.engine,
                "SELECT count(*) AS n FROM revelado.purchases WHERE submission_id IS NOT NULL AND state = 'used'",
            ).n
        )

    def shared(self) -> int:
        """Pictures that did for another article too."""
        return int(
            one(
                self.plant.engine,
                "SELECT count(*) AS n FROM revelado.purchases b WHERE state = 'reused' AND EXISTS (SELECT"
                " FROM revelado.purchases a WHERE a.cache_key = b.cache_key AND a.articulo_id <> b.articulo_id)",
            ).n
        )

    def counted(self) -> counts.Counts:
        return durably(self.plant.engine, counts.read)

    def _age(self, which: str) -> None:
        """As if thirty days had passed for these replaced pictures."""
        aged = rows(
            self.plant.engine,
            "SELECT p.public_id, o.id FROM revelado.outbox o"
            " JOIN revelado.pictures p ON p.id = (o.payload ->> 'picture_id')::bigint"
            f" WHERE o.done_at IS NULL AND {which}",
        )
        self.due |= {row.public_id for row in aged}
        run_sql(
            self.plant.engine,
            "UPDATE revelado.outbox SET run_after = now() WHERE done_at IS NULL AND id = ANY(:ids)",
            ids=[row.id for row in aged],
        )

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.storm.tick()
            self.witness.glance()
            self._hurry()
            time.sleep(0.2)

    def until(self, reached: object, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, self.plant.states()
            self.wait(0.2)

    def _hurry(self) -> None:
        """As if minutes had passed for whatever waits for its hour."""
        with suppress(DBAPIError):
            run_sql(
                self.plant.engine,
                "UPDATE image_processing_queue SET run_after = now() + make_interval(secs => :wait)"
                " WHERE estado = 'pending' AND run_after > now() + make_interval(secs => :wait)",
                wait=self.size.hurry,
            )
            run_sql(
                self.plant.engine,
                "UPDATE revelado.queue_control SET paused_until = now() + make_interval(secs => :wait)"
                " WHERE paused_until > now() + make_interval(secs => :wait)",
                wait=2 * self.size.hurry,
            )
            # An order may be under way until `poll_after`; no call to the emulators takes half as long.
            run_sql(
                self.plant.engine,
                "UPDATE revelado.submissions SET poll_after = now() + make_interval(secs =>"
                "  CASE state WHEN 'submitted' THEN 2 ELSE 20 END) WHERE finished_at IS NULL AND poll_after"
                "  > now() + make_interval(secs => CASE state WHEN 'submitted' THEN 2 ELSE 20 END)",
            )


@contextmanager
def scene(size: Size, seed: int, emulators: Emulators, folder: Path) -> Iterator[Scene]:
    chance = random.Random(seed)
    with ExitStack() as stack:
        # Durable, and its own: an immediate stop must lose nothing that was committed.
        server = stack.enter_context(temporary_server(fast=False))
        gemini = stack.enter_context(Relay(emulators.gemini_url))
        photo_site = stack.enter_context(Relay(emulators.photos.base_url))
        engine = make_engine(server.url, "test")
        stack.callback(engine.dispose)
        migrate(engine)
        cloudinary = emulators.cloudinary.base_url.removeprefix("http://")
        environ = {"GOOGLE_GEMINI_BASE_URL": gemini.url, "FETCH_ALLOW": f"{cloudinary},{photo_site.host}"}
        plant = Plant(engine, server.url, emulators, folder, environ)
        stack.callback(plant.stop)
        usd = round(size.articles * BUDGET)
        plant.tune(speed="maxima", delay_seconds=0, images_per_minute=2000, daily_budget=usd, monthly_budget=usd)
        plant.tune(economy_wait_minutes=0)
        wares = stock(engine, emulators, photo_site, size.articles)
        fleet = Fleet(plant, WORKERS)
        storm = Storm(chance, fleet, gemini, photo_site, server.data_dir, stack)
        yield Scene(size, chance, plant, fleet, storm, wares, Witness(engine, emulators, wares, chance))
