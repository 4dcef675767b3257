CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The record: every DomainEvent with its number. "at" is in milliseconds since the Unix epoch, UTC.
CREATE TABLE journal (
    seq bigint PRIMARY KEY,
    at bigint NOT NULL,
    kind text NOT NULL,
    call_id text,
    data jsonb NOT NULL
);
CREATE INDEX journal_call ON journal (call_id, seq) WHERE call_id IS NOT NULL;
CREATE INDEX journal_at ON journal (at);

-- Derived from the journal, in the same transaction: one row per call.
CREATE TABLE calls (
    call_id text PRIMARY KEY,
    arrived_at timestamptz NOT NULL,
    trunk text NOT NULL,
    did text NOT NULL,
    caller text NOT NULL,
    caller_name text NOT NULL,
    language text NOT NULL,
    flow text NOT NULL,
    path text[] NOT NULL DEFAULT '{}',
    queue text,
    outcome text,
    wait_ms bigint NOT NULL DEFAULT 0,
    talk_ms bigint NOT NULL DEFAULT 0,
    hold_ms bigint NOT NULL DEFAULT 0,
    agent_id text,
    ended_at timestamptz,
    ended_by text,
    end_reason text,
    settled boolean NOT NULL DEFAULT false
);
CREATE INDEX calls_arrived ON calls (arrived_at);
CREATE INDEX calls_caller ON calls (caller, arrived_at);

CREATE TABLE recordings (
    recording_id text PRIMARY KEY,
    call_id text NOT NULL REFERENCES calls,
    path text,
    sha256 text,
    duration_ms bigint,
    sample_rate integer,
    channel_rms_dbfs real[],
    failure text
);
CREATE INDEX recordings_call ON recordings (call_id);

CREATE TABLE transcripts (
    call_id text NOT NULL REFERENCES calls,
    leg text NOT NULL,
    language text,
    engine text,
    model text,
    text text NOT NULL DEFAULT '',
    segments jsonb NOT NULL DEFAULT '[]',
    missing_reason text,
    PRIMARY KEY (call_id, leg)
);
CREATE INDEX transcripts_text ON transcripts USING gin (text gin_trgm_ops);
