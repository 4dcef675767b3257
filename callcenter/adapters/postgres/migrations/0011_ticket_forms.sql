-- What agents write down beside the call. "version" counts every change, so that nobody overwrites what they have not
-- seen; "demand" is one of the five kinds of a citizen's demand, null until somebody has said which.
ALTER TABLE tickets
    ADD COLUMN demand text,
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN requester text NOT NULL DEFAULT '',
    ADD COLUMN unit text NOT NULL DEFAULT '',
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN changed_by text NOT NULL DEFAULT '';
CREATE INDEX tickets_caller ON tickets (caller, opened_at);
