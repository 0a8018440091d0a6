ALTER TABLE revelado.purchases
    ADD COLUMN cache_key bytea,
    ADD COLUMN saving numeric(12, 6) DEFAULT 0 NOT NULL,
    ADD COLUMN submission_id bigint,
    DROP CONSTRAINT purchases_state_is_known,
    ADD CONSTRAINT purchases_state_is_known
        CHECK (state IN ('open', 'answered', 'used', 'useless', 'doubtful', 'free', 'reused'));
CREATE INDEX purchases_by_key ON revelado.purchases (cache_key) WHERE state IN ('open', 'answered');
CREATE INDEX purchases_by_submission ON revelado.purchases (submission_id) WHERE submission_id IS NOT NULL;

ALTER TABLE revelado.pictures ADD COLUMN cache_key bytea;
CREATE INDEX pictures_by_key ON revelado.pictures (cache_key) WHERE cache_key IS NOT NULL AND deleted_at IS NULL;
ALTER TABLE revelado.checkpoints ADD COLUMN reused_picture_id bigint;

-- Spend in quarters of an hour, so that any zone's day and month are the sum of a few rows. Fed by a trigger: whatever
-- changes a purchase, the wall sees it in the same transaction.
CREATE TABLE revelado.spend (
    slot timestamptz NOT NULL,
    amount numeric(14, 6) DEFAULT 0 NOT NULL,
    calls integer DEFAULT 0 NOT NULL,
    saved numeric(14, 6) DEFAULT 0 NOT NULL,
    PRIMARY KEY (slot)
);
CREATE FUNCTION revelado.add_spend(opened timestamptz, amount numeric, calls integer, saved numeric) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO revelado.spend AS s (slot, amount, calls, saved)
    VALUES (date_bin('15 minutes', opened, 'epoch'), amount, calls, saved)
    ON CONFLICT (slot) DO UPDATE SET amount = s.amount + excluded.amount, calls = s.calls + excluded.calls,
        saved = s.saved + excluded.saved
$$;
-- What counts: the price of the answer, until then the reservation; nothing for what was surely not charged.
CREATE FUNCTION revelado.charged(p revelado.purchases) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p.state IN ('free', 'reused') THEN 0 ELSE coalesce(p.cost, p.estimate) END
$$;
CREATE FUNCTION revelado.saved(p revelado.purchases) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p.state IN ('used', 'reused') THEN p.saving ELSE 0 END
$$;
CREATE FUNCTION revelado.count_spend() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM revelado.add_spend(NEW.opened_at, revelado.charged(NEW), (NEW.state <> 'reused')::int, revelado.saved(NEW));
    ELSIF revelado.charged(NEW) <> revelado.charged(OLD) OR revelado.saved(NEW) <> revelado.saved(OLD) THEN
        PERFORM revelado.add_spend(NEW.opened_at, revelado.charged(NEW) - revelado.charged(OLD), 0,
            revelado.saved(NEW) - revelado.saved(OLD));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER purchases_count_spend AFTER INSERT OR UPDATE OF state, cost, estimate ON revelado.purchases
    FOR EACH ROW EXECUTE FUNCTION revelado.count_spend();
INSERT INTO revelado.spend (slot, amount, calls)
SELECT date_bin('15 minutes', p.opened_at, 'epoch'), sum(revelado.charged(p)), count(*) FROM revelado.purchases p GROUP BY 1;

-- One Gemini Batch of the economy lane. Its name here is unique and is stored before the call that creates it there:
-- after an unanswered call it is looked up by this name, never made twice.
CREATE TABLE revelado.submissions (
    id bigserial NOT NULL,
    display_name text NOT NULL,
    model text NOT NULL,
    state text DEFAULT 'preparing' NOT NULL,
    file_name text,
    remote_name text,
    items integer NOT NULL,
    error_code text,
    error_message text,
    created_at timestamptz DEFAULT now() NOT NULL,
    submitted_at timestamptz,
    poll_after timestamptz DEFAULT now() NOT NULL,
    cancelled_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (id),
    CONSTRAINT submissions_state_is_known CHECK (state IN ('preparing', 'submitted', 'done', 'failed')),
    CONSTRAINT submissions_end_iff_finished CHECK ((state IN ('done', 'failed')) = (finished_at IS NOT NULL)),
    CONSTRAINT submissions_submitted_has_name CHECK (state <> 'submitted' OR remote_name IS NOT NULL)
);
CREATE UNIQUE INDEX submissions_by_name ON revelado.submissions (display_name);
CREATE INDEX submissions_open ON revelado.submissions (poll_after) WHERE finished_at IS NULL;
