-- A page's filters as the words of its address, under a name of the person's own.
CREATE TABLE revelado.saved_filters (
    id bigserial PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES revelado.users (id) ON DELETE CASCADE,
    page text NOT NULL,
    name text NOT NULL CONSTRAINT saved_filters_name_fits CHECK (name <> '' AND length(name) <= 60),
    query text NOT NULL CONSTRAINT saved_filters_query_fits CHECK (length(query) <= 2000),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX saved_filters_by_name ON revelado.saved_filters (user_id, page, lower(name));

-- Small choices that follow a person from one machine to the next: table or gallery, the tour taken.
CREATE TABLE revelado.preferences (
    user_id bigint NOT NULL REFERENCES revelado.users (id) ON DELETE CASCADE,
    key text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (user_id, key)
);

ALTER TABLE revelado.users ADD CONSTRAINT users_language_is_known CHECK (language IN ('es', 'en'));
