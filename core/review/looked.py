"""A picture and its article, locked and looked at: what every decision begins with.

Articles are locked before pictures, each in the order of their ids, as the pipeline does: nobody waits in a circle. The
deletion of replaced pictures locks them too, so that what is given back here is either kept, or known to be gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from core.access.actors import Actor

_LOCK_ARTICLES = text("""
    SELECT id FROM public.articulos WHERE id IN (SELECT articulo_id FROM revelado.pictures WHERE id = ANY(:ids))
    ORDER BY id FOR NO KEY UPDATE
""")

#: All versions of those articles: any of them may be shown next.
_LOCK_VERSIONS = text("""
    SELECT id FROM revelado.pictures
    WHERE articulo_id IN (SELECT articulo_id FROM revelado.pictures WHERE id = ANY(:ids)) ORDER BY id FOR NO KEY UPDATE
""")

#: The first of these addresses that can be shown: not deleted, and not what somebody rejected before.
_FIRST_USABLE = """(SELECT v.url FROM (VALUES {places}) AS v(place, url) WHERE v.url <> '' AND v.url <> p.url
    AND NOT EXISTS (SELECT FROM revelado.pictures o WHERE md5(o.url) = md5(v.url) AND o.url = v.url
        AND (o.deleted_at IS NOT NULL OR (o.articulo_id = p.articulo_id AND o.review = 'rejected')))
    ORDER BY v.place LIMIT 1)"""
_FIRST_ORIGINAL = """(SELECT o.url FROM revelado.pictures o WHERE o.articulo_id = p.articulo_id AND o.kind = 'original'
    AND o.deleted_at IS NULL ORDER BY o.id LIMIT 1)"""
_PREVIOUS = _FIRST_USABLE.format(places=f"(1, p.replaces_url), (2, p.source_url), (3, {_FIRST_ORIGINAL})")
_ORIGINAL = _FIRST_USABLE.format(places=f"(1, p.source_url), (2, {_FIRST_ORIGINAL})")

#: After the locks, in a statement of its own: its snapshot holds what those who had them wrote.
_LOOK = text(f"""
    SELECT p.id, p.articulo_id, coalesce(a.nombre, '') AS nombre, p.kind, p.url, p.review, p.verdict, p.batch_id,
        p.replaces_url, p.published_at IS NOT NULL AS was_published, p.deleted_at IS NOT NULL AS deleted,
        p.reviewer_id IS NOT NULL AND p.reviewer_id <> :me AND p.reviewer_until >= now() AS held_by_other,
        nullif(a.imagen_url, '') AS current, {_PREVIOUS} AS previous, {_ORIGINAL} AS original
    FROM revelado.pictures p JOIN public.articulos a ON a.id = p.articulo_id WHERE p.id = ANY(:ids) ORDER BY p.id
""")


@dataclass(frozen=True)
class Looked:
    """`current`, `previous`, `original` are addresses: what the article shows now, what it gets when this picture is
    undone, and the photo it was made from. None: there is none any more.
    """

    id: int
    articulo_id: int
    nombre: str
    kind: str
    url: str
    review: str | None
    verdict: str | None
    batch_id: int | None
    replaces_url: str | None
    was_published: bool
    deleted: bool
    held_by_other: bool
    current: str | None
    previous: str | None
    original: str | None

    @property
    def shown(self) -> bool:
        return self.current == self.url


def reviewer(actor: Actor) -> int:
    """Who holds a lease; people without an id, who exist at the command line only, share one."""
    return actor.id or 0


def look(connection: Connection, actor: Actor, picture_ids: Sequence[int]) -> list[Looked]:
    """In the order of their ids; a picture that does not exist, or whose article is gone, is left out."""
    asked = {"ids": list(picture_ids)}
    connection.execute(_LOCK_ARTICLES, asked)
    connection.execute(_LOCK_VERSIONS, asked)
    rows = connection.execute(_LOOK, {**asked, "me": reviewer(actor)})
    return [Looked(**row._mapping) for row in rows]
