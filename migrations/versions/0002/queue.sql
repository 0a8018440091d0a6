ALTER TABLE public.image_processing_queue
    ADD COLUMN lane text NOT NULL DEFAULT 'normal',
    ADD COLUMN fresh boolean NOT NULL DEFAULT false,
    ADD COLUMN crashes integer NOT NULL DEFAULT 0,
    ADD COLUMN trouble_since timestamptz,
    ADD CONSTRAINT queue_lane_is_known CHECK (lane IN ('normal', 'economy'));

-- The claim of each lane is one scan of one small index; what waits for its hour is in neither.
DROP INDEX public.queue_claim;
CREATE INDEX queue_claim ON public.image_processing_queue (prioridad DESC NULLS LAST, turn, id)
    WHERE estado = 'pending' AND run_after IS NULL AND lane = 'normal';
CREATE INDEX queue_claim_economy ON public.image_processing_queue (prioridad DESC NULLS LAST, turn, id)
    WHERE estado = 'pending' AND run_after IS NULL AND lane = 'economy';
-- By id, not by the lease's end: renewing a lease then stays within the page (HOT), and no index grows with heartbeats.
DROP INDEX public.queue_leases;
CREATE INDEX queue_leases ON public.image_processing_queue (id) WHERE estado = 'processing';
DROP INDEX public.queue_by_batch;
CREATE INDEX queue_by_batch ON public.image_processing_queue (batch_id, id) WHERE batch_id IS NOT NULL;

-- What the earlier backend finished without saying when, for the clean. Not by `updated_at`: with that column in any index
-- no change of a stage would stay within its page.
CREATE INDEX queue_undated ON public.image_processing_queue (id)
    WHERE completed_at IS NULL AND estado IN ('completed', 'failed');

-- Each article's row is rewritten a dozen times: room for it on its page, and dead rows taken away early.
ALTER TABLE public.image_processing_queue SET (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0
);

-- A cancelled job leaves the queue but not the record.
CREATE TABLE revelado.cancelled_jobs (
    job_id integer NOT NULL,
    articulo_id integer,
    articulo_nombre text,
    batch_id bigint,
    claim_token bigint NOT NULL,
    job jsonb NOT NULL,
    cancelled_at timestamptz DEFAULT now() NOT NULL,
    cancelled_by text NOT NULL,
    PRIMARY KEY (job_id)
);
CREATE INDEX cancelled_jobs_by_batch ON revelado.cancelled_jobs (batch_id);
