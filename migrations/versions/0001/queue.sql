-- A code to recognise an article by; not unique here, since existing catalogues repeat it.
ALTER TABLE public.articulos ADD COLUMN IF NOT EXISTS codigo text;
CREATE INDEX IF NOT EXISTS articulos_by_codigo ON public.articulos (codigo);
CREATE INDEX IF NOT EXISTS articulos_by_categoria ON public.articulos (categoria_id);
CREATE INDEX IF NOT EXISTS articulos_by_name ON public.articulos (revelado.sort_key(nombre), id);

-- Rows that are here now are adopted; rows made from now on are ours, and the invariants bind them.
ALTER TABLE public.image_processing_queue ADD COLUMN adopted boolean NOT NULL DEFAULT true;
ALTER TABLE public.image_processing_queue
    ALTER COLUMN adopted SET DEFAULT false,
    ADD COLUMN claim_token bigint NOT NULL DEFAULT 0,
    ADD COLUMN lease_until timestamptz,
    ADD COLUMN worker_id uuid,
    ADD COLUMN run_after timestamptz,
    ADD COLUMN turn bigint NOT NULL DEFAULT 0,
    ADD COLUMN batch_id bigint,
    ADD COLUMN stage varchar(20),
    ADD COLUMN error_code varchar(50),
    ADD COLUMN error_params jsonb,
    ADD CONSTRAINT queue_estado_is_known
        CHECK (adopted OR estado IN ('pending', 'processing', 'completed', 'failed')),
    ADD CONSTRAINT queue_intentos_in_range CHECK (adopted OR intentos BETWEEN 0 AND max_intentos),
    ADD CONSTRAINT queue_lease_iff_processing
        CHECK (adopted OR (estado = 'processing') = (lease_until IS NOT NULL)),
    ADD CONSTRAINT queue_end_iff_terminal
        CHECK (adopted OR (estado IN ('completed', 'failed')) = (completed_at IS NOT NULL));

CREATE INDEX IF NOT EXISTS idx_queue_estado ON public.image_processing_queue (estado);
CREATE INDEX IF NOT EXISTS idx_queue_articulo_id ON public.image_processing_queue (articulo_id);
CREATE INDEX IF NOT EXISTS idx_queue_prioridad ON public.image_processing_queue (prioridad);
CREATE INDEX IF NOT EXISTS idx_queue_created_at ON public.image_processing_queue (created_at);
CREATE UNIQUE INDEX queue_one_live_job ON public.image_processing_queue (articulo_id)
    WHERE estado IN ('pending', 'processing') AND NOT adopted;
CREATE INDEX queue_claim ON public.image_processing_queue (prioridad DESC NULLS LAST, turn, id)
    WHERE estado = 'pending' AND run_after IS NULL;
CREATE INDEX queue_snoozed ON public.image_processing_queue (run_after)
    WHERE estado = 'pending' AND run_after IS NOT NULL;
CREATE INDEX queue_leases ON public.image_processing_queue (lease_until) WHERE estado = 'processing';
CREATE INDEX queue_history ON public.image_processing_queue (estado, id);
CREATE INDEX queue_finished ON public.image_processing_queue (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX queue_by_batch ON public.image_processing_queue (batch_id) WHERE batch_id IS NOT NULL;

-- One NOTIFY a statement, whoever inserts: new work wakes the workers at once.
CREATE FUNCTION revelado.wake_workers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('revelado_queue', '');
    RETURN NULL;
END $$;
CREATE TRIGGER queue_wakes_workers AFTER INSERT ON public.image_processing_queue
    FOR EACH STATEMENT EXECUTE FUNCTION revelado.wake_workers();

-- Pictures are compressed already.
ALTER TABLE revelado.blobs ALTER COLUMN data SET STORAGE EXTERNAL;

INSERT INTO revelado.queue_control (id) VALUES (1);
