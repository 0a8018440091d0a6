"""How a trial came out: each article's photo, what its category's recipe makes of it, and what the draft makes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.errors import NotFound
from core.queue.jobs import of_batch
from core.recipes import recipes
from core.recipes.recipes import Version

#: `p`: what the draft's job made. `j`, `o`: the other recipe's job beside it and what it made. `k`: what that recipe had
#: made before, which spared the job.
_ROWS = text(f"""
    SELECT q.id, j.id AS now_id, q.articulo_id, q.articulo_nombre, a.codigo, q.imagen_url_original,
        q.estado, q.imagen_url_procesada AS url, q.error_message, p.cost, p.verdict, p.report,
        j.estado AS now_estado, coalesce(j.imagen_url_procesada, k.url) AS now_url, j.error_message AS now_error,
        coalesce(o.cost, k.cost) AS now_cost, coalesce(o.verdict, k.verdict) AS now_verdict,
        coalesce(o.report, k.report) AS now_report
    FROM public.image_processing_queue q
    LEFT JOIN public.articulos a ON a.id = q.articulo_id
    LEFT JOIN revelado.pictures p ON p.articulo_id = q.articulo_id AND md5(p.url) = md5(q.imagen_url_procesada)
        AND p.url = q.imagen_url_procesada
    LEFT JOIN LATERAL (
        SELECT * FROM public.image_processing_queue j WHERE j.articulo_id = q.articulo_id AND j.trial
        AND j.recipe_version_id = :now ORDER BY j.id DESC LIMIT 1
    ) j ON true
    LEFT JOIN revelado.pictures o ON o.articulo_id = q.articulo_id AND md5(o.url) = md5(j.imagen_url_procesada)
        AND o.url = j.imagen_url_procesada
    LEFT JOIN LATERAL (
        SELECT * FROM revelado.pictures k WHERE k.articulo_id = q.articulo_id AND k.recipe_version_id = :now
        AND k.kind = 'result' AND k.deleted_at IS NULL ORDER BY k.id DESC LIMIT 1
    ) k ON true
    WHERE {of_batch()} AND q.trial ORDER BY q.id
""")


@dataclass(frozen=True)
class Made:
    """`estado`: of the trial's job; completed where the picture was there before."""

    estado: str
    url: str | None
    cost: Decimal | None  #: US$
    verdict: str | None
    findings: tuple[object, ...]  #: for `doubts.explain`
    error: str | None = None
    job_id: int | None = None

    @property
    def is_done(self) -> bool:
        return self.estado not in ("pending", "processing")


@dataclass(frozen=True)
class Row:
    articulo_id: int
    nombre: str
    codigo: str | None
    original_url: str | None
    now: Made
    new: Made


@dataclass(frozen=True)
class TrialResult:
    batch_id: int
    draft: Version
    now: Version  #: what it is compared with
    rows: tuple[Row, ...]

    @property
    def is_done(self) -> bool:
        return all(row.now.is_done and row.new.is_done for row in self.rows)

    @property
    def left(self) -> int:
        return sum(not made.is_done for row in self.rows for made in (row.now, row.new))

    @property
    def failed(self) -> list[int]:
        """Ids of the jobs that can be retried."""
        each = (made for row in self.rows for made in (row.now, row.new) if made.estado == "failed")
        return [made.job_id for made in each if made.job_id is not None]

    @property
    def cost(self) -> Decimal:
        """US$ that the draft's pictures took."""
        return sum((row.new.cost or Decimal(0) for row in self.rows), Decimal(0))


def read(engine: Engine, batch_id: int) -> TrialResult:
    """Raises NotFound once its jobs were removed."""
    with engine.connect() as connection:
        first = connection.execute(
            text(
                "SELECT q.recipe_version_id, a.categoria_id FROM public.image_processing_queue q"
                " LEFT JOIN public.articulos a ON a.id = q.articulo_id"
                f" WHERE {of_batch()} AND q.trial ORDER BY q.id LIMIT 1"
            ),
            {"batch": batch_id},
        ).one_or_none()
        if first is None:
            raise NotFound(what="esa prueba")
        draft = recipes.load(connection, first.recipe_version_id)
        now = _beside(connection, draft, first.categoria_id)
        rows = connection.execute(_ROWS, {"batch": batch_id, "now": now.id})
        return TrialResult(batch_id, draft, now, tuple(_row(row) for row in rows))


def _beside(connection: Connection, draft: Version, categoria_id: int | None) -> Version:
    now = recipes.current_for(connection, categoria_id)
    # A draft that was adopted is that version itself: it stays beside the one it replaced.
    if now.id != draft.id:
        return now
    return recipes.before(connection, draft)


def _row(row: Any) -> Row:
    new = Made(row.estado, row.url, row.cost, row.verdict, _findings(row.report), row.error_message, row.id)
    estado = "completed" if row.now_url else row.now_estado or "completed"
    report = _findings(row.now_report)
    now = Made(estado, row.now_url, row.now_cost, row.now_verdict, report, row.now_error, row.now_id)
    if row.now_estado is None and row.now_url is None:
        # No job: there was a picture. No picture: the draft's took its place, so the two are the same file.
        now = new
    return Row(row.articulo_id, row.articulo_nombre or "", row.codigo, row.imagen_url_original, now, new)


def _findings(report: Any) -> tuple[object, ...]:
    report = report or {}
    return tuple(report.get("findings") or report.get("doubts") or ())
