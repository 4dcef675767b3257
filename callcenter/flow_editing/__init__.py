"""Flows being changed: checked, tried by their tests, compared, published; for console and commands."""
