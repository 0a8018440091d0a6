"""What runs in the studio's child process: bytes in, bytes out. Imports Pillow and numpy, nothing of the worker's."""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from core.inspect import decode, framing, measure
from core.inspect.framing import DigitalSourceType
from core.inspect.measure import Report


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


def finish(before: bytes, made: bytes, needs_framing: bool, digital_source_type: DigitalSourceType) -> Finished:
    picture = decode.decode(made).image
    framed = framing.frame(picture) if needs_framing else picture
    with Image.open(io.BytesIO(before), formats=("JPEG",)) as source:
        report = measure.measure(source.convert("RGB"), framed)
    return Finished(framing.to_jpeg(framed, digital_source_type=digital_source_type), report)


def _limit(memory: int) -> None:
    """Counted from what is mapped now: numpy's idle threads alone reserve hundreds of MB on a big machine."""
    pages = Path("/proc/self/statm").read_text().split()
    page = resource.getpagesize()
    # Data: what can be written to, the measure that fits. Address space too, for kernels that count only the heap.
    for kind, used in ((resource.RLIMIT_DATA, int(pages[5])), (resource.RLIMIT_AS, int(pages[0]))):
        _, most = resource.getrlimit(kind)
        wanted = used * page + memory
        resource.setrlimit(kind, (wanted if most < 0 else min(wanted, most), most))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
