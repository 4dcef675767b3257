"""Replay: a Router that is told once more, in order, what it was told, and decides what it decided then.

A controller that starts again finds its Router this way, and the replay of a record is compared by it: there
is no other way back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acd import codec
from acd.commands import RouterCommand
from acd.model import AcdConfig
from acd.router import Router

NOTHING_CONFIGURED = AcdConfig("", {}, {})
"""What the Router of a new record begins with; its configuration is the first thing that it is told, so that
the record alone suffices."""


def begun(config: Mapping[str, Any] | None = None, snapshot: Mapping[str, Any] | None = None) -> Router:
    """The Router of which ``Router.snapshot`` was taken under ``config`` (as ``acd.codec`` wrote it); without
    a snapshot that of a new record. ValueError for a faulty configuration."""
    if config is None or snapshot is None:
        return Router(NOTHING_CONFIGURED)
    return Router.restored(codec.config_from_dict(config), snapshot)


def retold(router: Router, event: Mapping[str, Any], at: int) -> list[RouterCommand]:
    """Tell the Router one input as ``acd.codec`` wrote it; the commands that follow, now as then.

    An input that the Router refused then it refuses again, which changes nothing. KeyError for one without
    its fields.
    """
    try:
        return router.handle(codec.event_from_dict(event), at)
    except ValueError:
        return []
