"""Comparison: the Router told again what the journal says it was told, command by command beside the record.

Commands are compared as bytes, over the fields that the record has: one that was written before a field
existed can still be replayed. An EndOffer leaves a fact only while the journal knows its Offer as open; the
answer to a phone that was picked up too late leaves none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import orjson

from acd import codec
from acd.commands import EndOffer, MakeOffer, RouterCommand
from acd.replay import begun, retold
from acd.router import Router
from callcenter.domain import events as e
from callcenter.domain.codec import decode_event
from callcenter.replay.recorded import recorded_command


class NotReplayable(Exception):
    """The events are not a whole record of this release; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """One input of the Router: its number in the journal, its instant (``int`` milliseconds since the Unix
    epoch, UTC), the input as ``acd.codec`` writes it, and the commands that follow from it."""

    seq: int
    at: int
    event: Mapping[str, Any]
    commands: list[RouterCommand]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first command that is not as recorded, and the input from which it followed; None: there is none
    on this side."""

    told: Told
    recorded: dict[str, Any] | None
    replayed: dict[str, Any] | None


class Comparison:
    """Takes the events of the journal, in order, each once; then ``finish`` must be called.

    ``take`` and ``finish`` answer with the first difference; afterwards nothing more is to be taken. The
    Router is always that of the last input that was compared.
    """

    def __init__(self, snapshot: Mapping[str, Any] | None = None) -> None:
        """Begin with a snapshot of the journal (``callcenter.controller.memory``), or where it has none."""
        past = snapshot or {}
        self.router: Router = begun(past.get("acd"), past.get("router"))
        self.last: Told | None = None
        """The input that was compared last."""
        self._configured = snapshot is not None
        self._input: tuple[int, e.RoutingInput] | None = None
        self._recorded: list[dict[str, Any]] = []
        self._open: set[str] = set()
        for history in past.get("calls", []):
            for kind, data in history:
                self._note(decode_event(kind, data))

    def take(self, seq: int, event: e.DomainEvent) -> Difference | None:
        """The next event. Raises NotReplayable when the first input does not configure a new Router, or an
        input lacks a field."""
        match event:
            case e.RoutingInput():
                found = self._compare(cut_short=False)
                if not self._configured and event.event["kind"] != "config_changed":
                    raise NotReplayable(
                        "the journal begins in the middle: without its first event or a snapshot the Router "
                        "cannot be replayed -> choose a later --from"
                    )
                self._configured = True
                self._input = (seq, event)
                return found
            case e.CentreStarted():
                return self._compare(cut_short=True)
            case _:
                self._note(event)
                return None

    def finish(self) -> Difference | None:
        """There are no more events; the facts of the last input may not all be written yet."""
        return self._compare(cut_short=True)

    def _note(self, event: e.DomainEvent) -> None:
        command = recorded_command(event)
        if command is not None:
            self._recorded.append(command)

    def _compare(self, *, cut_short: bool) -> Difference | None:
        """Tell the Router the input in hand and compare. ``cut_short``: after it the controller died, and a
        power cut may have taken the last of its facts."""
        recorded, self._recorded = self._recorded, []
        difference = None
        if self._input is not None:
            seq, event = self._input
            self._input = None
            try:
                commands = retold(self.router, event.event, event.at)
            except KeyError as error:
                raise NotReplayable(
                    f"event {seq} ({event.event['kind']}) has no {error}: it was written by another release "
                    "-> replay it with that one"
                ) from error
            self.last = Told(seq, event.at, event.event, commands)
            replayed = self._leaving_facts(commands)
            if cut_short:
                del replayed[len(recorded) :]
            difference = _first_difference(self.last, recorded, replayed)
        for command in recorded:
            if command["kind"] == "make_offer":
                self._open.add(command["offer_id"])
            elif command["kind"] == "end_offer":
                self._open.discard(command["offer_id"])
        return difference

    def _leaving_facts(self, commands: list[RouterCommand]) -> list[dict[str, Any]]:
        made = {command.offer_id for command in commands if isinstance(command, MakeOffer)}
        return [
            codec.command_to_dict(command)
            for command in commands
            if not isinstance(command, EndOffer) or command.offer_id in self._open or command.offer_id in made
        ]


def _first_difference(
    told: Told, recorded: list[dict[str, Any]], replayed: list[dict[str, Any]]
) -> Difference | None:
    for then, now in zip_longest(recorded, replayed):
        if then is None or now is None or _bytes(then) != _bytes(_as_recorded(now, then)):
            return Difference(told, then, now)
    return None


def _as_recorded(replayed: Mapping[str, Any], recorded: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``replayed`` that the record has, those of the Decision too."""
    kept = {name: replayed[name] for name in recorded if name in replayed}
    if isinstance(kept.get("decision"), dict) and isinstance(recorded["decision"], dict):
        kept["decision"] = _as_recorded(kept["decision"], recorded["decision"])
    return kept


def _bytes(command: Mapping[str, Any]) -> bytes:
    """Keys in one order: PostgreSQL keeps JSON in an order of its own."""
    return orjson.dumps(command, option=orjson.OPT_SORT_KEYS)
