"""Sheets of the demo photos before and after the local editor, to be looked at: `python -m benchmarks.contact_sheet DIR`."""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.truth import overlap
from core.inspect import decode
from core.providers.local_cutout import cut_out
from core.providers.local_editor import LocalEditor
from core.providers.ports import Edit, EditRequest
from core.providers.u2net import Loader, find_weights

PHOTOS = Path(__file__).parents[1] / "demo" / "fotos"
#: Pixels of one picture, and of the line under it.
SIDE, LINE = 380, 22
COLUMNS, ROWS = 2, 4
#: Shows where white ends and paper begins.
PAPER = (208, 212, 218)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contact_sheet", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("codes", nargs="*", help="articles (default: all)")
    parser.add_argument("--truth", action="store_true", help="how much of the real product was hit (traces each scene)")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    photos = [path for path in sorted(PHOTOS.glob("*.jpg")) if not chosen.codes or path.stem in chosen.codes]
    editor = LocalEditor(find_weights())
    for first in range(0, len(photos), COLUMNS * ROWS):
        path = chosen.folder / f"{photos[first].stem}.jpg"
        _sheet(list(_cells(editor, photos[first : first + COLUMNS * ROWS], chosen.truth))).save(path, quality=90)
        print(path, flush=True)


def _cells(editor: LocalEditor, photos: list[Path], truth: bool) -> Iterator[Image.Image]:
    for path in photos:
        source = decode.encode_source(decode.decode(path.read_bytes()))
        started = time.perf_counter()
        edit = editor.read(editor.buy(EditRequest(source, "image/jpeg", "", editor.model)))
        facts = [path.stem, f"{time.perf_counter() - started:.1f} s"]
        if truth:
            facts.append(f"IoU {_hit(path.stem, source):.2f}")
        yield _cell(source, edit, "  ".join([*facts, ", ".join(edit.doubts) or "no doubts"]))


def _hit(code: str, source: bytes) -> float:
    network = Loader(find_weights()).get()
    assert network is not None
    with Image.open(io.BytesIO(source)) as opened:
        image = opened.convert("RGB")
    return overlap(code, image.size, cut_out(image, network))


def _cell(source: bytes, edit: Edit, text: str) -> Image.Image:
    cell = Image.new("RGB", (2 * SIDE, SIDE + LINE), PAPER)
    for left, data in ((0, source), (SIDE, edit.image)):
        with Image.open(io.BytesIO(data)) as picture:
            picture = picture.convert("RGB")
        picture.thumbnail((SIDE - 6, SIDE - 6), Image.Resampling.LANCZOS)
        cell.paste(picture, (left + (SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    ImageDraw.Draw(cell).text((6, SIDE + 2), text, fill="black", font=ImageFont.load_default(15))
    return cell


def _sheet(cells: list[Image.Image]) -> Image.Image:
    rows = -(-len(cells) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * cells[0].width, rows * cells[0].height), PAPER)
    for number, cell in enumerate(cells):
        sheet.paste(cell, (number % COLUMNS * cell.width, number // COLUMNS * cell.height))
    return sheet


if __name__ == "__main__":
    main()
