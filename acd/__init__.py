"""The automatic call distributor: a pure, deterministic routing engine.

Nothing here reads a clock, rolls dice, logs or does IO. Time and seeds are arguments, so every decision can
be replayed, explained and simulated.
"""
