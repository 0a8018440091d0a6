"""Results of ours that the shop shows no more: promised to be deleted after their grace (`keep_superseded_days`).

Whether anything uses one by then is looked at when its time comes (core/pipeline/outbox.py), and only its last promise
counts: a picture restored in between, and replaced again, has its whole grace once more.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from core.settings.values import load_tuning

_PROMISE = """
    INSERT INTO revelado.outbox (kind, payload, run_after)
    SELECT 'delete_superseded', jsonb_build_object('picture_id', p.id), now() + make_interval(days => :days)
    FROM {pictures} WHERE p.kind = 'result' AND p.host <> 'external' AND p.deleted_at IS NULL
"""
_BY_ID = text(_PROMISE.format(pictures="revelado.pictures p") + " AND p.id = ANY(CAST(:ids AS bigint[]))")
_BY_ADDRESS = text(
    _PROMISE.format(
        pictures="unnest(CAST(:articulo_ids AS integer[]), CAST(:urls AS text[])) AS was(articulo_id, url)"
        " JOIN revelado.pictures p ON p.articulo_id = was.articulo_id AND md5(p.url) = md5(was.url) AND p.url = was.url"
    )
)


def schedule(connection: Connection, picture_ids: Sequence[int]) -> None:
    """For any pictures: originals, and what is not at a host of ours, stay."""
    if picture_ids:
        connection.execute(_BY_ID, {"ids": list(picture_ids), "days": _grace(connection)})


def schedule_shown(connection: Connection, shown: Sequence[tuple[int, str]]) -> None:
    """`shown`: (articulo_id, what it showed). A photo that is no picture of ours stays."""
    if shown:
        articulo_ids, urls = zip(*shown, strict=True)
        connection.execute(
            _BY_ADDRESS, {"articulo_ids": list(articulo_ids), "urls": list(urls), "days": _grace(connection)}
        )


def _grace(connection: Connection) -> int:
    return load_tuning(connection).keep_superseded_days
