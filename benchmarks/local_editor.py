"""Pictures a minute of the keyless editor over the demo photos, beside decoding and encoding them alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from core.inspect import decode, jpeg
from core.providers.local_editor import LocalEditor
from core.providers.ports import EditRequest
from core.providers.u2net import find_weights

PHOTOS = Path(__file__).resolve().parents[1] / "demo" / "fotos"
COUNT = 24


def measure() -> Iterator[tuple[str, str]]:
    photos = [path.read_bytes() for path in sorted(PHOTOS.glob("*.jpg"))[:COUNT]]
    editor = LocalEditor(find_weights())
    editor.buy(EditRequest(decode.encode_source(decode.decode(photos[0])), "image/jpeg", "", editor.model))
    started = time.perf_counter()
    for data in photos:
        jpeg.to_jpeg(decode.decode(data).image)
    plain = time.perf_counter() - started
    started = time.perf_counter()
    for data in photos:
        source = decode.encode_source(decode.decode(data))
        edit = editor.read(editor.buy(EditRequest(source, "image/jpeg", "", editor.model)))
        jpeg.to_jpeg(decode.decode(edit.image).image)
    made = time.perf_counter() - started
    per_minute = 60 * len(photos) / made
    yield f"local editor, {len(photos)} demo photos", f"{made / len(photos):.2f} s each, {per_minute:.0f} a minute"
    yield (
        "the same photos decoded and encoded only",
        f"{plain / len(photos):.2f} s each ({made / plain:.1f}× for the cut-out)",
    )
