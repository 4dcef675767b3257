"""The words and pure machines of a call: no clock, no IO, no log."""
