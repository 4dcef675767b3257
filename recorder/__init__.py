"""Recording of calls: what to record, the life of one recording, and the files."""
