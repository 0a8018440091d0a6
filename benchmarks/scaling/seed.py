"""Years of a shop's history in a minute or two: set-based, through the product's own triggers and indexes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

from benchmarks.scaling.database import Database
from core.access.actors import SYSTEM
from core.queue import counts
from core.queue.enqueue import enqueue

CHUNK = 50_000  # each well within the statement timeout
BATCH = 1_000
BIG_CATEGORY, COMMON_CATEGORY, RARE_CATEGORY = 1, 2, 41
SPARE = 20_000  # articles without a live job
#: Days since the oldest groups ended, a group for each clean that is measured; all others ended within a year.
CLEANED_DAYS = (1000, 900, 800, 700, 600)


@dataclass(frozen=True)
class Size:
    finished: int
    pending: int

    @property
    def articles(self) -> int:
        return 2 * self.pending + SPARE

    @property
    def cleaned(self) -> int:
        """Rows of each group that is cleaned."""
        return min(10_000, self.finished // 20)

    @property
    def detailed(self) -> int:
        """The newest jobs, whose attempts, purchases and pictures are there too."""
        return min(self.finished, max(100_000, self.finished // 10))


_ARTICLES = """
    INSERT INTO articulos (id, nombre, descripcion, unidad, categoria_id, imagen_url, codigo)
    SELECT n, 'Tornillo hexagonal galvanizado ' || n, 'Rosca gruesa, caja de 100 unidades, acero grado ' || n % 12,
        'caja', CASE WHEN n % 10000 = 0 THEN 41 WHEN n % 10 < 3 THEN 1 ELSE 2 + n % 39 END,
        'https://fotos.example.com/catalogo/originales/' || n || '.jpg', 'TH-' || n
    FROM generate_series(:low, :high) n
"""

#: A fiftieth failed, of any category. Half of the oldest tenth came from the earlier backend; a few of those lack their end.
_FINISHED = """
    INSERT INTO image_processing_queue (articulo_id, estado, prioridad, intentos, max_intentos, turn, batch_id,
        imagen_url_original, imagen_url_procesada, articulo_nombre, articulo_descripcion, articulo_unidad, claim_token,
        adopted, error_code, error_message, created_at, started_at, completed_at, updated_at)
    SELECT 1 + n % :articles, estado, 0, CASE estado WHEN 'failed' THEN 3 ELSE 1 END, 3, n, 1 + (n - 1) / :batch,
        'https://fotos.example.com/catalogo/originales/' || 1 + n % :articles || '.jpg',
        CASE estado WHEN 'completed' THEN 'https://fotos.example.com/catalogo/listas/' || n || '.jpg' END,
        'Tornillo hexagonal galvanizado ' || 1 + n % :articles, 'Rosca gruesa, caja de 100 unidades', 'caja', 1, adopted,
        CASE estado WHEN 'failed' THEN 'photo_gone' END, CASE estado WHEN 'failed' THEN 'La foto ya no está.' END,
        ended - interval '1 hour', ended - interval '12 seconds', CASE WHEN NOT adopted OR n % 20 > 0 THEN ended END, ended
    FROM (
        SELECT n, CASE n / 7 % 50 WHEN 0 THEN 'failed' ELSE 'completed' END AS estado,
            n <= :finished / 10 AND n % 2 = 0 AS adopted,
            now() - CASE WHEN n <= :cleaned * cardinality(CAST(:days AS int[]))
                THEN make_interval(days => (CAST(:days AS int[]))[1 + (n - 1) / :cleaned])
                ELSE interval '365 days' * (1 - n::float / :finished) END AS ended
        FROM generate_series(:low, :high) n
    ) jobs ORDER BY n
"""

_DETAILS = (
    """
    INSERT INTO revelado.attempts (job_id, articulo_id, claim_token, number, started_at, finished_at, outcome, seconds)
    SELECT id, articulo_id, 1, 1, started_at, updated_at, estado, '{"fetch": 0.4, "buy": 9.1, "host": 1.2}'
    FROM image_processing_queue WHERE id BETWEEN :low AND :high
    """,
    """
    INSERT INTO revelado.purchases (job_id, articulo_id, generation, claim_token, state, editor, model, prompt_version,
        prompt, source_sha256, estimate, cost, opened_at, closed_at)
    SELECT id, articulo_id, 1, 1, 'used', 'gemini', 'gemini-2.5-flash-image', '1', 'Genera una imagen de catálogo', '\\x00',
        0.04, 0.039, started_at, updated_at
    FROM image_processing_queue WHERE id BETWEEN :low AND :high AND estado = 'completed'
    """,
    """
    INSERT INTO revelado.pictures (articulo_id, kind, url, job_id, source_url, host, model, cost, report)
    SELECT articulo_id, 'result', imagen_url_procesada, id, imagen_url_original, 'cloudinary', 'gemini-2.5-flash-image',
        0.039, '{"doubts": []}'
    FROM image_processing_queue WHERE id BETWEEN :low AND :high AND estado = 'completed'
    """,
)

#: The folded seed ended within this minute; the charts show when its jobs did.
_CHARTS = (
    "DELETE FROM revelado.finished",
    """
    INSERT INTO revelado.finished
    SELECT date_trunc('minute', completed_at), count(*) FILTER (WHERE estado = 'completed'),
        count(*) FILTER (WHERE estado = 'failed')
    FROM image_processing_queue WHERE completed_at IS NOT NULL GROUP BY 1 ORDER BY 1
    """,
)


def seed(database: Database, size: Size) -> None:
    engine = database.engine
    _run(engine, "INSERT INTO categorias (id, nombre) SELECT n, 'Categoría ' || n FROM generate_series(1, 41) n")
    _chunks(engine, _ARTICLES, 1, size.articles)
    _run(
        engine,
        "INSERT INTO revelado.batches (origin, user_name, label, added) SELECT 'panel', 'Ana', 'Lote ' || n, :batch"
        " FROM generate_series(1, :batches) n",
        batch=BATCH,
        batches=-(-size.finished // BATCH),
    )
    _chunks(
        engine,
        _FINISHED,
        1,
        size.finished,
        finished=size.finished,
        articles=size.articles,
        batch=BATCH,
        cleaned=max(1, size.cleaned),
        days=list(CLEANED_DAYS),
    )
    for statement in _DETAILS:
        _chunks(engine, statement, size.finished - size.detailed + 1, size.finished)
    counts.fold(engine)
    for statement in _CHARTS:
        _run(engine, statement)
    # Months of small steps would have left it compact; one big step did not.
    database.maintain("VACUUM FULL revelado.spend")
    database.maintain()
    enqueue_articles(database, 1, size.pending)
    database.maintain()


def enqueue_articles(database: Database, first: int, count: int, prioridad: int = 0) -> None:
    """In batches as staff make them, with the product's own statement."""
    for low in range(first, first + count, BATCH):
        ids = list(range(low, min(low + BATCH, first + count)))
        done = enqueue(database.engine, SYSTEM, ids, origin="panel", prioridad=prioridad)
        assert not done.skipped, done.skipped[:3]
    counts.fold(database.engine)


def snooze_on_top(database: Database, size: Size) -> None:
    """As many again at top priority that wait for their hour, as after a storm of 429s."""
    enqueue_articles(database, size.pending + 1, size.pending, prioridad=1000)
    _run(
        database.engine,
        "UPDATE image_processing_queue SET run_after = now() + interval '1 hour'"
        " WHERE estado = 'pending' AND prioridad = 1000",
    )
    database.maintain()


def _chunks(engine: Engine, statement: str, first: int, last: int, **values: object) -> None:
    for low in range(first, last + 1, CHUNK):
        _run(engine, statement, low=low, high=min(low + CHUNK - 1, last), **values)


def _run(engine: Engine, statement: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)
