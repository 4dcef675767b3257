"""Flows seen, written and proved in the console."""
