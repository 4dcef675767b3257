-- Callers who were asked how it was, and what they said; derived from the journal like the calls. No foreign
-- keys: a call and what is said of it may come in batches of their own.
CREATE TABLE surveys (
    call_id text PRIMARY KEY,
    offered_at timestamptz NOT NULL,
    flow text NOT NULL,
    node text NOT NULL,
    queue text NOT NULL,
    agent_ids text[] NOT NULL
);
CREATE INDEX surveys_offered ON surveys (offered_at);

CREATE TABLE survey_answers (
    call_id text NOT NULL,
    question text NOT NULL,
    answered_at timestamptz NOT NULL,
    score integer NOT NULL,
    satisfied boolean NOT NULL,
    counts boolean NOT NULL,
    PRIMARY KEY (call_id, question)
);
