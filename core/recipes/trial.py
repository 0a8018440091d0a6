"""*Probar receta*: a few articles of a category, made by a draft and by what the category uses now, and never published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection, Engine, text

from core.access import audit
from core.access.actors import Actor, Role
from core.errors import Conflict, InvalidInput, Words
from core.money.prices import expected
from core.queue import manage
from core.queue.enqueue import enqueue
from core.recipes import edit, recipes
from core.recipes.draft import Draft, checked, differences

MOST = 5
#: A person waits for it.
PRIORITY = 10

#: Over the category from its first name to its last, so that a trial sees more than its first kind of product.
_CANDIDATES = text("""
    SELECT id, nombre, codigo, descripcion, unidad FROM (
        SELECT a.id, coalesce(a.nombre, '') AS nombre, a.codigo, coalesce(a.descripcion, '') AS descripcion,
            coalesce(a.unidad, '') AS unidad,
            row_number() OVER (ORDER BY revelado.sort_key(a.nombre), a.id) AS place, count(*) OVER () AS many
        FROM public.articulos a
        WHERE a.categoria_id IS NOT DISTINCT FROM :categoria AND a.activo IS NOT FALSE AND coalesce(a.imagen_url, '') <> ''
    ) x
    WHERE many <= :limit OR place * :limit / many <> (place - 1) * :limit / many ORDER BY place
""")

#: Those that the version made something of.
_HAVE = text("""
    SELECT DISTINCT articulo_id FROM revelado.pictures WHERE articulo_id = ANY(CAST(:ids AS integer[]))
    AND recipe_version_id = :version AND kind = 'result' AND deleted_at IS NULL
""")


@dataclass(frozen=True)
class Candidate:
    id: int
    nombre: str
    codigo: str | None
    descripcion: str
    unidad: str


@dataclass(frozen=True)
class Plan:
    """What a trial would take. US$; `paid`: pictures that Gemini makes."""

    made: int
    paid: int
    cost: Decimal


@dataclass(frozen=True)
class Trial:
    batch_id: int
    draft_id: int


def candidates(engine: Engine, categoria_id: int | None, limit: int = 300) -> list[Candidate]:
    """Active articles with a picture, by name; of many, as many as `limit`, spread over all."""
    with engine.connect() as connection:
        asked = {"categoria": categoria_id, "limit": limit}
        return [Candidate(**row._mapping) for row in connection.execute(_CANDIDATES, asked)]


def spread(ids: Sequence[int], count: int) -> list[int]:
    """`count` of them, from all over the list."""
    if len(ids) <= count:
        return list(ids)
    return [ids[(2 * place + 1) * len(ids) // (2 * count)] for place in range(count)]


def plan(
    engine: Engine, draft: Draft, categoria_id: int | None, articulo_ids: Sequence[int], editor: str, model: str
) -> Plan:
    """`editor` and `model`: the installation's; without Gemini every recipe is cut out here, for nothing."""
    with engine.connect() as connection:
        now = recipes.current_for(connection, categoria_id)
        without = _without(connection, articulo_ids, now.id)
    orders = [(draft.kind, draft.model, len(articulo_ids)), (now.kind, now.model, len(without))]
    bought = [(used or model, n) for kind, used, n in orders if editor == "gemini" and kind != "faithful"]
    cost = sum((expected(used) * n for used, n in bought), Decimal(0))
    return Plan(len(articulo_ids) + len(without), sum(n for _, n in bought), cost)


def start(
    engine: Engine,
    actor: Actor,
    draft: Draft,
    categoria_id: int | None,
    articulo_ids: Sequence[int],
    *,
    based_on: int,
    request_id: UUID | None = None,
) -> Trial:
    """Keeps `draft` as a version without a number and enqueues its trial beside the category's own recipe, which makes
    only what it has not made before. The same `request_id` again gives the first call's trial.

    Raises NotAllowed, InvalidInput, NotFound, and Conflict when `based_on` is the recipe's current version no more.
    """
    actor.require(Role.ADMIN)
    wanted = checked(draft)
    ids = list(dict.fromkeys(articulo_ids))
    if not 1 <= len(ids) <= MOST:
        raise InvalidInput(field="Artículos", why=Words("elija entre 1 y {most}.", most=MOST))
    request = request_id or uuid4()
    if earlier := _earlier(engine, request):
        return earlier
    with engine.begin() as connection:
        now = recipes.current_for(connection, categoria_id)
        if not differences(now.draft, wanted):
            raise InvalidInput(
                field="Receta", why="es igual a la que esta categoría ya usa. Cambie algo y pruebe otra vez."
            )
        without = _without(connection, ids, now.id)
        draft_id = edit.add(connection, actor, wanted, based_on=based_on, draft=True)
        name = recipes.load(connection, draft_id).recipe_name
    batch_id = _enqueue(engine, actor, ids, draft_id, f"Prueba de la receta «{name}»", request)
    if without:
        _enqueue(engine, actor, without, now.id, f"Prueba de la receta «{name}»: la actual", _beside(request))
    # Of two clicks at once, the second one's draft was in vain.
    return _earlier(engine, request) or Trial(batch_id, draft_id)


def discard(engine: Engine, actor: Actor, batch_id: int) -> int:
    """What was not made yet leaves the queue; how many pictures. Raises NotAllowed."""
    actor.require(Role.ADMIN)
    with engine.begin() as connection:
        request = connection.scalar(text("SELECT request_id FROM revelado.batches WHERE id = :id"), {"id": batch_id})
        if request is None:
            return 0
        batches = list(
            connection.scalars(
                text("SELECT id FROM revelado.batches WHERE request_id IN (:draft, :now)"),
                {"draft": request, "now": _beside(request)},
            )
        )
        gone = sum(manage.cancel_in(connection, actor, batch_id=each) for each in batches)
        audit.record(connection, actor, "trial", batch=batch_id, discarded=gone)
        return gone


def _enqueue(engine: Engine, actor: Actor, ids: list[int], version_id: int, label: str, request: UUID) -> int:
    done = enqueue(
        engine,
        actor,
        ids,
        origin="panel",
        prioridad=PRIORITY,
        label=label,
        request_id=request,
        recipe_version_id=version_id,
        trial=True,
    )
    if not done.added:
        raise Conflict(
            why="Ninguno de esos artículos se puede probar: ya no existen, están inactivos o no tienen foto."
        )
    return done.batch_id


def _without(connection: Connection, articulo_ids: Sequence[int], version_id: int) -> list[int]:
    asked = {"ids": list(articulo_ids), "version": version_id}
    have = set(connection.scalars(_HAVE, asked))
    return [id_ for id_ in articulo_ids if id_ not in have]


def _earlier(engine: Engine, request: UUID) -> Trial | None:
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT b.id, q.recipe_version_id FROM revelado.batches b JOIN public.image_processing_queue q"
                " ON q.id BETWEEN b.first_id AND b.last_id AND q.batch_id = b.id AND q.trial"
                " WHERE b.request_id = :id ORDER BY q.id LIMIT 1"
            ),
            {"id": request},
        ).one_or_none()
    return Trial(row.id, row.recipe_version_id) if row else None


def _beside(request: UUID) -> UUID:
    """The request of the batch that the category's own recipe makes beside a trial."""
    return uuid5(request, "actual")
