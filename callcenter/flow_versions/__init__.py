"""Published versions of the flows: kept for ever, put in force, tried on some callers, gone back from."""
