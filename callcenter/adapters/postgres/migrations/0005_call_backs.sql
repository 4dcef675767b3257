-- A call-back is a call of its own; call_back_of is the call whose caller it calls back. It has no foreign key:
-- the two may come in batches of their own.
ALTER TABLE calls ADD COLUMN call_back_of text;
CREATE INDEX calls_call_back_of ON calls (call_back_of) WHERE call_back_of IS NOT NULL;
