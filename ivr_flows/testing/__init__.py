"""Tests of flows without a telephone system: cases in YAML, run in virtual time, and what they cover."""
