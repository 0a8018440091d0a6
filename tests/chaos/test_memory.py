"""The memory of a worker that has gone through many large photos; `make long`."""

from __future__ import annotations

import io
import os
import statistics
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import text

from core.access.actors import SYSTEM
from core.queue.enqueue import enqueue
from tests.chaos.plant import Plant
from tests.shop import articles, run_sql

#: Flat after the first SETTLED pictures, in windows of WINDOW: half of what a child does before it is replaced.
PICTURES, SETTLED, WINDOW, BODIES = int(os.environ.get("MEMORY_PICTURES", "2000")), 100, 100, 5
PATIENCE = 120.0  #: seconds without a finished picture
MB = 2**20


@pytest.mark.long
@pytest.mark.timeout(2 * 3600)
def test_memory_stays_flat_over_thousands_of_photos_of_five_megabytes(
    plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _queue(plant)
    worker = plant.worker(log=tmp_path / "worker.log")
    samples = _watch(plant, worker.pid)
    assert plant.states().count("completed") == PICTURES
    report = []
    for process, by_window in samples.items():
        medians = [statistics.median(sizes) / MB for _, sizes in sorted(by_window.items())]
        highest = max(max(sizes) for sizes in by_window.values()) / MB
        report.append(f"{process}: medians {[round(m) for m in medians]} MB, highest {highest:.0f} MB")
    with capsys.disabled():
        sys.stdout.write("\n  ".join((f"\n{PICTURES} pictures of {len(_photo(0)) / 1e6:.1f} MB:", *report, "")))
    for process, by_window in samples.items():
        first, *later = (statistics.median(sizes) for _, sizes in sorted(by_window.items()))
        # A child that was replaced a moment before the end is smaller: growth is what must not be.
        assert all(size - first <= 0.1 * first for size in later), process
        assert process == "child" or all(first - size <= 0.1 * first for size in later), process


def _queue(plant: Plant) -> None:
    """Few photos, each the photo of many articles; their names differ, so that no answer is used twice."""
    plant.tune(speed="rapida", delay_seconds=0, images_per_minute=0, images_per_day=0, daily_budget=0, monthly_budget=0)
    urls = [plant.emulators.photos.add_photo(f"{n}.jpg", _photo(n)) for n in range(BODIES)]
    ids = articles(plant.engine, PICTURES)
    run_sql(
        plant.engine, "UPDATE articulos SET imagen_url = (CAST(:urls AS text[]))[1 + id % :count]",
        urls=urls, count=BODIES,
    )  # fmt: skip
    enqueue(plant.engine, SYSTEM, ids, origin="cli")


def _photo(seed: int) -> bytes:
    """13 megapixels of a product on a grainy table: about 5 MB."""
    chance = np.random.default_rng(seed)
    grain = chance.normal(120, 12, (3100, 4200, 1)).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(grain.repeat(3, axis=2))
    ImageDraw.Draw(image).ellipse((1000, 700, 3200, 2400), fill=(150 + seed * 10, 40, 30))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


def _watch(plant: Plant, worker: int) -> dict[str, dict[int, list[int]]]:
    """Resident bytes of the worker and of its pictures' child, several a second, by window of pictures done."""
    samples: dict[str, dict[int, list[int]]] = {"worker": defaultdict(list), "child": defaultdict(list)}
    done, since = 0, time.monotonic()
    while done < PICTURES:
        now_done = _finished(plant)
        if now_done > done:
            done, since = now_done, time.monotonic()
        assert time.monotonic() < since + PATIENCE, f"nothing was finished after picture {done}"
        if done >= SETTLED:
            window = (done - SETTLED) // WINDOW
            samples["worker"][window].append(_resident(worker))
            samples["child"][window] += _children(worker)
        time.sleep(0.2)
    return samples


def _finished(plant: Plant) -> int:
    with plant.engine.connect() as connection:
        return int(
            connection.scalar(
                text("SELECT count(*) FROM image_processing_queue WHERE estado NOT IN ('pending', 'processing')")
            )
        )


def _resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def _children(process: int) -> list[int]:
    """What each of the studio's holds, bytes, once it has started: a fresh interpreter's size says nothing."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # threads and children come and go
            for child in map(int, task.read_text().split()):
                command = Path(f"/proc/{child}/cmdline").read_bytes()
                if b"spawn_main" in command and (size := _resident(child)) > 50 * MB:
                    found.append(size)
    return found
