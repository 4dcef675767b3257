-- What is counted, for reports: by quarter of an hour and by day, of the centre, each queue and each agent. It
-- follows the journal; "seq" is the number up to which it was counted, "state" what counting goes on from.
CREATE TABLE kpi_cells (
    grain text NOT NULL,
    scope text NOT NULL,
    begin_at bigint NOT NULL,
    name text NOT NULL,
    counts jsonb NOT NULL,
    PRIMARY KEY (grain, scope, begin_at, name)
);
CREATE TABLE kpi_ledger (seq bigint NOT NULL, state jsonb);
INSERT INTO kpi_ledger VALUES (0, NULL);
