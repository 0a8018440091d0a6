"""A catalogue to try Revelado with: loaded once, remembered apart, removed without a trace."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from core.access import audit
from core.access.actors import SYSTEM, Actor, Role
from core.catalog import csv_reader
from core.catalog.photos import record_original, upload_original
from core.errors import Conflict, JobError
from core.providers.ports import Host

log = logging.getLogger("revelado.catalog")

#: Any constant: two processes starting at once load one demo.
LOCK = 7_305_581_012
KEY = "demo"
CSV = "catalogo.csv"
PHOTOS = "fotos"


def has_demo(engine: Engine) -> bool:
    with engine.connect() as connection:
        return _remembered(connection) is not None


def load_demo(engine: Engine, local_host: Host, folder: Path) -> int:
    """Adds the articles of `folder`/catalogo.csv with their photos; gives how many, 0 when the demo is there already.

    Raises InvalidInput, OSError or JobError when the folder's files are not what they should be; then nothing was added.
    """
    sheet = csv_reader.read((folder / CSV).read_bytes())
    uploaded: list[str] = []
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            if _remembered(connection) is not None:
                return 0
            categories: dict[str, int] = {}
            made: list[int] = []
            articles: list[int] = []
            for row in sheet.rows:
                cells = dict(zip(sheet.columns, row.cells, strict=False))
                name = cells["categoria"]
                if name not in categories:
                    categories[name], is_new = _category(connection, name)
                    made += [categories[name]] if is_new else []
                articulo_id = int(connection.execute(_ADD, {**cells, "categoria_id": categories[name]}).scalar_one())
                articles.append(articulo_id)
                if not cells["foto"]:
                    continue
                data = (folder / PHOTOS / Path(cells["foto"]).name).read_bytes()
                hosted = upload_original(local_host, articulo_id, data)
                uploaded.append(hosted.public_id)
                record_original(connection, articulo_id, hosted, data)
            connection.execute(
                text(
                    "INSERT INTO revelado.settings (key, value, updated_by) VALUES (:key, CAST(:value AS jsonb), :by)"
                ),
                {"key": KEY, "value": json.dumps({"articulos": articles, "categorias": made}), "by": SYSTEM.name},
            )
    except BaseException:
        _delete_files(local_host, uploaded)
        raise
    return len(articles)


def remove_demo(engine: Engine, local_host: Host, actor: Actor) -> int:
    """Removes the demo's articles with all that was made of them, and its categories that are empty by now.

    What was spent stays in the books. Gives how many articles; 0 without a demo. Raises NotAllowed, and Conflict while
    one of them is being processed. Pictures of theirs at another host than `local_host` stay there.
    """
    actor.require(Role.ADMIN)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        demo = _remembered(connection)
        if demo is None:
            return 0
        ids = {"ids": demo["articulos"]}
        connection.execute(_REMOVE_JOBS, ids)
        # After the removal, which waits for a claim under way: a job taken meanwhile is seen here.
        if connection.scalar(_ANY_JOB, ids):
            raise Conflict(why="Un artículo de la demostración se está procesando. Espere a que termine.")
        pictures = connection.execute(_REMOVE_PICTURES, ids).all()
        removed = connection.execute(text("DELETE FROM public.articulos WHERE id = ANY(:ids)"), ids).rowcount
        connection.execute(_REMOVE_CATEGORIES, {"ids": demo["categorias"]})
        connection.execute(text("DELETE FROM revelado.settings WHERE key = :key"), {"key": KEY})
        audit.record(connection, actor, "demo_removed", articulos=removed)
    _delete_files(local_host, [row.public_id for row in pictures if row.host == local_host.name and row.public_id])
    return removed


def _remembered(connection: Connection) -> dict[str, list[int]] | None:
    value: dict[str, list[int]] | None = connection.scalar(
        text("SELECT value FROM revelado.settings WHERE key = :key"), {"key": KEY}
    )
    return value


def _category(connection: Connection, name: str) -> tuple[int, bool]:
    """(its id, whether it is new)."""
    known = connection.scalar(
        text("SELECT min(id) FROM public.categorias WHERE revelado.fold(btrim(nombre)) = revelado.fold(:name)"),
        {"name": name},
    )
    if known is not None:
        return int(known), False
    made = connection.execute(
        text("INSERT INTO public.categorias (nombre) VALUES (:name) RETURNING id"), {"name": name}
    )
    return int(made.scalar_one()), True


def _delete_files(host: Host, public_ids: list[str]) -> None:
    for public_id in public_ids:
        try:
            host.delete(public_id)
        except JobError as error:
            log.warning("⚠️ [Demo] No se pudo borrar la foto %s: %s", public_id, error)


_ADD = text("""
    INSERT INTO public.articulos (codigo, nombre, descripcion, unidad, categoria_id, activo)
    VALUES (:codigo, :nombre, :descripcion, :unidad, :categoria_id, true) RETURNING id
""")

_REMOVE_JOBS = text("""
    WITH gone AS (
        DELETE FROM public.image_processing_queue WHERE articulo_id = ANY(:ids) AND estado IS DISTINCT FROM 'processing'
        RETURNING id
    ), released AS (
        UPDATE revelado.purchases p SET answer_sha256 = NULL, state = 'useless' FROM gone
        WHERE p.job_id = gone.id AND p.state = 'answered'
    )
    DELETE FROM revelado.checkpoints c USING gone WHERE c.job_id = gone.id
""")

_ANY_JOB = text("SELECT EXISTS (SELECT FROM public.image_processing_queue WHERE articulo_id = ANY(:ids))")

_REMOVE_PICTURES = text("DELETE FROM revelado.pictures WHERE articulo_id = ANY(:ids) RETURNING host, public_id")

_REMOVE_CATEGORIES = text("""
    DELETE FROM public.categorias c WHERE c.id = ANY(:ids)
    AND NOT EXISTS (SELECT FROM public.articulos a WHERE a.categoria_id = c.id)
""")
