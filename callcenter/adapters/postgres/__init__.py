"""PostgreSQL: the journal's copy and what is derived from it."""
