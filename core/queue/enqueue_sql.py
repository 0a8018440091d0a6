"""The one statement that judges the articles asked for and queues those that may be."""

from __future__ import annotations

from sqlalchemy import text

from core.db.prepared import Prepared

#: The article's last picture that was not made by us, so that a second run never edits an edit. `a` is the article.
#: What the earlier backend made counts as made by us, as far as its own rows tell. (`id + 0`: without statistics a planner
#: may walk the whole primary key for the order's sake. Where nothing was adopted, no article is looked up there.)
SOURCE_OF_ARTICLE = """coalesce(
    (SELECT p.source_url FROM revelado.pictures p WHERE p.articulo_id = a.id
        AND md5(p.url) = md5(a.imagen_url) AND p.url = a.imagen_url AND p.kind = 'result'),
    CASE WHEN EXISTS (SELECT FROM revelado.adoptions) THEN
        (SELECT nullif(old.imagen_url_original, '') FROM public.image_processing_queue old WHERE old.articulo_id = a.id
            AND old.adopted AND old.estado = 'completed' AND old.imagen_url_procesada = a.imagen_url
            ORDER BY old.id + 0 DESC LIMIT 1) END,
    a.imagen_url)"""


#: A pilot's articles are spread over the batch: those at which `place * pilot / many` rises. The others are held.
#: `turn` is a virtual time: the k-th job of a batch gets the turn of the job in front plus k, so that inside a priority
#: batches take turns and a colleague's 5 don't wait for somebody's 5,000.
def _statement(on_conflict: str = "", lane: str = ":lane") -> str:
    return f"""
    WITH asked AS (
        SELECT id, position FROM unnest(CAST(:ids AS integer[])) WITH ORDINALITY AS x(id, position)
    ), front AS (
        SELECT coalesce((SELECT turn FROM public.image_processing_queue WHERE estado = 'pending' AND run_after IS NULL
            AND lane = {lane} AND prioridad = :prioridad ORDER BY prioridad DESC NULLS LAST, turn, id LIMIT 1), 0) AS turn
    ), judged AS (
        SELECT asked.id, asked.position, a.nombre, a.descripcion, a.unidad, {SOURCE_OF_ARTICLE} AS source,
            CASE WHEN a.id IS NULL THEN 'unknown'
                 WHEN a.activo IS FALSE THEN 'inactive'
                 WHEN coalesce(a.imagen_url, '') = '' THEN 'no_picture'
                 WHEN NOT :trial AND EXISTS (SELECT FROM public.image_processing_queue live
                    WHERE live.articulo_id = a.id AND live.estado IN ('pending', 'processing') AND NOT live.trial)
                    THEN 'already_queued' END AS reason
        FROM asked LEFT JOIN public.articulos a ON a.id = asked.id
    ), ready AS (
        SELECT judged.*, row_number() OVER (ORDER BY position) AS place FROM judged WHERE reason IS NULL
    ), able AS (
        SELECT count(*) AS many FROM judged WHERE reason IS NULL
    ), added AS (
        INSERT INTO public.image_processing_queue (articulo_id, estado, prioridad, intentos, max_intentos, turn, batch_id,
            imagen_url_original, articulo_nombre, articulo_descripcion, articulo_unidad, lane, fresh, trial,
            recipe_version_id, note, run_after, created_at, updated_at)
        SELECT ready.id, 'pending', :prioridad, 0, :max_intentos, front.turn + place, :batch_id,
            source, left(nombre, 255), descripcion, left(unidad, 50), :lane, :fresh, :trial, :recipe, :note,
            CASE WHEN :pilot > 0 THEN CASE
                WHEN place * :pilot / (SELECT many FROM able) = (place - 1) * :pilot / (SELECT many FROM able)
                THEN CAST('infinity' AS timestamptz) END END, now(), now()
        FROM ready, front ORDER BY position
        {on_conflict} RETURNING id, articulo_id
    )
    SELECT done.*, CASE WHEN done.many < :asked THEN (
        SELECT json_agg(json_build_object('articulo_id', judged.id, 'nombre', nombre,
            'reason', coalesce(reason, 'already_queued')) ORDER BY position)
        FROM judged LEFT JOIN added ON added.articulo_id = judged.id WHERE added.id IS NULL) END AS skipped
    FROM (SELECT count(*) AS many, array_agg(articulo_id ORDER BY id) AS articulo_ids, array_agg(id ORDER BY id) AS queue_ids
        FROM added) done
"""


ENQUEUE = text(_statement())
#: By lane. Of a few, planning takes longer than doing it; of many, the plan had better know how many they are. The lane is
#: part of the text: planned without it, the front of the queue is not looked up in the index of its claims.
ENQUEUE_FEW = {lane: Prepared(f"enqueue_{lane}", _statement(lane=f"'{lane}'")) for lane in ("normal", "economy")}
FEW = 20
#: Each row of an INSERT … ON CONFLICT is written, checked and confirmed: slower by a fifth, and needed only when a failed
#: job of one of these articles is retried in the same moment.
ENQUEUE_RACING = text(
    _statement(
        "ON CONFLICT (articulo_id) WHERE estado IN ('pending', 'processing') AND NOT adopted AND NOT trial DO NOTHING"
    )
)
