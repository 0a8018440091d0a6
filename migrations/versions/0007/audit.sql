-- What people did. Each line holds the hash of the one before it, so that a line removed or altered shows.
CREATE TABLE revelado.audit (
    id bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    user_id bigint,
    user_name text NOT NULL,
    address text DEFAULT '' NOT NULL,
    via text NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT audit_via_is_known CHECK (via IN ('panel', 'api', 'cli'))
);
CREATE INDEX audit_by_kind ON revelado.audit (kind, id);
CREATE INDEX audit_by_user ON revelado.audit (user_id, id);
CREATE INDEX audit_by_time ON revelado.audit (at);

-- Where the chain ends: without it, removing the last lines would leave a chain that looks whole.
CREATE TABLE revelado.audit_head (
    id integer NOT NULL,
    last_id bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT audit_head_is_one_row CHECK (id = 1)
);
INSERT INTO revelado.audit_head VALUES (1, 0, sha256('revelado'));

CREATE FUNCTION revelado.audit_text(line revelado.audit) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(line.id, to_char(line.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), line.kind,
        line.user_id, line.user_name, line.address, line.via, line.details)::text
$$;

-- As the tables' owner: the application's role can neither choose a line's number, time and hash, nor move the end.
CREATE FUNCTION revelado.audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    SELECT last_id + 1, hash INTO STRICT NEW.id, NEW.previous FROM revelado.audit_head WHERE id = 1 FOR UPDATE;
    NEW.at := clock_timestamp();
    NEW.hash := sha256(NEW.previous || convert_to(revelado.audit_text(NEW), 'UTF8'));
    UPDATE revelado.audit_head SET last_id = NEW.id, hash = NEW.hash WHERE id = 1;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_chain BEFORE INSERT ON revelado.audit FOR EACH ROW EXECUTE FUNCTION revelado.audit_chain();

CREATE FUNCTION revelado.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'revelado.audit is append-only';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON revelado.audit
    FOR EACH STATEMENT EXECUTE FUNCTION revelado.audit_is_append_only();
