-- Failures by cause, without the history around them.
CREATE INDEX queue_failures ON public.image_processing_queue (error_code, id, articulo_id, completed_at, trial)
    WHERE estado = 'failed';
-- Whether an article's failure still stands, without a look at its other jobs themselves.
CREATE INDEX queue_ended_by_article ON public.image_processing_queue (articulo_id, id)
    WHERE estado IN ('completed', 'failed') AND NOT trial;

-- Who had it bought: a cleaned job takes the way to its batch with it.
ALTER TABLE revelado.purchases ADD COLUMN batch_id bigint;
UPDATE revelado.purchases p SET batch_id = q.batch_id FROM public.image_processing_queue q
    WHERE q.id = p.job_id AND q.batch_id IS NOT NULL;
UPDATE revelado.purchases p SET batch_id = m.batch_id FROM revelado.pictures m
    WHERE m.job_id = p.job_id AND m.batch_id IS NOT NULL AND p.batch_id IS NULL;
UPDATE revelado.purchases p SET batch_id = c.batch_id FROM revelado.cancelled_jobs c
    WHERE c.job_id = p.job_id AND c.batch_id IS NOT NULL AND p.batch_id IS NULL;

-- A month's bill is read from the index alone: each purchase keeps its whole prompt.
DROP INDEX revelado.purchases_by_time;
CREATE INDEX purchases_by_time ON revelado.purchases (opened_at)
    INCLUDE (articulo_id, batch_id, state, cost, estimate, saving, submission_id);
CREATE INDEX pictures_made ON revelado.pictures (created_at) INCLUDE (review, published_at) WHERE kind = 'result';

-- Somebody let the queue go on outside its hours: until they begin anew.
ALTER TABLE revelado.queue_control ADD COLUMN schedule_off_until timestamptz;
