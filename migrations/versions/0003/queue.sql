-- `recipe_version_id`: another recipe than the category's; `note`: what a reviewer adds to the prompt; `trial`: made to
-- judge a recipe, beside whatever else the article has in the queue.
ALTER TABLE public.image_processing_queue
    ADD COLUMN recipe_version_id bigint,
    ADD COLUMN note text,
    ADD COLUMN trial boolean NOT NULL DEFAULT false;
DROP INDEX public.queue_one_live_job;
CREATE UNIQUE INDEX queue_one_live_job ON public.image_processing_queue (articulo_id)
    WHERE estado IN ('pending', 'processing') AND NOT adopted AND NOT trial;

-- A pilot: the first few of a batch are made, the rest waits (`run_after = 'infinity'`) for a person's yes.
ALTER TABLE revelado.batches
    ADD COLUMN pilot text,
    ADD COLUMN pilot_ended_at timestamptz,
    ADD COLUMN pilot_ended_by text,
    ADD CONSTRAINT batches_pilot_is_known CHECK (pilot IN ('waiting', 'released', 'cancelled')),
    ADD CONSTRAINT batches_pilot_ended_by_somebody CHECK ((coalesce(pilot, 'waiting') = 'waiting') = (pilot_ended_at IS NULL));
CREATE INDEX batches_pilots ON revelado.batches (id) WHERE pilot = 'waiting';

-- The recipe a run began with stays its recipe, whatever is saved meanwhile.
ALTER TABLE revelado.checkpoints ADD COLUMN recipe_version_id bigint;
