CREATE SEQUENCE ticket_number;

CREATE TABLE tickets (
    ticket_id text PRIMARY KEY,
    state text NOT NULL,
    category text NOT NULL,
    caller text NOT NULL,
    queue text NOT NULL,
    language text NOT NULL,
    text text NOT NULL,
    opened_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX tickets_open_of_caller ON tickets (caller, category) WHERE state <> 'closed';

-- A call belongs to one ticket: the primary key makes opening idempotent.
CREATE TABLE ticket_calls (
    call_id text PRIMARY KEY,
    ticket_id text NOT NULL REFERENCES tickets,
    opened boolean NOT NULL,
    linked_at timestamptz NOT NULL
);
CREATE INDEX ticket_calls_ticket ON ticket_calls (ticket_id);

CREATE TABLE users (
    name text PRIMARY KEY,
    role text NOT NULL,
    agent_id text,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
