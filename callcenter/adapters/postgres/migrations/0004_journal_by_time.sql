-- The journal grows by time: ranges of pages say as much as an entry for each row, and cost next to nothing.
DROP INDEX journal_at;
CREATE INDEX journal_at ON journal USING brin (at);
