"""What supervisors ask for about calls, queues and agents, each checked before anything changes."""

from __future__ import annotations

from typing import Final

from callcenter.controller.agents import AgentDesk
from callcenter.controller.conversation import ConversationDriver
from callcenter.controller.floor import Floor
from callcenter.controller.live_supervision import LiveSupervision
from callcenter.controller.queueing import QueueDriver
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase

ENDED_BY_SUPERVISOR: Final = (e.EndedBy.SUPERVISOR, "supervisor")


class Supervision:
    """Carries out SupervisorCommands, or refuses them with a reason and a cure."""

    def __init__(
        self, floor: Floor, queueing: QueueDriver, conversation: ConversationDriver, agents: AgentDesk
    ) -> None:
        self._floor = floor
        self._queueing = queueing
        self._agents = agents
        self.live = LiveSupervision(floor, queueing, conversation, agents)

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
            case c.PickWaiting():
                return self._pick(command)
            case c.HangUpCall():
                return self._hang_up(command)
            case c.Supervise():
                return self.live.supervise(command)
            case c.StopSupervising():
                return self.live.stop(command)
            case c.SendNote():
                return self._send_note(command)

    def follow(self) -> None:
        """At the end of each message: what is supervised goes on in step with the calls."""
        self._let_others_have()
        self.live.follow()

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

    def _pick(self, command: c.PickWaiting) -> c.Refused | None:
        """The Router is told that only this agent may have the call, which keeps its place."""
        call, floor, agent_id = self._waiting(command.call_id), self._floor, command.agent_id
        if isinstance(call, c.Refused):
            return call
        availability = self._queueing.router.availability(agent_id)
        if availability is None:
            return c.Refused(f"no agent {agent_id}", "use an agent of config/agents.yaml")
        if availability.rule is not None:
            return c.Refused(f"agent {agent_id} takes no call now", "choose an agent who is ready")
        floor.record(e.CallPicked(floor.now, call.call_id, agent_id, command.by))
        self._queueing.give_only_to(call, agent_id)
        return None

    def _let_others_have(self) -> None:
        """A picked call whose agent did not answer is theirs again who might have had it before."""
        for event in tuple(self._floor.outcome.events):
            if isinstance(event, e.OfferEnded) and (call := self._floor.calls.get(event.call_id)):
                picked = any(
                    isinstance(one, e.CallPicked) and one.agent_id == event.agent_id for one in call.history
                )
                if picked and call.phase is CallPhase.QUEUED and call.waits_by is not None:
                    self._queueing.give_only_to(call, call.waits_by.agent_id)

    def _hang_up(self, command: c.HangUpCall) -> c.Refused | None:
        floor, call = self._floor, self._floor.calls.get(command.call_id)
        if call is None or not call.live or not call.leg_id or call.phase is CallPhase.DIALLING:
            return c.Refused(f"no caller is on the line in call {command.call_id}", "choose another call")
        if not floor.switch_up:
            return c.Refused("the telephone switch cannot be reached", "try again in a moment")
        floor.record(e.HangUpAsked(floor.now, call.call_id, command.by))
        floor.hang_up(call, *ENDED_BY_SUPERVISOR)
        return None

    def _send_note(self, command: c.SendNote) -> c.Refused | None:
        """Notes to one agent are told apart by when they came and how many were unread then."""
        agent_id, floor = command.agent_id, self._floor
        agent = self._queueing.router.agent(agent_id)
        if agent is None or not agent.logged_in:
            return c.Refused(f"agent {agent_id} is not at work", "write to them when they are")
        note_id = f"n{floor.now}.{len(self._agents.notes.unread(agent_id))}"
        self._agents.note(e.NoteSent(floor.now, agent_id, note_id, command.by, command.text))
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
