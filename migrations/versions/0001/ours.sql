-- Searching and sorting without ICU or unaccent, the same on every server: `cano` finds `caño`, `Árbol` sorts before
-- `zapato`. Immutable, so that it may be indexed. Plain ASCII, most of a catalogue, is spared the slow `translate`.
CREATE FUNCTION revelado.fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(value) = length(value) THEN lower(value) ELSE translate(lower(value),
        'ÁÀÂÄÃÅáàâäãåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÖÕØóòôöõøÚÙÛÜúùûüÑñÇçÝýÿ',
        'aaaaaaaaaaaaeeeeeeeeiiiiiiiioooooooooooouuuuuuuunnccyyy') END
$$;

-- Bounded: a B-tree entry may not pass 2,700 bytes.
CREATE FUNCTION revelado.sort_key(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(revelado.fold(value), 120) COLLATE "C"
$$;

CREATE TABLE revelado.adoptions (
    table_name text NOT NULL,
    adopted_at timestamptz DEFAULT now() NOT NULL,
    rows bigint NOT NULL,
    legacy_timezone text NOT NULL,
    converted_columns text[] NOT NULL,
    PRIMARY KEY (table_name)
);
CREATE TABLE revelado.attempts (
    id bigserial NOT NULL,
    job_id integer NOT NULL,
    articulo_id integer,
    claim_token bigint NOT NULL,
    number integer NOT NULL,
    worker_id uuid,
    started_at timestamptz DEFAULT now() NOT NULL,
    finished_at timestamptz,
    outcome text,
    error_code text,
    error_params jsonb,
    error_message text,
    error_stack text,
    seconds jsonb,
    PRIMARY KEY (id),
    CONSTRAINT attempts_outcome_is_known CHECK (outcome IN ('completed', 'retry', 'failed', 'released', 'snoozed', 'rescued')),
    CONSTRAINT attempts_outcome_iff_finished CHECK ((outcome IS NULL) = (finished_at IS NULL))
);
CREATE UNIQUE INDEX attempts_by_job ON revelado.attempts (job_id, claim_token);
CREATE TABLE revelado.batches (
    id bigserial NOT NULL,
    request_id uuid,
    origin text NOT NULL,
    user_id bigint,
    user_name text NOT NULL,
    label text DEFAULT '' NOT NULL,
    added integer DEFAULT 0 NOT NULL,
    skipped integer DEFAULT 0 NOT NULL,
    skipped_articles jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT batches_origin_is_known CHECK (origin IN ('panel', 'api', 'cli'))
);
CREATE UNIQUE INDEX batches_by_request ON revelado.batches (request_id);
CREATE TABLE revelado.blobs (
    sha256 bytea NOT NULL,
    data bytea NOT NULL,
    media_type text NOT NULL,
    touched_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (sha256)
);
CREATE INDEX blobs_by_touch ON revelado.blobs (touched_at);
CREATE TABLE revelado.outbox (
    id bigserial NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    run_after timestamptz NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    done_at timestamptz,
    last_error text,
    PRIMARY KEY (id),
    CONSTRAINT outbox_kind_is_known CHECK (kind IN ('delete_superseded'))
);
CREATE INDEX outbox_due ON revelado.outbox (run_after) WHERE done_at IS NULL;
CREATE TABLE revelado.pictures (
    id bigserial NOT NULL,
    articulo_id integer NOT NULL,
    kind text NOT NULL,
    url text NOT NULL,
    job_id integer,
    source_url text,
    host text NOT NULL,
    public_id text,
    asset_id text,
    version text,
    etag text,
    sha256 bytea,
    model text,
    cost numeric(12, 6),
    report jsonb,
    created_at timestamptz DEFAULT now() NOT NULL,
    published_at timestamptz,
    deleted_at timestamptz,
    PRIMARY KEY (id),
    CONSTRAINT pictures_kind_is_known CHECK (kind IN ('original', 'result')),
    CONSTRAINT pictures_host_is_known CHECK (host IN ('cloudinary', 'local', 'external'))
);
CREATE UNIQUE INDEX pictures_by_article ON revelado.pictures (articulo_id, md5(url));
CREATE INDEX pictures_by_job ON revelado.pictures (job_id);
CREATE INDEX pictures_by_url ON revelado.pictures (md5(url));
CREATE TABLE revelado.queue_control (
    id SERIAL NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    paused_until timestamptz,
    reason_code text,
    reason_params jsonb,
    reason text,
    paused_by text,
    paused_at timestamptz,
    PRIMARY KEY (id),
    CONSTRAINT queue_control_is_one_row CHECK (id = 1)
);
CREATE TABLE revelado.settings (
    key text NOT NULL,
    value jsonb NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    updated_by text NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE revelado.sign_in_failures (
    id bigserial NOT NULL,
    source text NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX sign_in_failures_by_source ON revelado.sign_in_failures (source, at);
CREATE TABLE revelado.sign_in_tickets (
    ticket_hash bytea NOT NULL,
    token text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (ticket_hash)
);
CREATE TABLE revelado.users (
    id bigserial NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    must_change_password boolean DEFAULT false NOT NULL,
    language text DEFAULT 'es' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT users_role_is_known CHECK (role IN ('consulta', 'operador', 'administrador')),
    CONSTRAINT users_email_is_lower CHECK (email = lower(email))
);
CREATE UNIQUE INDEX users_by_email ON revelado.users (email);
CREATE TABLE revelado.workers (
    id uuid NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    editor text NOT NULL,
    model text NOT NULL,
    started_at timestamptz DEFAULT now() NOT NULL,
    seen_at timestamptz DEFAULT now() NOT NULL,
    stopped_at timestamptz,
    PRIMARY KEY (id)
);
CREATE INDEX workers_by_seen ON revelado.workers (seen_at);
CREATE TABLE revelado.checkpoints (
    job_id integer NOT NULL,
    generation integer NOT NULL,
    expected_url text,
    source_url text NOT NULL,
    categoria text NOT NULL,
    source_sha256 bytea,
    result_sha256 bytea,
    report jsonb,
    asset jsonb,
    updated_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (job_id),
    FOREIGN KEY(source_sha256) REFERENCES revelado.blobs (sha256),
    FOREIGN KEY(result_sha256) REFERENCES revelado.blobs (sha256)
);
CREATE INDEX checkpoints_by_result ON revelado.checkpoints (result_sha256);
CREATE INDEX checkpoints_by_source ON revelado.checkpoints (source_sha256);
CREATE TABLE revelado.purchases (
    id bigserial NOT NULL,
    job_id integer NOT NULL,
    articulo_id integer,
    generation integer NOT NULL,
    claim_token bigint NOT NULL,
    state text DEFAULT 'open' NOT NULL,
    editor text NOT NULL,
    model text NOT NULL,
    prompt_version text NOT NULL,
    prompt text NOT NULL,
    source_sha256 bytea NOT NULL,
    estimate numeric(12, 6) NOT NULL,
    cost numeric(12, 6),
    usage jsonb,
    answer_sha256 bytea,
    opened_at timestamptz DEFAULT now() NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (id),
    CONSTRAINT purchases_state_is_known CHECK (state IN ('open', 'answered', 'used', 'useless', 'doubtful', 'free')),
    CONSTRAINT purchases_closed_iff_not_open CHECK ((state = 'open') = (closed_at IS NULL)),
    CONSTRAINT purchases_answered_has_answer CHECK (state <> 'answered' OR answer_sha256 IS NOT NULL),
    FOREIGN KEY(answer_sha256) REFERENCES revelado.blobs (sha256)
);
CREATE INDEX purchases_by_answer ON revelado.purchases (answer_sha256) WHERE answer_sha256 IS NOT NULL;
CREATE INDEX purchases_by_job ON revelado.purchases (job_id, generation);
CREATE INDEX purchases_by_time ON revelado.purchases (opened_at);
CREATE UNIQUE INDEX purchases_one_open ON revelado.purchases (job_id) WHERE state = 'open';
CREATE TABLE revelado.sessions (
    token_hash bytea NOT NULL,
    user_id bigint NOT NULL,
    kind text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    last_seen_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    ip text,
    user_agent text,
    PRIMARY KEY (token_hash),
    CONSTRAINT sessions_kind_is_known CHECK (kind IN ('panel', 'api')),
    FOREIGN KEY(user_id) REFERENCES revelado.users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_expiry ON revelado.sessions (expires_at);
CREATE INDEX sessions_by_user ON revelado.sessions (user_id);
