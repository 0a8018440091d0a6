"""What runs in the studio's child process: bytes in, bytes out. Imports Pillow and numpy, nothing of the worker's.

The networks, OpenCV and the label reader come with the first full inspection: a shop that inspects *básica* never pays
for them.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from core.inspect import decode, framing, measure, verdict
from core.inspect.framing import Framing
from core.inspect.jpeg import DigitalSourceType, Used, source_type, to_jpeg
from core.inspect.report import Report

if TYPE_CHECKING:
    from core.inspect.chooser import Inspector

Inspection = Literal["full", "basic"]
MADE: Used = "made"


@dataclass(frozen=True)
class Prepared:
    """A source, checked and ready to send."""

    jpeg: bytes  #: upright, sRGB, at most 1536 pixels, no metadata
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Finished:
    """A picture ready to publish."""

    jpeg: bytes
    report: Report
    used: Used = "made"
    trouble: str | None = None  #: why the full inspection gave up, for the log


def start(memory: int) -> None:
    """The child's first steps. `memory`: bytes that a picture may take on top of the bare interpreter."""
    # A terminal's Ctrl-C or a service manager's SIGTERM goes to every process of the group, but the worker still needs
    # this one for what it has paid. It ends by the worker's SIGKILL, or with the worker.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    with suppress(OSError):  # Linux only: when the machine itself runs out, this process goes and not the worker
        Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(OSError, ValueError):
        _limit(memory)


def prepare(source: bytes) -> Prepared:
    photo = decode.decode(source)
    return Prepared(decode.encode_source(photo), photo.doubts)


def finish(
    before: bytes,
    made: bytes,
    frame_as: Framing,
    digital_source_type: DigitalSourceType,
    inspection: Inspection,
    doubts: tuple[str, ...],
    composite: bool,
) -> Finished:
    started = time.perf_counter()
    picture = decode.decode(made).image
    framed = framing.frame(picture, frame_as) if frame_as.needed else picture
    with Image.open(io.BytesIO(before), formats=("JPEG",)) as opened:
        source = opened.convert("RGB")
    if frame_as.needed and measure.is_cut_off(picture):
        doubts = (*doubts, "made_cut_off")  # once framed it no longer shows
    best, used, trouble = framed, MADE, None
    if inspection == "basic":
        report = verdict.judge(measure.measure(source, framed), doubts)
    else:
        try:
            best, report, used = _inspector().choose(source, framed, frame_as, doubts, faithful=composite)
        except MemoryError:
            raise
        except Exception as error:  # it is paid for: a person looks at it, whatever a library chokes on
            trouble = f"{type(error).__name__}: {error}"
            report = verdict.judge(measure.measure(source, framed), (*doubts, "uncompared"))
    kind = digital_source_type if used == "made" else source_type(used, ai=True)
    jpeg = to_jpeg(best, digital_source_type=kind)
    report = replace(
        report,
        bytes=len(jpeg),
        seconds=round(time.perf_counter() - started, 3),
        peak_megabytes=_peak_megabytes(),
    )
    return Finished(jpeg, report, used, trouble)


@cache
def _inspector() -> Inspector:
    from core.inspect.chooser import Inspector

    return Inspector()


def _limit(memory: int) -> None:
    """Counted from what is mapped now: numpy's idle threads alone reserve hundreds of MB on a big machine."""
    pages = Path("/proc/self/statm").read_text().split()
    page = resource.getpagesize()
    # Data: what can be written to, the measure that fits. Address space too, for kernels that count only the heap.
    for kind, used in ((resource.RLIMIT_DATA, int(pages[5])), (resource.RLIMIT_AS, int(pages[0]))):
        _, most = resource.getrlimit(kind)
        wanted = used * page + memory
        resource.setrlimit(kind, (wanted if most < 0 else min(wanted, most), most))


def _peak_megabytes() -> float:
    """getrusage(2) counts the parent's memory too: what a process was before execve(2) stays in its ru_maxrss."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
