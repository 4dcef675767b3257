"""Trunks as they are now: reachable or not, how full, and what came over them today."""
