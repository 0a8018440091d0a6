-- `review`: a person's look. NULL: none is asked for; `trial`: made to judge a recipe, never published; `superseded`: a
-- newer picture came before anybody looked. Whether the shop shows it is told by articulos.imagen_url alone.
ALTER TABLE revelado.pictures
    ADD COLUMN recipe_version_id bigint REFERENCES revelado.recipe_versions (id),
    ADD COLUMN batch_id bigint,
    ADD COLUMN verdict text,
    ADD COLUMN review text,
    ADD COLUMN replaces_url text,
    ADD COLUMN judged_at timestamptz,
    ADD COLUMN judged_by text,
    ADD COLUMN reviewer_id bigint,
    ADD COLUMN reviewer_until timestamptz,
    ADD CONSTRAINT pictures_verdict_is_known CHECK (verdict IN ('good', 'doubtful', 'bad')),
    ADD CONSTRAINT pictures_review_is_known
        CHECK (review IN ('trial', 'awaiting', 'approved', 'rejected', 'superseded')),
    ADD CONSTRAINT pictures_judged_iff_decided
        CHECK ((judged_at IS NOT NULL) = (coalesce(review, '') IN ('approved', 'rejected')));
CREATE INDEX pictures_awaiting ON revelado.pictures (id) WHERE review = 'awaiting' AND deleted_at IS NULL;
CREATE INDEX pictures_by_batch ON revelado.pictures (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX pictures_judged ON revelado.pictures (judged_at) WHERE judged_at IS NOT NULL;

-- Every decision about a picture, and what it changed in the shop, so that each can be taken back.
CREATE TABLE revelado.decisions (
    id bigserial NOT NULL,
    picture_id bigint NOT NULL,
    articulo_id integer NOT NULL,
    action text NOT NULL,
    reason text DEFAULT '' NOT NULL,
    user_id bigint,
    user_name text NOT NULL,
    decided_at timestamptz DEFAULT now() NOT NULL,
    batch_id bigint,
    url_before text,
    url_after text,
    review_before text,
    job_id integer,
    undone_at timestamptz,
    undone_by text,
    PRIMARY KEY (id),
    CONSTRAINT decisions_action_is_known
        CHECK (action IN ('approve', 'reject', 'redo', 'keep_original', 'restore', 'undo_batch')),
    CONSTRAINT decisions_undone_by_somebody CHECK ((undone_at IS NULL) = (undone_by IS NULL)),
    FOREIGN KEY(picture_id) REFERENCES revelado.pictures (id)
);
CREATE INDEX decisions_by_picture ON revelado.decisions (picture_id, id);
CREATE INDEX decisions_by_article ON revelado.decisions (articulo_id, id);
CREATE INDEX decisions_by_time ON revelado.decisions (decided_at);
