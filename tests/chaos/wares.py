"""The catalogue of a storm: many small articles, told apart by name and photo, but for the twins."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import Engine, text

from core.access.actors import SYSTEM
from core.db.engine import durably
from core.providers.cloudinary_host import CloudinaryHost
from core.queue.enqueue import Enqueued, enqueue
from tests.chaos.relay import Relay
from tests.emulators.fixtures import Emulators

#: Every so many articles were processed before: original and result lie on Cloudinary, where they could be deleted.
EVERY = 8
#: … and as many share name and photo with the article before: one picture does for both.
TWIN = 2


@dataclass(frozen=True)
class Wares:
    shown: dict[int, str]  #: article → the URL it shows before the storm
    originals: frozenset[str]  #: public ids of the originals that lie on Cloudinary


def small_photo(n: int) -> bytes:
    image = Image.new("RGB", (200, 160), (120, 110, 100))
    draw = ImageDraw.Draw(image)
    draw.rectangle((50, 40, 150, 120), fill=(40 + n % 200, 40, 90 + n // 200 % 150))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def stock(engine: Engine, emulators: Emulators, photo_site: Relay, count: int) -> Wares:
    host = CloudinaryHost(emulators.cloudinary_url)
    urls, names, originals = list[str](), list[str](), {}
    for n in range(count):
        names.append(f"Tornillo {n:05} x")
        if n % EVERY == TWIN:
            names[n] = names[n - 1]
            urls.append(urls[n - 1])
        elif n % EVERY == 0:
            originals[n] = host.upload(small_photo(n), f"articulos/{n:05}", "image/jpeg")
            urls.append(host.upload(small_photo(n + 1), f"catalogo/{n:05}/before", "image/jpeg").url)
        else:
            emulators.photos.add_photo(f"{n:05}.jpg", small_photo(n))
            urls.append(f"{photo_site.url}/photos/{n:05}.jpg")
    with engine.begin() as connection:
        added = connection.execute(
            text(
                "INSERT INTO articulos (nombre, imagen_url) SELECT * FROM unnest(CAST(:names AS text[]),"
                " CAST(:urls AS text[])) RETURNING id, imagen_url"
            ),
            {"names": names, "urls": urls},
        ).all()
        for n, original in originals.items():
            connection.execute(
                text(
                    "INSERT INTO revelado.pictures (articulo_id, kind, url, source_url, host, public_id, published_at)"
                    " VALUES (:id, 'original', :original, NULL, 'external', NULL, NULL),"
                    " (:id, 'result', :shown, :original, 'cloudinary', :public_id, now())"
                ),
                {
                    "id": added[n].id,
                    "original": original.url,
                    "shown": urls[n],
                    "public_id": f"catalogo/{n:05}/before",
                },
            )
    return Wares({row.id: row.imagen_url for row in added}, frozenset(kept.public_id for kept in originals.values()))


def ask_for(engine: Engine, articles: Sequence[int], **options: Any) -> Enqueued:
    """Enqueues them; asked again with the same request when the database's answer got lost."""
    request = uuid.uuid4()
    return durably(engine, lambda _: enqueue(engine, SYSTEM, articles, origin="panel", request_id=request, **options))
