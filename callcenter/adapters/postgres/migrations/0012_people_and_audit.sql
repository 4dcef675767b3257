ALTER TABLE users
    ADD COLUMN open_numbers boolean NOT NULL DEFAULT false,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN disabled boolean NOT NULL DEFAULT false,
    ADD COLUMN version bigint NOT NULL DEFAULT 0,
    ADD COLUMN seen_at timestamptz;

-- Who saw personal data, or changed something. Each row's hash covers the one before it.
CREATE TABLE audit (
    seq bigint PRIMARY KEY,
    entry_id text NOT NULL UNIQUE,
    at timestamptz NOT NULL,
    user_name text NOT NULL,
    role text NOT NULL,
    address text NOT NULL,
    deed text NOT NULL,
    what text NOT NULL,
    reason text NOT NULL,
    detail jsonb NOT NULL,
    outcome text NOT NULL,
    hash text NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_user ON audit (user_name, seq);
CREATE INDEX audit_what ON audit (what, seq);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
