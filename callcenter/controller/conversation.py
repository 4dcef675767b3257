"""Calls with an agent: connected, held, transferred, released."""

from __future__ import annotations

from callcenter.controller.after_work import AfterWorkDriver
from callcenter.controller.floor import Floor
from callcenter.controller.flows import FlowDriver, ask_ticket
from callcenter.controller.steps import (
    AgentFree,
    OfferAnswered,
    ToFlow,
    ToOutside,
    ToQueue,
)
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.conversation import Conversation
from callcenter.domain.switch import (
    Connect,
    HangUp,
    Separate,
    StartMusic,
)
from ivr_flows.effects import QueueOutcome as FlowOutcome

TALKING = (CallPhase.TALKING, CallPhase.HELD)


class ConversationDriver:
    """What happens between the agent's answer and the end of the agent's part."""

    def __init__(self, floor: Floor, flows: FlowDriver, after_work: AfterWorkDriver) -> None:
        self._floor = floor
        self._flows = flows
        self._after_work = after_work

    def connect(self, call: Call, step: OfferAnswered) -> None:
        """Bring caller and agent together; from here the call is answered, recorded and owed a ticket."""
        floor = self._floor
        floor.record(e.AgentConnected(floor.now, call.call_id, step.agent_id, step.leg_id, step.queue))
        self.owe(call)
        floor.order(Connect(call.bridge_id, (call.leg_id, step.leg_id)))

    def owe(self, call: Call) -> None:
        """See to it that a call with an agent is recorded, if its queue's are, and has a ticket, whatever it
        has already."""
        talk = call.conversation
        if talk is not None:
            self._after_work.record_talk(call, talk)
            ask_ticket(self._floor, call, self._floor.config.queue(talk.queue).category, "")

    def hold(self, call: Call) -> None:
        """The caller hears music; the agent's phone stays in the empty bridge."""
        self._floor.order(Separate(call.bridge_id, call.leg_id), StartMusic(call.leg_id))
        self.note_hold(call, held=True)

    def retrieve(self, call: Call) -> None:
        """The agent takes the caller back."""
        self._floor.order(Connect(call.bridge_id, (call.leg_id,)))
        self.note_hold(call, held=False)

    def note_hold(self, call: Call, *, held: bool) -> None:
        """Record a hold that is already so (the phone itself may have done it)."""
        talk = call.conversation
        if talk is None or held == (call.phase is CallPhase.HELD):
            return
        kind = e.CallHeld if held else e.CallRetrieved
        self._floor.record(kind(self._floor.now, call.call_id, talk.agent_id))

    def transfer(self, call: Call, kind: e.TransferKind, target: str) -> None:
        """Blind transfer: the agent leaves at once, the caller hears music until the target answers."""
        floor, talk = self._floor, call.conversation
        if talk is None:
            return
        floor.record(e.CallTransferred(floor.now, call.call_id, talk.agent_id, kind, target))
        joined = call.phase is CallPhase.TALKING
        self.leave(call, talk)
        floor.part(call, joined=joined)
        floor.order(StartMusic(call.leg_id))
        match kind:
            case e.TransferKind.QUEUE:
                floor.then(ToQueue(call.call_id, target, floor.now))
            case e.TransferKind.AGENT:
                floor.then(ToQueue(call.call_id, talk.queue, floor.now, agent_id=target))
            case e.TransferKind.NUMBER:
                floor.then(ToOutside(call.call_id, target))

    def agent_leg_ended(self, call: Call) -> None:
        """The agent hung up (or the phone was lost): the caller goes back to the flow, which may end."""
        floor, talk = self._floor, call.conversation
        if talk is None:
            return
        plays_on = call.phase is CallPhase.TALKING and not self._flows.ends_with_agent(call)
        self._release(call, talk)
        self._after_work.pause_recording(call)
        floor.part(call, joined=plays_on)
        floor.ending.setdefault(call.call_id, (e.EndedBy.AGENT, "agent_hung_up"))
        floor.then(ToFlow(call.call_id, FlowOutcome.AGENT_DONE))

    def caller_gone(self, call: Call) -> None:
        """The caller's leg is gone: the agent who was on the call, if one was, is let go."""
        talk = call.conversation
        if talk is not None:
            self.leave(call, talk)
            self._floor.part(call, joined=False)

    def leave(self, call: Call, talk: Conversation) -> None:
        """The agent's part is over, and their phone is to hang up."""
        self._floor.order(*(HangUp(leg_id) for leg_id in talk.leg_ids))
        self._release(call, talk)

    def _release(self, call: Call, talk: Conversation) -> None:
        floor = self._floor
        hold_ms = talk.hold_ms + (floor.now - talk.held_at if talk.held_at is not None else 0)
        talk_ms = floor.now - talk.connected_at - hold_ms
        floor.record(e.AgentReleased(floor.now, call.call_id, talk.agent_id, talk.queue, talk_ms, hold_ms))
        floor.then(AgentFree(call.call_id, talk.agent_id))
