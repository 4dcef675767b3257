-- The calls behind a figure of today: those that went on or ended since midnight, and what was measured by then.
CREATE INDEX calls_ended ON calls (ended_at);
CREATE INDEX journal_policies ON journal (seq) WHERE kind = 'KpiPolicyInForce';
