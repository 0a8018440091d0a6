-- What is being worked on is found by queue_history as well: one index less to keep, at every claim.
DROP INDEX public.queue_leases;

-- An attempt is written when it begins and once more when it ends: room for that on its page.
ALTER TABLE revelado.attempts SET (fillfactor = 60);

-- As before, in one pass over what was moved.
CREATE OR REPLACE FUNCTION revelado.count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH moved (batch_id, pending, processing, completed, failed) AS (
        SELECT batch, coalesce(sum(n) FILTER (WHERE estado = 'pending'), 0),
            coalesce(sum(n) FILTER (WHERE estado = 'processing'), 0),
            coalesce(sum(n) FILTER (WHERE estado = 'completed'), 0), coalesce(sum(n) FILTER (WHERE estado = 'failed'), 0)
        FROM (
            SELECT coalesce(batch_id, 0) AS batch, estado, 1 AS n FROM new_rows
            UNION ALL SELECT coalesce(batch_id, 0), estado, -1 FROM old_rows
        ) both_sides GROUP BY batch
    ), of_batches AS (
        INSERT INTO revelado.count_deltas SELECT * FROM moved
        WHERE (pending, processing, completed, failed) <> (0, 0, 0, 0)
    )
    INSERT INTO revelado.total_deltas
    SELECT sum(pending), sum(processing), sum(completed), sum(failed) FROM moved
    WHERE (pending, processing, completed, failed) <> (0, 0, 0, 0) HAVING count(*) > 0;
    RETURN NULL;
END $$;
