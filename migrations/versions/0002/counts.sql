-- Exact counts at any size: every statement that moves jobs writes what it moved, a reader adds the few rows that were
-- not folded yet, and a worker folds them. Batch 0 is the whole queue.
CREATE TABLE revelado.counts (
    batch_id bigint NOT NULL,
    pending bigint DEFAULT 0 NOT NULL,
    processing bigint DEFAULT 0 NOT NULL,
    completed bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    PRIMARY KEY (batch_id)
);
CREATE INDEX counts_live ON revelado.counts (batch_id) WHERE pending > 0 OR processing > 0;
CREATE TABLE revelado.count_deltas (
    batch_id bigint NOT NULL,
    pending integer NOT NULL,
    processing integer NOT NULL,
    completed integer NOT NULL,
    failed integer NOT NULL,
    at timestamptz DEFAULT now() NOT NULL
);
-- The same for the whole queue, one row a statement: a claim of ten is of ten batches when they take turns.
CREATE TABLE revelado.total_deltas (
    pending integer NOT NULL,
    processing integer NOT NULL,
    completed integer NOT NULL,
    failed integer NOT NULL,
    at timestamptz DEFAULT now() NOT NULL
);
-- How many ended in each minute: what the charts show, at any size of the history.
CREATE TABLE revelado.finished (
    minute timestamptz NOT NULL,
    completed integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    PRIMARY KEY (minute)
);
ALTER TABLE revelado.count_deltas SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_insert_threshold = -1
);
ALTER TABLE revelado.total_deltas SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_insert_threshold = -1
);

CREATE FUNCTION revelado.count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH moved (batch_id, pending, processing, completed, failed) AS (
    SELECT coalesce(batch_id, 0), count(*) FILTER (WHERE estado = 'pending'),
        count(*) FILTER (WHERE estado = 'processing'), count(*) FILTER (WHERE estado = 'completed'),
        count(*) FILTER (WHERE estado = 'failed')
    FROM added GROUP BY 1
    ), of_batches AS (INSERT INTO revelado.count_deltas SELECT * FROM moved)
    INSERT INTO revelado.total_deltas
    SELECT sum(pending), sum(processing), sum(completed), sum(failed) FROM moved HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION revelado.count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH moved (batch_id, pending, processing, completed, failed) AS (
    SELECT coalesce(batch_id, 0), -count(*) FILTER (WHERE estado = 'pending'),
        -count(*) FILTER (WHERE estado = 'processing'), -count(*) FILTER (WHERE estado = 'completed'),
        -count(*) FILTER (WHERE estado = 'failed')
    FROM removed GROUP BY 1
    ), of_batches AS (INSERT INTO revelado.count_deltas SELECT * FROM moved)
    INSERT INTO revelado.total_deltas
    SELECT sum(pending), sum(processing), sum(completed), sum(failed) FROM moved HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION revelado.count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH moved (batch_id, pending, processing, completed, failed) AS (
    SELECT batch, coalesce(sum(n) FILTER (WHERE estado = 'pending'), 0),
        coalesce(sum(n) FILTER (WHERE estado = 'processing'), 0),
        coalesce(sum(n) FILTER (WHERE estado = 'completed'), 0), coalesce(sum(n) FILTER (WHERE estado = 'failed'), 0)
    FROM (
        SELECT batch, estado, sum(n) AS n FROM (
            SELECT coalesce(batch_id, 0) AS batch, estado, 1 AS n FROM new_rows
            UNION ALL SELECT coalesce(batch_id, 0), estado, -1 FROM old_rows
        ) both_sides GROUP BY 1, 2 HAVING sum(n) <> 0
    ) sides GROUP BY batch
    ), of_batches AS (INSERT INTO revelado.count_deltas SELECT * FROM moved)
    INSERT INTO revelado.total_deltas
    SELECT sum(pending), sum(processing), sum(completed), sum(failed) FROM moved HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER queue_counts_added AFTER INSERT ON public.image_processing_queue
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION revelado.count_added();
CREATE TRIGGER queue_counts_removed AFTER DELETE ON public.image_processing_queue
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION revelado.count_removed();
CREATE TRIGGER queue_counts_moved AFTER UPDATE ON public.image_processing_queue
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION revelado.count_moved();

INSERT INTO revelado.counts
SELECT coalesce(batch_id, 0), count(*) FILTER (WHERE estado = 'pending'), count(*) FILTER (WHERE estado = 'processing'),
    count(*) FILTER (WHERE estado = 'completed'), count(*) FILTER (WHERE estado = 'failed')
FROM public.image_processing_queue GROUP BY GROUPING SETS ((batch_id), ()) HAVING batch_id IS NOT NULL OR grouping(batch_id) = 1;
INSERT INTO revelado.finished
SELECT date_trunc('minute', completed_at), count(*) FILTER (WHERE estado = 'completed'),
    count(*) FILTER (WHERE estado = 'failed')
FROM public.image_processing_queue
WHERE completed_at > now() - interval '31 days' AND estado IN ('completed', 'failed') GROUP BY 1;
