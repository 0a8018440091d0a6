"""Everything that can go wrong, in an order that a seed decides."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core.db.embedded import place, postmaster
from core.db.embedded.server import start as start_server
from core.db.embedded.server import stop as stop_server
from tests.chaos.fleet import LANE_STAGES, STAGES, Fleet
from tests.chaos.relay import Relay
from tests.emulators import faults
from tests.emulators.faults import Fault
from tests.shop import one, rows

log = logging.getLogger(__name__)

#: What every call meets: quick pictures, and answers that take a while, so that there is a middle to die in.
BASE = {
    "gemini": (
        Fault("generate", times=0, image="identical", delay=0.5, when="after"),
        Fault("batch_item", times=0, image="identical"),
        *(Fault(route, times=0, delay=0.3, when="after") for route in ("file_upload", "batch_create", "file_download")),
    ),
    "cloudinary": (faults.slow(0.15, route="upload", times=0),),
    "photos": (faults.slow(0.1, route="photo", times=0),),
}
#: Seconds that each kind of trouble lasts; what strikes a batch waits until there is one.
LASTS, LASTS_FOR_BATCHES = (3.0, 6.0), 15.0


@dataclass
class Storm:
    """`happened` counts each kind of mishap that struck."""

    chance: random.Random
    fleet: Fleet
    gemini: Relay
    photo_site: Relay
    data_dir: Path  #: of the server to restart
    keep: ExitStack
    happened: Counter[str] = field(default_factory=Counter)
    _ends: dict[str, tuple[float, Callable[[], None]]] = field(default_factory=dict)
    _troubles: dict[str, tuple[Fault, ...]] = field(default_factory=dict)
    _stages: list[str] = field(default_factory=list)
    _lane_stages: list[str] = field(default_factory=list)
    _start: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        for service in BASE:
            self._script(service)

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def tick(self) -> None:
        """Ends what has lasted long enough; replaces the dead."""
        for name, (until, end) in list(self._ends.items()):
            if time.monotonic() >= until:
                del self._ends[name]
                end()
        self.fleet.tend()

    def over(self) -> None:
        for _, end in self._ends.values():
            end()
        self._ends.clear()

    def strike(self, kind: str) -> bool:
        """False: not possible right now."""
        began = time.monotonic()
        done: bool = getattr(self, kind)()
        self.happened[kind] += done
        log.warning("%5.1f s %s%s", began - self._start, kind, "" if done else ": not now")
        return done

    # ── workers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def kill(self) -> bool:
        """At each stage in turn."""
        if not self._stages:
            self._stages = self.chance.sample(STAGES, len(STAGES))
        struck = self.fleet.kill_at(self._stages[-1], seconds=6.0)
        if struck:
            self.happened[f"kill at {self._stages.pop()}"] += 1
        return struck

    def kill_lane(self) -> bool:
        """The one that is at the batches just now, at each of their stages once before any of them again."""
        self._lane_stages = self._lane_stages or list(LANE_STAGES)
        stage = self.fleet.kill_lane_at(self._lane_stages, seconds=4.0)
        if stage:
            self.happened[f"kill at {stage}"] += 1
            self._lane_stages.remove(stage)
        return bool(stage)

    def freeze(self) -> bool:
        """Longer than a lease and the next look at it."""
        held = self.fleet.held()
        if not held or "freeze" in self._ends:
            return False
        self.fleet.freeze(self.chance.choice(held).pid)
        self._last("freeze", self.fleet.thaw, 21.0)
        return True

    # ── the database ────────────────────────────────────────────────────────────────────────────────────────────────

    def terminate(self) -> bool:
        """One or two connections of the workers, in the middle of whatever they do."""
        with suppress(DBAPIError):
            found = rows(
                self.fleet.plant.engine,
                "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user"
                " AND application_name LIKE '%worker%'",
            )
            chosen = self.chance.sample(found, min(len(found), self.chance.randint(1, 2)))
            for row in chosen:
                one(self.fleet.plant.engine, "SELECT pg_terminate_backend(:pid)", pid=row.pid)
            return bool(chosen)
        return False

    def restart_fast(self) -> bool:
        stop_server(self.data_dir)
        return self._start_server()

    def restart_immediate(self) -> bool:
        """No goodbye and no checkpoint: it starts by recovery."""
        cluster = place.find(self.data_dir)
        assert cluster is not None
        postmaster.stop(cluster, fast=True)
        return self._start_server()

    def _start_server(self) -> bool:
        time.sleep(self.chance.uniform(0, 1.5))  # how long it is away is part of what is tested
        self.keep.enter_context(start_server(self.data_dir, fast=False))
        return True

    # ── the services ────────────────────────────────────────────────────────────────────────────────────────────────

    def gemini_overloaded(self) -> bool:
        return self._outage("gemini", faults.overloaded(times=0))

    def gemini_refuses(self) -> bool:
        return self._away("gemini", self.gemini)

    def cloudinary_fails(self) -> bool:
        return self._outage("cloudinary", faults.html_error(502, route="upload", times=0))

    def photos_away(self) -> bool:
        return self._away("photos", self.photo_site)

    def photos_fail(self) -> bool:
        return self._outage("photos", faults.html_error(503, route="photo", times=0))

    def billed_but_cut(self) -> bool:
        return self._outage("gemini", faults.billed_but_cut(times=2), faults.cut_mid_body(times=1))

    def rate_limited(self) -> bool:
        return self._outage("gemini", faults.rate_limited("3.5s", times=1))

    def batch_unanswered(self) -> bool:
        """The batch is ordered, and nobody hears of it."""
        return self._outage("batches", Fault("batch_create", kind="billed_cut"), seconds=LASTS_FOR_BATCHES)

    def batch_item_lost(self) -> bool:
        """Made, billed, and not in the delivery."""
        return self._outage("batches", Fault("batch_item", kind="billed_cut"), seconds=LASTS_FOR_BATCHES)

    def batch_away(self) -> bool:
        """Files and batches can't be asked for."""
        routes = ("file_upload", "batch_create", "batch_get", "file_download")
        return self._outage("batches", *(faults.html_error(502, route=route, times=0) for route in routes))

    def useless_answer(self) -> bool:
        return self._outage("gemini", faults.shaped("text_only", times=1))

    def _outage(self, name: str, *trouble: Fault, seconds: float | None = None) -> bool:
        """`batches` is trouble of Gemini's that may come beside other."""
        if name in self._ends:
            return False
        service = "gemini" if name == "batches" else name

        def end() -> None:
            self._troubles.pop(name)
            self._script(service)

        self._troubles[name] = trouble
        self._script(service)
        self._last(name, end, seconds)
        return True

    def _away(self, service: str, relay: Relay) -> bool:
        if service in self._ends:
            return False
        relay.down()
        self._last(service, relay.up)
        return True

    def _script(self, service: str) -> None:
        control = getattr(self.fleet.plant.emulators, service)
        spent = []  # else what strikes once would begin anew with other trouble, and use up all attempts of one article
        for past in control.faults():
            if past["times"] and past["struck"]:
                self.happened[f"{service}: {past['kind']} {past['shape'] or past['status']}"] += past["struck"]
                spent += [(past["kind"], past["route"], past["shape"])] * (past["struck"] >= past["times"])
        control.clear_faults()
        names = (service, "batches") if service == "gemini" else (service,)
        troubles = [fault for name in names for fault in self._troubles.get(name, ())]
        control.add_faults(
            *(fault for fault in troubles if (fault.kind, fault.route, fault.shape) not in spent), *BASE[service]
        )

    def _last(self, name: str, end: Callable[[], None], seconds: float | None = None) -> None:
        self._ends[name] = (time.monotonic() + (seconds or self.chance.uniform(*LASTS)), end)
