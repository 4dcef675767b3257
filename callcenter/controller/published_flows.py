"""Which flows callers take: new ones what is in force or staged, calls in progress what they began with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from callcenter.controller.floor import Floor
from callcenter.controller.messages import FlowsChanged
from callcenter.domain import events as e
from callcenter.domain.call import Call
from callcenter.domain.flow_stage import StageWatch
from ivr_flows.model import Flow


class PublishedFlows:
    """Owns the change of flows, and the guards of a staged version."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self.watch = StageWatch()
        self._kept: dict[int, Mapping[str, Flow]] = {}
        """The flows of versions that are neither in force nor staged, which calls in progress still need."""

    def number_for(self, call_id: str) -> int:
        """The version that this new caller takes."""
        config = self._floor.config
        staged = config.staged
        return staged.stage.number if staged and staged.stage.takes(call_id) else config.flows_number

    def flow_of(self, call: Call) -> Flow:
        """The flow that the call runs: of the version it began with, if that is known here, else of the one
        in force; if that has no such flow any more, the one to which the called number now leads."""
        config = self._floor.config
        flows = self._of_version(call.flows_number) or config.flows
        named = flows.get(call.flow) or config.flows.get(call.flow)
        return named or config.flows[config.route(call.did).flow]

    def unknown_numbers(self) -> set[int]:
        """The versions that live calls began with and that are not known here: after a restart."""
        return {number for number in self._numbers_of_calls() if self._of_version(number) is None}

    @property
    def kept_numbers(self) -> set[int]:
        """The versions that are known only because calls in progress began with them."""
        return set(self._kept)

    def keep(self, number: int, flows: Mapping[str, Flow]) -> None:
        """Know the flows of an older version, for the calls that began with it."""
        self._kept[number] = flows

    def begin(self) -> None:
        """State at a start what new callers take, if anything was published."""
        self._drop_withdrawn()
        if self._floor.config.flows_number:
            self._state()

    def change(self, message: FlowsChanged) -> None:
        """New callers take these flows from here; calls in progress keep theirs."""
        floor, before = self._floor, self._floor.config
        self._kept[before.flows_number] = before.flows
        if before.staged is not None:
            self._kept[before.staged.stage.number] = before.staged.flows
        floor.config = replace(
            before,
            flows=message.flows,
            flows_number=message.number,
            flows_action=message.action,
            staged=message.staged,
            numbers=message.numbers,
            any_number=message.any_number,
        )
        self._drop_withdrawn()
        needed = self._numbers_of_calls()
        self._kept = {number: flows for number, flows in self._kept.items() if number in needed}
        if message.number:
            self._state()

    def watch_over(self) -> None:
        """Take in the facts of this message, and withdraw the staged version when it has broken a guard."""
        floor, watch = self._floor, self.watch
        for event in floor.outcome.events:
            watch.apply(event)
        stage = watch.stage
        broken = watch.broken()
        if stage is None or broken is None:
            return
        withdrawn = e.FlowStageWithdrawn(floor.now, stage.number, stage.began, **asdict(broken))
        floor.record(withdrawn)
        watch.apply(withdrawn)
        self._drop_withdrawn()

    def _drop_withdrawn(self) -> None:
        """What a guard has withdrawn is not taken up again by a publishing log that has not heard of it."""
        config = self._floor.config
        if config.staged is not None and config.staged.stage.began == self.watch.withdrawn:
            self._kept[config.staged.stage.number] = config.staged.flows
            self._floor.config = replace(config, staged=None)

    def _state(self) -> None:
        config = self._floor.config
        self._floor.record(
            e.FlowsPublished(
                self._floor.now,
                config.flows_number,
                {name: flow.version for name, flow in config.flows.items()},
                config.flows_action,
                config.staged.stage.to_dict() if config.staged else None,
            )
        )

    def _of_version(self, number: int) -> Mapping[str, Flow] | None:
        config = self._floor.config
        if number == config.flows_number:
            return config.flows
        if config.staged is not None and number == config.staged.stage.number:
            return config.staged.flows
        return self._kept.get(number)

    def _numbers_of_calls(self) -> set[int]:
        return {call.flows_number for call in self._floor.calls.values() if call.live}
