"""Looks at the shop as its customers do: no article may ever show a dead link."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from tests.chaos.wares import Wares
from tests.emulators.fixtures import Emulators
from tests.shop import rows


@dataclass
class Witness:
    engine: Engine
    emulators: Emulators
    wares: Wares
    chance: random.Random
    looked: int = 0
    dead: list[str] = field(default_factory=list)

    def glance(self, at: int = 6) -> None:
        """At some articles; at none while the database is away."""
        chosen = self.chance.sample(sorted(self.wares.shown), min(at, len(self.wares.shown)))
        self.emulators.cloudinary.purge_cdn()  # a copy would hide that the picture is gone
        photos = set(self.emulators.photos.get("/__photos").json())
        with suppress(DBAPIError):
            for row in self._shown(chosen):
                # Replaced and deleted between the two questions is no dead link: ask what it shows by now.
                if not self._lives(row.imagen_url, photos) and row in self._shown([row.id]):
                    self.dead.append(f"article {row.id}: {row.imagen_url}")

    def look_at_all(self) -> None:
        self.glance(len(self.wares.shown))

    def _shown(self, articles: list[int]) -> list[tuple[int, str]]:
        self.looked += len(articles)
        return rows(self.engine, "SELECT id, imagen_url FROM articulos WHERE id = ANY(:ids)", ids=articles)

    def _lives(self, url: str, photos: set[str]) -> bool:
        if "/photos/" in url:  # the site may be away right now, but nobody deletes there
            return url.rpartition("/photos/")[2] in photos
        return self.emulators.cloudinary.get(url).status == 200
