"""Replaying the journal: whether the Router decides again what it decided, and what other settings would have
changed. Pure: events come in, findings go out.
"""
