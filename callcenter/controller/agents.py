"""What agents ask for: presence and call control, each checked before anything changes."""

from __future__ import annotations

from acd import events as r
from acd.model import Presence
from callcenter.controller.conversation import TALKING, ConversationDriver
from callcenter.controller.floor import Floor
from callcenter.controller.lost_phones import LostPhones
from callcenter.controller.queueing import QueueDriver
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.domain.switch import HangUp

CALL_CONTROL = (c.Hold, c.Retrieve, c.Transfer, c.HangUp, c.Decline)
_AFTER_ANSWER = (Presence.ON_CALL, Presence.WRAP_UP)


class AgentDesk:
    """Carries out AgentCommands, or refuses them with a reason and a cure."""

    def __init__(self, floor: Floor, queueing: QueueDriver, conversation: ConversationDriver) -> None:
        self._floor = floor
        self._queueing = queueing
        self._conversation = conversation
        self.reachable: set[str] = set()
        """The phones that can be rung."""
        self.lost_phones = LostPhones(floor, queueing, conversation, self.reachable)

    def ask(self, command: c.AgentCommand) -> c.Refused | None:
        """Do what is asked; None when it is done, else why nothing was."""
        if command.agent_id not in self._floor.config.acd.agents:
            return c.Refused(f"no agent {command.agent_id}", "use an agent of config/agents.yaml")
        if isinstance(command, CALL_CONTROL) and not self._floor.switch_up:
            return c.Refused(
                "the telephone switch cannot be reached", "the call goes on; try again in a moment"
            )
        match command:
            case c.LogIn():
                return self._log_in(command)
            case c.PhoneRestarted(agent_id, phone):
                self.lost_phones.phone_restarted(agent_id, phone)
                return None
            case c.Decline():
                return self._decline(command)
            case c.Hold() | c.Retrieve() | c.Transfer() | c.HangUp():
                return self._control(command)
            case _:
                return self._change_presence(command)

    def phone_reachable(self, phone: str, *, reachable: bool) -> None:
        """The switch found or lost a phone: whoever works at it can or cannot be rung."""
        (self.reachable.add if reachable else self.reachable.discard)(phone)
        for agent_id, taken in list(self._queueing.phones.items()):
            if taken == phone:
                self._tell_phone(agent_id, phone)

    def phones_are(self, reachable: frozenset[str]) -> None:
        """Take over the switch's whole list of reachable phones. Every agent's phone is told anew: what was
        missed meanwhile, and Offers that failed for want of the switch, are thereby put right."""
        self.reachable.clear()
        self.reachable |= reachable
        for agent_id, phone in sorted(self._queueing.phones.items()):
            self._tell_phone(agent_id, phone)

    def _tell_phone(self, agent_id: str, phone: str) -> None:
        self._queueing.tell(r.PhoneReachable(agent_id, phone in self.reachable))
        if phone in self.reachable:
            self.lost_phones.phone_there(agent_id)

    def transfer_asked_by_phone(self, call: Call, target: str) -> None:
        """A phone sent REFER: to an agent's phone, to a queue by its name, or to a number."""
        agent_at = {phone: agent_id for agent_id, phone in self._queueing.phones.items()}
        if call.phase not in TALKING:
            return
        if target in self._floor.config.queues:
            self._conversation.transfer(call, e.TransferKind.QUEUE, target)
        elif target in agent_at:
            self._conversation.transfer(call, e.TransferKind.AGENT, agent_at[target])
        else:
            self._conversation.transfer(call, e.TransferKind.NUMBER, target)

    def _log_in(self, command: c.LogIn) -> c.Refused | None:
        if taken := self._taken(command.agent_id, command.phone):
            return taken
        if self._presence(command.agent_id) is not Presence.LOGGED_OUT:
            if self._queueing.phones.get(command.agent_id) == command.phone:
                return None
            return c.Refused("already logged in at another phone", "change the phone instead")
        self._work_at(command.agent_id, command.phone)
        self._queueing.tell(r.AgentLoggedIn(command.agent_id))
        return None

    def _change_phone(self, command: c.ChangePhone) -> c.Refused | None:
        if taken := self._taken(command.agent_id, command.phone):
            return taken
        if self._presence(command.agent_id) in (Presence.OFFERED, Presence.ON_CALL):
            return c.Refused("the phone in use has a call", "change it between calls")
        if self._queueing.phones.get(command.agent_id) != command.phone:
            self._work_at(command.agent_id, command.phone)
        return None

    def _taken(self, agent_id: str, phone: str) -> c.Refused | None:
        for other_id, taken in self._queueing.phones.items():
            if taken == phone and other_id != agent_id:
                return c.Refused(
                    f"phone {phone} is taken by agent {other_id}",
                    "log that agent out, or choose another phone",
                )
        return None

    def _work_at(self, agent_id: str, phone: str) -> None:
        self._queueing.phones[agent_id] = phone
        self._floor.record(e.AgentPhoneChanged(self._floor.now, agent_id, phone))
        self._queueing.tell(r.PhoneReachable(agent_id, phone in self.reachable))

    def _change_presence(self, command: c.AgentCommand) -> c.Refused | None:
        agent_id = command.agent_id
        if self._presence(agent_id) is Presence.LOGGED_OUT:
            return c.Refused(f"agent {agent_id} is not logged in", "log in first")
        match command:
            case c.LogOut():
                self._queueing.tell(r.AgentLoggedOut(agent_id, command.by))
            case c.ChangePhone():
                return self._change_phone(command)
            case c.ExtendWrapUp():
                return self._extend_wrap_up(command)
            case c.GiveDisposition():
                return self._give_disposition(command)
            case c.Ready():
                if forced := self._forced(agent_id, command.by):
                    return forced
                if self._queueing.phones.get(agent_id) not in self.reachable:
                    return c.Refused(
                        "the phone cannot be rung", "see that the phone is on and registered, then try again"
                    )
                self._queueing.tell(r.AgentReady(agent_id, command.by))
            case c.Pause():
                if forced := self._forced(agent_id, command.by):
                    return forced
                self._queueing.tell(r.AgentPaused(agent_id, command.reason, command.by))
            case c.EndWrapUp():
                return self._end_wrap_up(agent_id)
        return None

    def _forced(self, agent_id: str, by: str) -> c.Refused | None:
        """A pause that a supervisor made is a supervisor's to end."""
        agent = self._queueing.router.agent(agent_id)
        if agent is None or not agent.forced_by or by:
            return None
        return c.Refused(
            f"paused by {agent.forced_by} ({agent.pause_reason})", "ask a supervisor to end the pause"
        )

    def _end_wrap_up(self, agent_id: str) -> c.Refused | None:
        agent = self._queueing.router.agent(agent_id)
        if agent is None or agent.presence is not Presence.WRAP_UP:
            return c.Refused("no wrap-up to end", "nothing is to be done")
        if agent.disposition_due:
            return c.Refused("the disposition of the call is missing", "choose one first")
        self._queueing.tell(r.WrapUpEnded(agent_id))
        return None

    def _extend_wrap_up(self, command: c.ExtendWrapUp) -> c.Refused | None:
        agent = self._queueing.router.agent(command.agent_id)
        if agent is None or agent.presence is not Presence.WRAP_UP:
            return c.Refused("no wrap-up to extend", "nothing is to be done")
        if agent.until_at is not None and agent.until_at == agent.wrap_up_max_at:
            return c.Refused("the wrap-up is as long as the queue allows", "pause if you need more time")
        self._queueing.tell(r.WrapUpExtended(command.agent_id, command.extra_sec))
        return None

    def _give_disposition(self, command: c.GiveDisposition) -> c.Refused | None:
        floor, agent = self._floor, self._queueing.router.agent(command.agent_id)
        if agent is None or agent.presence not in _AFTER_ANSWER or agent.call_id != command.call_id:
            return c.Refused(
                f"agent {command.agent_id} has no work with call {command.call_id}",
                "give the disposition during the call or its wrap-up",
            )
        call = floor.calls.get(command.call_id)
        if call is not None and call.phase is CallPhase.DIALLING:
            return c.Refused("the caller has not been reached yet", "hang up, or wait for the answer")
        known = floor.config.dispositions
        if known and command.code not in known:
            return c.Refused(f"no disposition {command.code}", f"one of: {', '.join(sorted(known))}")
        floor.record(e.DispositionGiven(floor.now, command.call_id, command.agent_id, command.code))
        self._queueing.tell(r.DispositionGiven(command.agent_id, command.call_id))
        return None

    def _decline(self, command: c.Decline) -> c.Refused | None:
        agent = self._queueing.router.agent(command.agent_id)
        call = self._floor.calls.get((agent.call_id if agent else None) or "")
        offer = call.offers.get(command.offer_id) if call else None
        if offer is not None:
            self._queueing.tell(r.OfferFailed(command.offer_id, r.OfferFailure.DECLINED))
            self._floor.order(HangUp(offer.leg_id))
            return None
        return c.Refused("that offer is over", "nothing is to be done")

    def _control(self, command: c.Hold | c.Retrieve | c.Transfer | c.HangUp) -> c.Refused | None:
        call = self._floor.calls.get(command.call_id)
        talk = call.conversation if call else None
        if call is not None and isinstance(command, c.HangUp) and self._calls_off(call, command.agent_id):
            return None
        if call is None or talk is None or talk.agent_id != command.agent_id:
            return c.Refused(
                f"agent {command.agent_id} is not on call {command.call_id}", "choose the call in hand"
            )
        if talk.kept_until_at is not None and not isinstance(command, c.Transfer):
            return self._without_phone(call, command)
        match command:
            case c.Hold():
                if call.phase is CallPhase.TALKING:
                    self._conversation.hold(call)
            case c.Retrieve():
                if call.phase is CallPhase.HELD:
                    self._conversation.retrieve(call)
            case c.Transfer():
                return self._transfer(call, command)
            case c.HangUp():
                self._floor.order(HangUp(talk.leg_id))  # as at the phone: the flow may have more to say
        return None

    def _without_phone(self, call: Call, command: c.Hold | c.Retrieve | c.HangUp) -> c.Refused | None:
        """The caller hears music, and the agent's phone is lost."""
        if isinstance(command, c.Retrieve):
            return c.Refused("your phone is not there", "the call comes back with it; or transfer it")
        if isinstance(command, c.HangUp) and call.conversation is not None:
            self._floor.order(*(HangUp(leg_id) for leg_id in call.conversation.leg_ids))
            self._conversation.agent_leg_ended(call)
        return None

    def _calls_off(self, call: Call, agent_id: str) -> bool:
        """The agent does not want to wait for the answer of a caller who is called back."""
        dialled = call.back.dialled if call.back else None
        if dialled is None or dialled.agent_id != agent_id:
            return False
        self._floor.order(HangUp(dialled.agent_leg_id))
        return True

    def _transfer(self, call: Call, command: c.Transfer) -> c.Refused | None:
        config = self._floor.config
        known = {
            e.TransferKind.QUEUE: config.queues,
            e.TransferKind.AGENT: self._queueing.phones,
        }.get(command.kind)
        if known is not None and command.target not in known:
            return c.Refused(
                f"no such {command.kind.value} to transfer to: {command.target}",
                "choose one of: " + ", ".join(sorted(known)),
            )
        if command.kind is e.TransferKind.NUMBER and not c.DIALLABLE.fullmatch(command.target):
            return c.Refused(
                "that number cannot be dialled", "use digits, * and #, with + in front if need be"
            )
        self._conversation.transfer(call, command.kind, command.target)
        return None

    def _presence(self, agent_id: str) -> Presence:
        agent = self._queueing.router.agent(agent_id)
        return agent.presence if agent else Presence.LOGGED_OUT
