"""Every text that callers can hear, what speaks it, and the recordings that people put in its place."""
