"""Span: the part of the journal that was asked about, compared, counted and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acd import codec
from acd.commands import MakeOffer
from acd.replay import begun
from acd.router import Router
from callcenter.domain import events as e
from callcenter.replay.comparison import Comparison, Difference, Told


class Span:
    """Takes the events of a journal like a Comparison; ``inputs`` are those of the span, which begins at
    ``since`` (None: with the first input). Instants are ``int`` milliseconds since the Unix epoch, UTC.

    With ``keep`` false only the counts are kept.
    """

    def __init__(self, snapshot: Mapping[str, Any] | None, since: int | None, *, keep: bool) -> None:
        self.input_count = 0
        self.decision_count = 0
        self.inputs: list[Told] = []
        self.began_at = since
        self.last_at = 0
        self._keep = keep
        self._since = since or 0
        self._comparison = Comparison(snapshot)
        self._compared: Told | None = None
        self._beginning: tuple[dict[str, Any], dict[str, Any]] | None = None

    def take(self, seq: int, event: e.DomainEvent) -> Difference | None:
        """The next event; the first difference, if it shows now. Raises NotReplayable as Comparison does."""
        difference = self._comparison.take(seq, event)
        self._count()
        if self._beginning is None and isinstance(event, e.RoutingInput) and event.at >= self._since:
            router = self._comparison.router
            self._beginning = codec.config_to_dict(router.config), router.snapshot()
            self.began_at = self.began_at or event.at
        return difference

    def finish(self) -> Difference | None:
        """There are no more events."""
        difference = self._comparison.finish()
        self._count()
        return difference

    def router(self) -> Router:
        """The Router as the span found it; a new one each time. ValueError when nothing was taken."""
        if self._beginning is None:
            raise ValueError("no input of the span was taken")
        return begun(*self._beginning)

    def _count(self) -> None:
        told = self._comparison.last
        if told is None or told is self._compared:
            return
        self._compared = told
        if told.at >= self._since:
            self.last_at = told.at
            self.input_count += 1
            self.decision_count += sum(isinstance(command, MakeOffer) for command in told.commands)
            if self._keep:
                self.inputs.append(told)
