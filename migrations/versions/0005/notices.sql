-- What people are told in the panel, each until they have seen it.
CREATE TABLE revelado.notices (
    id bigserial NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    kind text NOT NULL,
    batch_id bigint,
    params jsonb DEFAULT '{}'::jsonb NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT notices_kind_is_known CHECK (kind IN ('batch_ended', 'queue_paused', 'help_wanted'))
);
CREATE INDEX notices_by_time ON revelado.notices (at);
CREATE TABLE revelado.notice_choices (
    user_id bigint NOT NULL,
    seen_id bigint DEFAULT 0 NOT NULL,
    browser boolean DEFAULT false NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY(user_id) REFERENCES revelado.users (id) ON DELETE CASCADE
);
