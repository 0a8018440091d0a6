"""Each kind of hostile picture, in a process of its own: its refusal in milliseconds and with little memory."""

from __future__ import annotations

import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from core.errors import Permanent
from core.inspect.decode import decode
from core.inspect.studio import Lean
from tests.unit.test_decode import encoded, png, webp_canvas

LARGE = 4100  #: its square is more than a flat picture may have
CPU_SECONDS, MEGABYTES = 0.2, 100


def flat_png(side: int, depth: int, colour_type: int, channels: int) -> bytes:
    """All zeros: a thousandth of what it unpacks to."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixels = zlib.compress(bytes((1 + (side * channels * depth + 7) // 8) * side))
    header = struct.pack(">IIBBBBB", side, side, depth, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def thousand_scans() -> bytes:
    jpeg = encoded(Image.new("RGB", (2000, 2000)), progressive=True)
    last = jpeg[jpeg.rfind(b"\xff\xda") : -2]
    return jpeg[:-2] + last * 1000 + jpeg[-2:]


def refused() -> dict[str, bytes]:
    frames = [Image.new("RGB", (300, 300), (80 * n, 0, 0)) for n in range(1, 4)]
    return {
        "a header of 50,000 × 50,000": png(50_000, 50_000),
        "its WebP sister": webp_canvas(16_383, 16_383),
        "one bit a pixel": flat_png(LARGE, 1, 0, 1),
        "flat colour": flat_png(LARGE, 8, 2, 3),
        "flat colour, transparent": flat_png(LARGE, 8, 6, 4),
        "flat colour, 16 bits, transparent": flat_png(LARGE, 16, 6, 4),
        "flat grey, 16 bits": flat_png(LARGE, 16, 0, 1),
        "flat grey, transparent": flat_png(LARGE, 8, 4, 2),
        "a WebP of two kilobytes": encoded(Image.new("RGB", (LARGE, LARGE)), "WEBP", lossless=True),
        "a thousand scans": thousand_scans(),
        "an animated PNG": encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "an animated WebP": encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        "an animated GIF": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "a TIFF": encoded(frames[0], "TIFF"),
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "HTML behind a JPEG's first bytes": b"\xff\xd8\xff<html><script>alert(1)</script>",
        "PDF behind a PNG's": b"\x89PNG\r\n\x1a\n%PDF-1.7",
        "cut in half": encoded(Image.effect_noise((500, 500), 90), "PNG")[:70_000],
    }


def read() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x010E], exif[0x9286] = "<script>alert(1)</script>", b"A" * 60_000
    return {
        "CMYK": encoded(Image.new("CMYK", (1500, 1500), (0, 200, 200, 0))),
        "grey of 16 bits": encoded(Image.new("I;16", (1500, 1500), 40_000), "PNG"),
        "loaded EXIF": encoded(Image.new("RGB", (1500, 1500), "red"), exif=exif, comment=b"<?php ?>" * 5000),
        "a profile of megabytes": encoded(Image.new("RGB", (800, 800)), icc_profile=b"\0" * 10_000_000),
    }


def cost(data: bytes) -> tuple[str, float, float]:
    """What came of it, its CPU seconds, and the megabytes on top of what the process had."""
    decode(encoded(Image.new("RGB", (300, 300), "red")))  # the readers' own tables
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before, started = memory("VmRSS"), time.process_time()
    try:
        outcome = f"{decode(data).image.mode}"
    except Permanent as refusal:
        outcome = refusal.code
    return outcome, time.process_time() - started, memory("VmHWM") - before


def dear(found: dict[str, tuple[str, float, float]]) -> dict[str, tuple[str, float, float]]:
    return {kind: what for kind, what in found.items() if what[1] > CPU_SECONDS or what[2] > MEGABYTES}


def memory(what: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells a process's peak, others don't")
def test_every_hostile_picture_costs_next_to_nothing() -> None:
    hostile, odd = refused(), read()
    with Lean().Pool(1) as children:  # a page tested before has put its own __main__ there
        found = dict(zip([*hostile, *odd], children.map(cost, [*hostile.values(), *odd.values()], 1), strict=True))
        for kind in dear(found):  # neighbours on the same processor make work look longer: the least of three counts
            tries = [found[kind], *children.map(cost, 2 * [{**hostile, **odd}[kind]], 1)]
            found[kind] = min(tries, key=lambda what: what[1])
    assert dear(found) == {}
    assert {kind for kind, what in found.items() if what[0] == "RGB"} == set(odd)


def test_a_large_photo_that_is_one_is_no_bomb() -> None:
    noise = Image.effect_noise((1020, 1020), 40).resize((2040, 2040)).convert("RGB")
    for data in (encoded(noise, "WEBP", quality=50), encoded(noise, progressive=True, quality=60)):
        assert decode(data).width == 2040


def test_an_ordinary_flat_drawing_is_no_bomb() -> None:
    out = io.BytesIO()
    Image.new("RGB", (3000, 3000), "white").save(out, "PNG", compress_level=1)
    assert decode(out.getvalue()).width == 3000
