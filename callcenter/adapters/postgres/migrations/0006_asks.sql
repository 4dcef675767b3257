-- What a flow adds to a ticket, each once.
CREATE TABLE ticket_updates (
    update_id text PRIMARY KEY,
    ticket_id text NOT NULL REFERENCES tickets,
    text text NOT NULL,
    category text,
    at timestamptz NOT NULL
);
CREATE INDEX ticket_updates_ticket ON ticket_updates (ticket_id);

-- Callers know a ticket by the digits of its id.
CREATE FUNCTION ticket_digits(id text) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT regexp_replace(id, '[^0-9]', '', 'g') $$;
CREATE INDEX tickets_digits ON tickets (ticket_digits(ticket_id));

-- Lists of callers. A number ends with * when it stands for all that begin so.
CREATE TABLE caller_list_entries (
    entry_id text PRIMARY KEY,
    list text NOT NULL,
    number text NOT NULL,
    reason text NOT NULL,
    author text NOT NULL,
    added_at timestamptz NOT NULL,
    expires_at timestamptz,
    UNIQUE (list, number)
);

-- Counted with the journal, in the same transaction; apart from the entries, so that a hit is no change.
CREATE TABLE caller_list_hits (
    entry_id text PRIMARY KEY,
    hits bigint NOT NULL,
    last_hit_at timestamptz NOT NULL
);

-- Tells with one small read whether the lists have changed.
CREATE TABLE caller_lists_version (version bigint NOT NULL);
INSERT INTO caller_lists_version VALUES (0);
CREATE FUNCTION note_caller_lists_change() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN UPDATE caller_lists_version SET version = version + 1; RETURN NULL; END $$;
CREATE TRIGGER caller_lists_change AFTER INSERT OR UPDATE OR DELETE ON caller_list_entries
    FOR EACH STATEMENT EXECUTE FUNCTION note_caller_lists_change();
