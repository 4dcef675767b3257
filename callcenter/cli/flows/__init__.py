"""`callcenter flows`: check, test, draw and list the call flows; learn from real calls."""

from callcenter.cli.flows.app import app

__all__ = ["app"]
