"""The finished pictures of a set of articles as one ZIP."""

from __future__ import annotations

import contextlib
import re
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from sqlalchemy import Engine, text

from core.catalog.articles import SHOWS_RESULT
from core.errors import AppError

README = "LEAME.txt"
CHUNK = 500
LONGEST_NAME = 80
#: What Windows keeps for itself, whatever the extension.
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)")

_FINISHED = text(f"""
    SELECT a.id, nullif(btrim(a.codigo), '') AS codigo, a.imagen_url
    FROM unnest(CAST(:ids AS integer[])) WITH ORDINALITY AS chosen(id, position)
    JOIN public.articulos a ON a.id = chosen.id WHERE {SHOWS_RESULT} ORDER BY chosen.position
""")


@dataclass(frozen=True)
class Archive:
    """`file` is at its beginning; whoever asked for it closes it, and it is gone."""

    file: IO[bytes]
    pictures: int
    failed: int


def zip_finished(engine: Engine, read: Callable[[str], bytes], ids: Sequence[int]) -> Archive:
    """Only articles that show a picture of ours are in it, one picture in memory at a time.

    `read` gives the bytes of an address; those it fails for (AppError, OSError) are listed in `LEAME.txt`.
    """
    with contextlib.ExitStack() as on_error:
        file = on_error.enter_context(tempfile.TemporaryFile())
        names = _Names()
        failures: list[str] = []
        pictures = 0
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for start in range(0, len(ids), CHUNK):
                with engine.connect() as connection:
                    rows = connection.execute(_FINISHED, {"ids": list(ids[start : start + CHUNK])}).all()
                for row in rows:
                    try:
                        data = read(row.imagen_url)
                    except (AppError, OSError) as error:
                        failures.append(f"{row.codigo or row.id}: {error}")
                        continue
                    archive.writestr(names.name(row.codigo or str(row.id), _extension(data)), data)
                    pictures += 1
            if failures:
                archive.writestr(README, _readme(failures))
        file.seek(0)
        on_error.pop_all()
    return Archive(file, pictures, len(failures))


class _Names:
    """File names that every system takes, each once, also where case does not count."""

    def __init__(self) -> None:
        self._used = {README.lower()}

    def name(self, wanted: str, extension: str) -> str:
        stem = re.sub(r"[^\w ()+-]|_+", "_", wanted)[:LONGEST_NAME].strip(" _") or "foto"
        if _RESERVED.fullmatch(stem):
            stem = f"{stem}_"
        name, number = f"{stem}.{extension}", 2
        while name.lower() in self._used:
            name, number = f"{stem} ({number}).{extension}", number + 1
        self._used.add(name.lower())
        return name


def _extension(data: bytes) -> str:
    if data.startswith(b"\x89PNG"):
        return "png"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else "jpg"


def _readme(failures: Sequence[str]) -> str:
    # \r\n and a mark of its encoding, for the editors of old Windows.
    lines = ["No se pudieron incluir estas fotos. Descárguelas de nuevo más tarde:", "", *failures]
    return "\ufeff" + "\r\n".join(lines) + "\r\n"
