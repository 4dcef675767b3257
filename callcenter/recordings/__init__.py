"""Finished recordings of calls."""
