"""What supervisors ask for about waiting calls and queues, each checked before anything changes."""

from __future__ import annotations

from callcenter.controller.floor import Floor
from callcenter.controller.queueing import QueueDriver
from callcenter.domain import commands as c
from callcenter.domain.call import Call, CallPhase


class Supervision:
    """Carries out SupervisorCommands, or refuses them with a reason and a cure."""

    def __init__(self, floor: Floor, queueing: QueueDriver) -> None:
        self._floor = floor
        self._queueing = queueing

    def ask(self, command: c.SupervisorCommand) -> c.Refused | None:
        """Do what is asked; None when it is done, else why nothing was."""
        match command:
            case c.ChangeWaiting():
                return self._change(command)
            case c.MoveWaiting():
                return self._move(command)
            case c.CloseQueue(queue):
                return self._set_open(queue, is_open=False)
            case c.OpenQueue(queue):
                return self._set_open(queue, is_open=True)

    def _change(self, command: c.ChangeWaiting) -> c.Refused | None:
        call = self._waiting(command.call_id)
        if isinstance(call, c.Refused):
            return call
        priority = call.priority if command.priority is None else command.priority
        skills = dict(call.skills) if command.skills is None else dict(command.skills)
        held = {skill for agent in self._floor.config.acd.agents.values() for skill in agent.skills}
        if unknown := sorted(skills.keys() - held):
            return c.Refused(
                f"no agent has the skill {unknown[0]}", f"skills of agents: {', '.join(sorted(held))}"
            )
        self._queueing.change(call, priority, skills)
        return None

    def _move(self, command: c.MoveWaiting) -> c.Refused | None:
        call = self._waiting(command.call_id)
        if isinstance(call, c.Refused):
            return call
        if refused := self._unknown(command.queue):
            return refused
        if command.queue != call.queue:
            self._queueing.move(call, command.queue)
        return None

    def _set_open(self, queue: str, *, is_open: bool) -> c.Refused | None:
        refused = self._unknown(queue)
        if refused is None:
            self._queueing.open_or_close(queue, is_open=is_open)
        return refused

    def _unknown(self, queue: str) -> c.Refused | None:
        known = queue in self._floor.config.queues
        return None if known else c.Refused(f"no queue {queue}", "use a queue of config/queues.yaml")

    def _waiting(self, call_id: str) -> Call | c.Refused:
        call = self._floor.calls.get(call_id)
        if call is None or call.phase is not CallPhase.QUEUED:
            return c.Refused(f"call {call_id} does not wait", "choose a call that waits now")
        return call
