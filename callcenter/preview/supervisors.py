"""What supervisors do in the made-up day, as far as a stage play can show it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.overhearing import SupervisionMode
from callcenter.web.memory import MemoryCentre

RINGS_SEC = 2.0
_NO_SUCH_SCENE = c.Refused("The play has no such scene.", "Ask it of a real centre.")


class MadeUpSupervisors:
    """Carries out SupervisorCommands on a stage; the phones of supervisors are picked up by themselves."""

    def __init__(self, centre: MemoryCentre, clock: Callable[[], int]) -> None:
        self._centre = centre
        self._clock = clock
        self._notes = 0
        self._ringing: set[asyncio.Task[None]] = set()

    async def command(self, command: c.SupervisorCommand) -> c.CommandResult:
        """Do it, or refuse what the play lacks."""
        now = self._clock()
        match command:
            case c.ChangeWaiting(call_id=call_id):
                return self._change(command, self._centre.calls.get(call_id))
            case c.OpenQueue(queue) | c.CloseQueue(queue):
                self._centre.emit(e.QueueStateChanged(now, queue, isinstance(command, c.OpenQueue)))
            case c.SendNote():
                self._notes += 1
                note_id = f"n{self._notes}"
                self._centre.emit(e.NoteSent(now, command.agent_id, note_id, command.by, command.text))
            case c.Supervise(call_id=call_id):
                return self._supervise(command, self._centre.calls.get(call_id))
            case c.StopSupervising(call_id=call_id):
                call = self._centre.calls.get(call_id)
                if call is not None and call.supervision is not None:
                    leg_id = call.supervision.leg_id
                    self._centre.emit(e.SupervisionEnded(now, call_id, leg_id, "stopped", command.by))
            case _:
                return _NO_SUCH_SCENE
        return c.Accepted()

    def _change(self, command: c.ChangeWaiting, call: Call | None) -> c.CommandResult:
        if call is None or call.phase is not CallPhase.QUEUED:
            return c.Refused("The call does not wait.", "Choose a call that waits now.")
        priority = call.priority if command.priority is None else command.priority
        skills = call.skills if command.skills is None else command.skills
        self._centre.emit(e.CallChanged(self._clock(), command.call_id, priority, dict(skills)))
        return c.Accepted()

    def _supervise(self, command: c.Supervise, call: Call | None) -> c.CommandResult:
        if command.mode is SupervisionMode.TAKE_OVER:
            return _NO_SUCH_SCENE
        if call is None or call.conversation is None:
            return c.Refused("The call has no agent.", "Choose a call that talks now.")
        now, leg_id = self._clock(), f"m-{command.call_id}"
        if call.supervision is not None:
            self._centre.emit(e.SupervisionChanged(now, call.call_id, command.mode, command.by))
            return c.Accepted()
        phone = command.phone or "desk"
        self._centre.emit(e.SupervisionBegan(now, call.call_id, leg_id, command.by, phone, command.mode))
        answer = asyncio.create_task(self._answer(call.call_id, leg_id))
        self._ringing.add(answer)
        answer.add_done_callback(self._ringing.discard)
        return c.Accepted()

    async def _answer(self, call_id: str, leg_id: str) -> None:
        await asyncio.sleep(RINGS_SEC)
        if call_id in self._centre.calls:
            self._centre.emit(e.SupervisionAnswered(self._clock(), call_id, leg_id))
