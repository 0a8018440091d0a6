"""Pictures are opened in a child: whatever one of them does to it, the worker and the next picture go on."""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessPool
from PIL import Image

from core.errors import AppError, PausesQueue, StartupError
from core.inspect.decode import MAX_PIXELS, NotAnImage, TooManyPixels, TruncatedImage
from core.inspect.framing import Framing
from core.inspect.studio import (
    Finished,
    PictureBreaksStudio,
    PictureTakesTooLong,
    PictureTakesTooMuchMemory,
    Studio,
    StudioNotStarted,
)
from tests.shop import photo

ROOT = Path(__file__).resolve().parents[2]
MB = 2**20


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio()
    yield studio
    studio.close()
    assert children() == []


def children() -> list[int]:
    return [child.pid for child in active_children()]


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind, compress_level=1)
    return out.getvalue()


@cache
def large() -> bytes:
    """30 megapixels: 120 MB of pixels in a small file, and most of a second to open."""
    return encoded(Image.new("RGBA", (6000, 5000), (200, 30, 30, 255)))


def made() -> bytes:
    image = Image.new("RGB", (1024, 1024), "white")
    image.paste((150, 40, 30), (300, 200, 700, 800))
    return encoded(image)


def finish(studio: Studio, picture: bytes, before: bytes | None = None, **options: Any) -> Finished:
    asked = {"framing": Framing(), "inspection": "basic", "digital_source_type": "trainedAlgorithmicMedia", **options}
    return studio.finish(before or photo(), picture, **asked)


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


# ── work ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_source_comes_back_ready_to_send_with_its_doubts(studio: Studio) -> None:
    prepared = studio.prepare(photo((30, 10, 10), (3000, 2000)))
    with Image.open(io.BytesIO(prepared.jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (1536, 1024))
    assert studio.prepare(encoded(Image.new("RGB", (150, 150), (90, 90, 200)))).doubts


def test_a_made_picture_comes_back_framed_and_measured(studio: Studio) -> None:
    finished = finish(studio, made())
    with Image.open(io.BytesIO(finished.jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (1200, 1200))
    assert finished.report.ring_white == 1.0 and not finished.report.blank


def test_the_memory_it_tells_of_is_the_childs_own(studio: Studio) -> None:
    ours = b"x" * (600 * 2**20)
    peak = finish(studio, made()).report.peak_megabytes
    assert peak is not None and 20 < peak < 500 < len(ours) / 2**20


def test_what_the_editor_doubted_and_a_cut_product_are_findings(studio: Studio) -> None:
    image = Image.new("RGB", (1024, 1024), "white")
    image.paste((150, 40, 30), (300, 500, 700, 1024))
    report = finish(studio, encoded(image), doubts=("odd_finish",)).report
    assert report.doubts == ("odd_finish", "made_cut_off")
    assert report.verdict == "doubtful"
    assert report.seconds and report.peak_megabytes and report.bytes


def test_even_the_narrowest_source_that_is_accepted_can_be_compared(studio: Studio) -> None:
    narrow = studio.prepare(encoded(Image.new("RGB", (3000, 110), (90, 90, 200))))
    assert finish(studio, made(), narrow.jpeg).report.width == 1200


def test_nothing_starts_before_the_first_picture_and_one_at_a_time_needs_one_child(studio: Studio) -> None:
    assert children() == []
    for _ in range(3):
        studio.prepare(photo())
    assert len(children()) == 1


def test_the_child_imports_neither_the_database_nor_an_sdk_nor_the_workers_program(studio: Studio) -> None:
    finish(studio, made())
    modules = set(studio._run(0, eval, "sorted(__import__('sys').modules)"))
    assert {"PIL", "numpy"} <= modules
    foreign = {"sqlalchemy", "google.genai", "cloudinary", "pytest", "core.config", "worker"}
    assert not foreign & modules
    assert not {"onnxruntime", "cv2", "rapidocr"} & modules, "a basic inspection needs none of them"


def test_threads_share_the_studio_and_each_gets_its_own_picture(studio: Studio) -> None:
    sizes = [(400 + 10 * n, 300) for n in range(12)]

    def prepared_size(size: tuple[int, int]) -> tuple[int, int]:
        with Image.open(io.BytesIO(studio.prepare(photo(size=size)).jpeg)) as image:
            return image.size

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(prepared_size, sizes)) == sizes
    assert len(children()) <= 2


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_errors_arrive_as_they_were_raised(studio: Studio) -> None:
    with pytest.raises(TooManyPixels) as caught:
        studio.prepare(encoded(Image.new("1", (9000, 9000))))
    assert caught.value.params == {"width": 9000, "height": 9000, "megapixels": MAX_PIXELS // 1_000_000}
    with pytest.raises(NotAnImage):
        studio.prepare(b"<svg/>")
    with pytest.raises(TruncatedImage):
        finish(studio, made()[:900])
    assert len(children()) == 1, "an error of ours is no reason for a new child"


@pytest.mark.parametrize("error", [PausesQueue(3.5, why="x"), StartupError("es", "en"), PausesQueue()])
def test_any_error_survives_pickling_with_all_it_holds(error: AppError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (copy.args, vars(copy)) == (error.args, vars(error))


def test_a_bug_in_the_child_shows_itself(studio: Studio) -> None:
    with pytest.raises(ZeroDivisionError):
        studio._run(0, eval, "1 / 0")


# ── deaths ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_picture_beyond_the_memory_allowed_fails_in_plain_words_and_the_next_one_works() -> None:
    studio = Studio(memory=64 * MB)
    with pytest.raises(PictureTakesTooMuchMemory, match=r"memoria permitida \(64 MB\).*vuelva a cargarla"):
        studio.prepare(large())
    assert studio.prepare(photo()).jpeg
    studio.close()


def test_the_memory_allowed_by_default_opens_the_largest_picture_accepted(studio: Studio) -> None:
    side = int(MAX_PIXELS**0.5)
    assert studio.prepare(encoded(Image.new("RGBA", (side, side), (90, 90, 200, 128)))).jpeg


def test_a_picture_that_takes_too_long_is_given_up_and_the_next_one_works() -> None:
    studio = Studio(timeout=0.3)
    studio.prepare(photo())
    with pytest.raises(PictureTakesTooLong, match="no se pudo abrir"):
        studio._run(1_000_000, time.sleep, 30)
    assert studio.prepare(photo()).jpeg
    studio.close()
    assert children() == []


def test_a_child_killed_in_the_middle_of_a_picture_fails_that_picture_only(studio: Studio) -> None:
    studio.prepare(photo())
    (child,) = children()
    before = resident(child)
    with ThreadPoolExecutor(1) as thread:
        doomed = thread.submit(studio.prepare, large())
        wait_for(lambda: resident(child) > before + 30 * MB)
        os.kill(child, signal.SIGKILL)
        with pytest.raises(PictureBreaksStudio, match="se cortó con esta foto"):
            doomed.result(20)
    assert studio.prepare(photo()).jpeg
    assert child not in children()


def test_a_child_killed_between_pictures_costs_none(studio: Studio) -> None:
    studio.prepare(photo())
    (child,) = children()
    os.kill(child, signal.SIGKILL)
    for _ in range(3):
        assert studio.prepare(photo()).jpeg


def test_a_child_killed_between_being_looked_at_and_given_its_picture_costs_nothing(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.prepare(photo())
    (child,) = children()
    looked_at = ProcessPool._check_pool_status

    def die_after(pool: ProcessPool) -> None:
        looked_at(pool)
        if child in children():
            os.kill(child, signal.SIGKILL)
            assert pool._pool_manager_loop is not None
            pool._pool_manager_loop.join(20)  # it ends with its last child
            assert not pool.active

    monkeypatch.setattr(ProcessPool, "_check_pool_status", die_after)
    began = time.monotonic()
    assert studio.prepare(photo()).jpeg
    assert time.monotonic() - began < 30, "it waited for an answer that nobody gives"


def test_a_child_killed_before_it_takes_its_picture_costs_nothing(studio: Studio) -> None:
    studio.prepare(photo())
    (child,) = children()
    os.kill(child, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as thread:
        picture = thread.submit(studio.prepare, photo(size=(2000, 2000)))
        os.kill(child, signal.SIGKILL)
        assert picture.result(20).jpeg


def test_a_child_that_cannot_start_is_said_and_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = Studio()
    monkeypatch.setattr("core.inspect.studio_child.start", os.abort)
    with pytest.raises(StudioNotStarted):
        studio.prepare(photo())
    monkeypatch.undo()
    assert studio.prepare(photo()).jpeg
    studio.close()


def test_the_terminals_signals_leave_the_child_at_work(studio: Studio) -> None:
    studio.prepare(photo())
    (child,) = children()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(child, number)
    assert studio.prepare(photo()).jpeg
    assert children() == [child]


def test_a_child_is_replaced_after_its_share_of_pictures() -> None:
    studio = Studio(recycle=2)
    seen = {studio._run(0, os.getpid) for _ in range(5)}
    assert len(seen) == 3
    studio.close()


def test_a_busy_child_dies_with_its_parent() -> None:
    program = """
        import threading, time
        from multiprocessing import active_children
        from core.inspect.studio import Studio
        studio = Studio()
        studio._run(0, time.sleep, 0)
        threading.Thread(target=studio._run, args=(0, time.sleep, 50), daemon=True).start()
        print(active_children()[0].pid, flush=True)
        time.sleep(50)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline())
        assert not gone(child)
        parent.kill()
    wait_for(lambda: gone(child))


def test_closing_waits_for_the_picture_at_work_and_refuses_later_ones(studio: Studio) -> None:
    studio.prepare(photo())
    with ThreadPoolExecutor(1) as thread:
        last = thread.submit(studio._run, 0, time.sleep, 0.3)
        wait_for(lambda: last.running() and studio._idle.qsize() == 1)
        studio.close()
        assert last.result(0) is None
    with pytest.raises(RuntimeError, match="closed"):
        studio.prepare(photo())
