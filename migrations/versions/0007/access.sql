-- For scripts. `calls`: when it was used in the last minute, which is what its limit is counted from.
CREATE TABLE revelado.api_tokens (
    id bigserial NOT NULL,
    user_id bigint NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    starts text NOT NULL,
    scope text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    last_address text,
    revoked_at timestamptz,
    calls timestamptz[] DEFAULT '{}'::timestamptz[] NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT api_tokens_scope_is_known CHECK (scope IN ('read', 'operate')),
    FOREIGN KEY(user_id) REFERENCES revelado.users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX api_tokens_by_hash ON revelado.api_tokens (token_hash);
CREATE INDEX api_tokens_by_user ON revelado.api_tokens (user_id);

-- The answer to a POST that costs, for whoever repeats it within a day.
CREATE TABLE revelado.idempotency_keys (
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    request_id uuid NOT NULL,
    answer jsonb,
    created_at timestamptz DEFAULT now() NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_by_time ON revelado.idempotency_keys (created_at);

-- The link that lets a new user choose a password, once.
CREATE TABLE revelado.invitations (
    token_hash bytea NOT NULL,
    user_id bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (token_hash),
    FOREIGN KEY(user_id) REFERENCES revelado.users (id) ON DELETE CASCADE
);
CREATE INDEX invitations_by_user ON revelado.invitations (user_id);

-- `totp_step`: the last code that was used, which can't be used again.
ALTER TABLE revelado.users
    ADD COLUMN totp_secret text,
    ADD COLUMN totp_on boolean DEFAULT false NOT NULL,
    ADD COLUMN totp_step bigint,
    ADD CONSTRAINT users_totp_has_secret CHECK (NOT totp_on OR totp_secret IS NOT NULL);

CREATE TABLE revelado.recovery_codes (
    code_hash bytea NOT NULL,
    user_id bigint NOT NULL,
    PRIMARY KEY (user_id, code_hash),
    FOREIGN KEY(user_id) REFERENCES revelado.users (id) ON DELETE CASCADE
);
