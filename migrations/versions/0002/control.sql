ALTER TABLE revelado.queue_control
    ADD COLUMN probing text,
    ADD COLUMN rate_share numeric(6, 5) DEFAULT 1 NOT NULL,
    ADD COLUMN rate_cut_at timestamptz,
    ADD CONSTRAINT queue_control_share_is_a_share CHECK (rate_share > 0 AND rate_share <= 1);

-- The circuit's memory: how a service outside answered lately, over all workers.
CREATE TABLE revelado.services (
    name text NOT NULL,
    failures_in_row integer DEFAULT 0 NOT NULL,
    openings integer DEFAULT 0 NOT NULL,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    PRIMARY KEY (name)
);

ALTER TABLE revelado.outbox
    DROP CONSTRAINT outbox_kind_is_known,
    ADD CONSTRAINT outbox_kind_is_known CHECK (kind IN ('delete_superseded', 'webhook'));
