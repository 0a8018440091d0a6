"""Thousands of broken files, each a photo or a named refusal: nothing else, quickly and in little memory."""

from __future__ import annotations

import io
import random
import time
import zipfile

import pytest
from PIL import Image

from core.errors import Permanent
from core.inspect.decode import decode

SEED = 20261128
#: Seconds of CPU; most take a few milliseconds.
SLOWEST = 0.2


def originals() -> list[bytes]:
    """Small files of every kind that is read, and their odd relatives."""
    noise = random.Random(SEED)
    base = Image.frombytes("RGB", (260, 220), noise.randbytes(260 * 220 * 3)).resize((256, 256))
    made: list[bytes] = []

    def add(image: Image.Image, format: str, **options: object) -> None:
        out = io.BytesIO()
        image.save(out, format, **options)
        made.append(out.getvalue())

    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "<script>alert(1)</script>\0'; DROP TABLE articulos; --"
    add(base, "JPEG", exif=exif, comment=b"%PDF-1.7 <?php system($_GET[0]); ?>")
    add(base, "JPEG", progressive=True, quality=30)
    add(base.convert("CMYK"), "JPEG")
    add(base.convert("L"), "JPEG")
    add(base, "PNG")
    add(base.convert("RGBA"), "PNG")
    add(base.convert("P"), "PNG")
    add(Image.new("I;16", (256, 256), 40_000), "PNG")
    add(base, "WEBP")
    add(base.convert("RGBA"), "WEBP", lossless=True)
    return made


def mutated(data: bytes, dice: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 16, 64))):
        at = dice.randrange(len(broken))
        match dice.randrange(6):
            case 0:
                broken[at] = dice.randrange(256)
            case 1:
                broken[at] ^= 1 << dice.randrange(8)
            case 2:
                del broken[at : at + dice.randrange(1, 40)]
            case 3:
                broken[at:at] = dice.randbytes(dice.randrange(1, 40))
            case 4:
                broken[at : at + 4] = dice.choice(
                    (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0")
                )
            case _:
                broken = broken[: max(12, at)]
        if len(broken) < 12:
            break
    return bytes(broken)


def fuzz(count: int, seed: int) -> tuple[int, int]:
    """(photos, refusals); anything else that is raised, or one that takes too long, is the test's failure."""
    dice, sources = random.Random(seed), originals()
    photos = refusals = 0
    for number in range(count):
        data = mutated(dice.choice(sources), dice)
        started = time.process_time()
        try:
            photo = decode(data)
            assert photo.image.mode == "RGB" and not photo.image.info, number
            photos += 1
        except Permanent as refused:
            assert refused.text, number
            refusals += 1
        assert time.process_time() - started < SLOWEST, (number, len(data))
    return photos, refusals


def test_500_mutated_files_are_each_a_photo_or_a_named_refusal() -> None:
    photos, refusals = fuzz(500, SEED)
    assert photos + refusals == 500
    assert refusals > 100  # the mutations do break things


@pytest.mark.long
def test_20000_mutated_files_are_each_a_photo_or_a_named_refusal() -> None:
    assert sum(fuzz(20_000, SEED + 1)) == 20_000


def zipped(name: str, content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "tail",
    [
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>endobj",
        b"<?php system($_GET['c']); ?>",
        zipped("a.jsp", "x"),
        b"MZ" + bytes(4000),
    ],
)
@pytest.mark.parametrize("number", range(0, 10, 4))
def test_of_a_polyglot_only_the_picture_is_kept(tail: bytes, number: int) -> None:
    photo = decode(originals()[number] + tail)
    out = io.BytesIO()
    photo.image.save(out, "JPEG")
    assert tail[:12] not in out.getvalue()
    assert not photo.image.getexif()


@pytest.mark.parametrize(
    "dressed",
    [
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b'<!doctype html><img src=x onerror="alert(1)">',
        b"%PDF-1.7\n",
        b"GIF89a" + bytes(500),
        b"\0\0\0\x20ftypavif" + bytes(500),
        b"II*\0" + bytes(500),
        b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (r) file",
        b"push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/'\npop graphic-context",
        zipped("a", "b"),
        b"\x1f\x8b" + bytes(500),
    ],
)
def test_what_is_dressed_as_a_picture_is_refused(dressed: bytes) -> None:
    with pytest.raises(Permanent):
        decode(dressed)
