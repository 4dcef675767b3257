"""A made-up day of a hotline: agents and callers who do what people do, told to a MemoryCentre in real time.

Dice and clock are allowed here: this is a stage play for looking at the page, not part of the centre.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

from acd.model import Presence
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import Call, CallPhase
from callcenter.preview import consult
from callcenter.preview.supervisors import MadeUpSupervisors
from callcenter.web.memory import MemoryCentre
from callcenter.web.ports import AgentView, QueueView

QUEUES = (
    QueueView("general", "综合受理"),
    QueueView("complaint", "投诉举报", live_transcript=True),
    QueueView("policy", "政策咨询"),
    QueueView("korean", "韩语专线 한국어", live_transcript=True),
)
PAUSE_REASONS = ("break", "meal", "training", "meeting", "follow_up")
DISPOSITIONS = {
    "solved": "已解决 solved",
    "ticket": "转工单办理 ticket",
    "call_back": "需回电 to be called back",
}

_ALL = ("general", "complaint", "policy")
_PEOPLE: tuple[tuple[str, tuple[str, ...], dict[str, int]], ...] = (
    ("陈晓雯", _ALL, {"zh": 9, "complaint": 7}),
    ("王建国", ("general", "policy"), {"zh": 8, "policy": 8}),
    ("李㙍安", _ALL, {"zh": 9, "complaint": 9}),
    ("赵䶮", ("general", "complaint"), {"zh": 7, "complaint": 5}),
    ("김서연", ("korean", "general"), {"ko": 10, "zh": 6}),
    ("周雨桐", ("general", "policy"), {"zh": 8, "policy": 6}),
    ("吴志强", ("complaint",), {"zh": 8, "complaint": 8}),
    ("Emma Lindqvist", ("policy",), {"en": 10, "policy": 5}),
    ("孙丽萍", _ALL, {"zh": 9, "policy": 9}),
    ("박지훈", ("korean",), {"ko": 9}),
    ("马春燕", ("general",), {"zh": 6}),
    ("何思远", ("general", "policy"), {"zh": 7, "policy": 4}),
)
_NAMES = ("张伟", "刘洋", "杨静", "黄敏", "徐磊", "朱琳", "이민호", "", "", "")


def cast(now: int) -> list[AgentView]:
    """The agents before the day begins."""
    return [
        AgentView(
            agent_id=str(1001 + index),
            name=name,
            phone=None,
            presence=Presence.LOGGED_OUT,
            reason="",
            since_at=now,
            until_at=None,
            call_id=None,
            skills=skills,
            queues=queues,
        )
        for index, (name, queues, skills) in enumerate(_PEOPLE)
    ]


@dataclass(slots=True)
class _Caller:
    call_id: str
    queue: str
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class _AtWork:
    """What an agent is at; ``done`` cuts the present phase short, ``extra_sec`` lengthens the wrap-up."""

    done: asyncio.Event = field(default_factory=asyncio.Event)
    extra_sec: int = 0
    declined: bool = False
    next_reason: str | None = None
    transfer: c.Transfer | None = None


class MadeUpDay:
    """Plays until cancelled. ``pace`` 2 makes people twice as quick; ``seconds_per_call`` sets the rush."""

    def __init__(
        self,
        centre: MemoryCentre,
        clock: Callable[[], int],
        *,
        seed: int = 12345,
        pace: float = 1.0,
        seconds_per_call: float = 5.0,
    ) -> None:
        self._centre = centre
        self._clock = clock
        self._dice = random.Random(seed)  # noqa: S311 - a stage play
        self._pace = pace
        self._seconds_per_call = seconds_per_call
        self._waiting: list[_Caller] = []
        self._at_work: dict[str, _AtWork] = {}
        self._arrivals = 0
        self._scenes = asyncio.TaskGroup()
        centre.commands = self.command
        centre.supervisor_commands = MadeUpSupervisors(centre, clock).command

    async def play(self) -> None:
        """The day; cancel it to end it."""
        self._emit(e.CentreStarted(self._clock(), "preview"))
        async with self._scenes:
            for agent_id in list(self._centre.agents):
                self._scene(self._shift(agent_id))
            while True:
                self._scene(self._call())
                await self._pass(self._dice.expovariate(1 / self._seconds_per_call))

    def _scene(self, scene: Coroutine[None, None, None]) -> None:
        self._scenes.create_task(scene)

    async def _pass(self, seconds: float, until: asyncio.Event | None = None) -> bool:
        """Let time pass; True when ``until`` came first."""
        seconds /= self._pace
        if until is None:
            await asyncio.sleep(seconds)
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await until.wait()
        return until.is_set()

    def _emit(self, *events: e.DomainEvent) -> None:
        for event in events:
            self._centre.emit(event)

    # --- agents --------------------------------------------------------------------------------------------

    async def _shift(self, agent_id: str) -> None:
        await self._pass(self._dice.uniform(0, 4))
        self._emit(e.AgentPhoneChanged(self._clock(), agent_id, f"desk-{agent_id}"))
        self._presence(agent_id, Presence.NOT_READY, "logged_in")
        await self._pass(self._dice.uniform(1, 8))
        while True:
            agent = self._centre.agents[agent_id]
            if agent.presence is Presence.NOT_READY and agent.reason in {"logged_in", "unanswered"}:
                self._rest(agent_id, None)
            elif agent.presence is Presence.READY and self._dice.random() < 0.1:
                self._rest(agent_id, self._dice.choice(PAUSE_REASONS))
                await self._pass(self._dice.uniform(10, 40))
                if self._centre.agents[agent_id].presence is Presence.NOT_READY:
                    self._rest(agent_id, None)
            await self._pass(self._dice.uniform(5, 25))

    def _presence(
        self,
        agent_id: str,
        presence: Presence,
        reason: str = "",
        call_id: str | None = None,
        until_sec: float = 0,
    ) -> None:
        now = self._clock()
        until_at = now + int(until_sec * 1000 / self._pace) if until_sec else None
        self._emit(e.PresenceChanged(now, agent_id, presence.value, reason, call_id, until_at))

    def _rest(self, agent_id: str, reason: str | None) -> None:
        self._presence(agent_id, Presence.READY if reason is None else Presence.NOT_READY, reason or "")
        self._match()

    # --- callers -------------------------------------------------------------------------------------------

    async def _call(self) -> None:
        self._arrivals += 1
        weights = (10, 5, 5, 3)
        queue = self._dice.choices([queue.name for queue in QUEUES], weights)[0]
        caller = _Caller(f"c-{self._arrivals:05d}", queue)
        number = f"1{self._dice.choice('35789')}{self._dice.randrange(10**9):09d}"
        self._emit(
            e.CallArrived(
                at=self._clock(),
                call_id=caller.call_id,
                leg_id=f"{caller.call_id}.caller",
                trunk=self._dice.choice(["trunk-a", "trunk-b"]),
                did="96181" if queue == "korean" else "12345",
                caller=number,
                shown_number=number,
                caller_name=self._dice.choice(_NAMES),
                wideband=queue == "korean",
                language="ko" if queue == "korean" else "zh",
                flow="citizen_hotline",
            )
        )
        for node in ("welcome", "main_menu"):
            self._emit(e.NodeEntered(self._clock(), caller.call_id, "citizen_hotline", "1", node))
            await self._pass(self._dice.uniform(1, 4))
        self._emit(e.KeyPressed(self._clock(), caller.call_id, self._dice.choice("1230")))
        if self._dice.random() < 0.08:
            self._emit(e.CallEnded(self._clock(), caller.call_id, e.EndedBy.CALLER, "hung up in the flow"))
            return
        await self._wait(caller, caller.queue)

    async def _wait(self, caller: _Caller, queue: str, agent_id: str | None = None) -> None:
        now = self._clock()
        vip = 5 if self._dice.random() < 0.1 else 0
        self._emit(e.CallQueued(now, caller.call_id, queue, now, vip, {}, agent_id))
        caller.queue = queue
        caller.answered.clear()
        self._waiting.append(caller)
        self._match()
        if not await self._pass(self._dice.uniform(15, 70), caller.answered):
            self._waiting = [other for other in self._waiting if other is not caller]
            caller.gone.set()
            outcome = e.QueueOutcome.ABANDONED
            wait_ms = self._clock() - now
            self._emit(e.QueueLeft(self._clock(), caller.call_id, queue, outcome, wait_ms))
            self._emit(e.CallEnded(self._clock(), caller.call_id, e.EndedBy.CALLER, "gave up"))

    def _match(self) -> None:
        for caller in list(self._waiting):
            if self._centre.calls[caller.call_id].offers:
                continue
            ready = [
                agent
                for agent in self._centre.agents.values()
                if agent.presence is Presence.READY and caller.queue in agent.queues
            ]
            if ready:
                agent_id = min(ready, key=lambda agent: agent.since_at).agent_id
                self._presence(agent_id, Presence.OFFERED, "", caller.call_id)
                offer_id = f"o-{caller.call_id}-{self._centre.calls[caller.call_id].offers_made + 1}"
                leg_id = f"{caller.call_id}.{agent_id}"
                self._emit(
                    e.OfferMade(self._clock(), caller.call_id, offer_id, caller.queue, agent_id, leg_id, {})
                )
                self._at_work[agent_id] = _AtWork()
                self._scene(self._ring(caller, agent_id, offer_id))

    async def _ring(self, caller: _Caller, agent_id: str, offer_id: str) -> None:
        work = self._at_work[agent_id]
        seconds = self._dice.uniform(1.5, 7)
        gone = asyncio.create_task(caller.gone.wait())
        done = asyncio.create_task(work.done.wait())
        try:
            await asyncio.wait(
                {gone, done}, timeout=seconds / self._pace, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            done.cancel()
        end = "revoked" if caller.gone.is_set() else "declined" if work.declined else "accepted"
        if end == "accepted" and self._dice.random() < 0.07:
            end = "expired"
        self._emit(e.OfferEnded(self._clock(), caller.call_id, offer_id, caller.queue, agent_id, end))
        if end == "accepted":
            await self._talk(caller, agent_id)
        else:
            self._rest(agent_id, None if end == "revoked" else "unanswered")
            self._match()

    async def _talk(self, caller: _Caller, agent_id: str) -> None:
        work = self._at_work[agent_id]
        self._waiting.remove(caller)
        caller.answered.set()
        call, queue, now = self._centre.calls[caller.call_id], caller.queue, self._clock()
        waited = now - (call.queued_at or now)
        self._emit(e.QueueLeft(now, caller.call_id, queue, e.QueueOutcome.ANSWERED, waited))
        self._emit(e.AgentConnected(now, caller.call_id, agent_id, f"{caller.call_id}.{agent_id}", queue))
        self._presence(agent_id, Presence.ON_CALL, "", caller.call_id)
        await self._pass(self._dice.uniform(8, 30), work.done)
        if self._dice.random() < 0.3 and not work.done.is_set():
            self._emit(e.CallHeld(self._clock(), caller.call_id, agent_id))
            await self._pass(self._dice.uniform(4, 12), work.done)
            if call.phase is CallPhase.HELD and not work.done.is_set():
                self._emit(e.CallRetrieved(self._clock(), caller.call_id, agent_id))
        await self._pass(self._dice.uniform(8, 40), work.done)
        await self._part(caller, agent_id, queue)

    async def _part(self, caller: _Caller, agent_id: str, queue: str) -> None:
        work, now = self._at_work[agent_id], self._clock()
        conversation = self._centre.calls[caller.call_id].conversation
        if conversation is None:
            return
        if self._centre.calls[caller.call_id].consult is not None:
            self._emit(e.ConsultEnded(now, caller.call_id, agent_id, e.ConsultEnd.LEFT))
        held_ms = conversation.hold_ms + (now - conversation.held_at if conversation.held_at else 0)
        talk_ms = now - conversation.connected_at - held_ms
        if work.transfer:
            self._emit(
                e.CallTransferred(now, caller.call_id, agent_id, work.transfer.kind, work.transfer.target)
            )
        self._emit(e.AgentReleased(now, caller.call_id, agent_id, queue, talk_ms, held_ms))
        if work.transfer:
            self._scene(self._wait(caller, work.transfer.target))
        else:
            by = e.EndedBy.AGENT if work.done.is_set() else e.EndedBy.CALLER
            self._emit(e.CallEnded(now, caller.call_id, by, "normal"))
        seconds = self._dice.uniform(6, 18)
        work.done.clear()
        self._presence(agent_id, Presence.WRAP_UP, "", caller.call_id, seconds)
        while not await self._pass(seconds, work.done) and work.extra_sec:
            seconds, work.extra_sec = work.extra_sec, 0
        self._emit(e.WrapUpEnded(self._clock(), caller.call_id, agent_id, queue, self._clock() - now))
        self._rest(agent_id, work.next_reason)

    # --- what the page's buttons ask -----------------------------------------------------------------------

    async def command(self, command: c.AgentCommand) -> c.CommandResult:  # noqa: PLR0912  (one branch each)
        """Carry it out as the real centre would, as far as a stage play can."""
        agent = self._centre.agents[command.agent_id]
        work = self._at_work.setdefault(agent.agent_id, _AtWork())
        talked = agent.presence in {Presence.ON_CALL, Presence.WRAP_UP}
        busy = talked or agent.presence is Presence.OFFERED
        match command:
            case c.LogIn(phone=phone) if agent.presence is Presence.LOGGED_OUT:
                self._emit(e.AgentPhoneChanged(self._clock(), agent.agent_id, phone))
                self._presence(agent.agent_id, Presence.NOT_READY, "logged_in")
            case c.LogOut() if not busy:
                self._presence(agent.agent_id, Presence.LOGGED_OUT)
            case c.Ready() | c.Pause() if busy:
                work.next_reason = command.reason if isinstance(command, c.Pause) else None
            case c.Ready() if agent.presence is Presence.NOT_READY:
                self._rest(agent.agent_id, None)
            case c.Pause(reason=reason) if agent.presence is not Presence.LOGGED_OUT:
                self._rest(agent.agent_id, reason)
            case c.EndWrapUp() if agent.presence is Presence.WRAP_UP:
                work.done.set()
            case c.ExtendWrapUp(extra_sec=extra_sec) if agent.presence is Presence.WRAP_UP:
                work.extra_sec += extra_sec
                left_sec = ((agent.until_at or self._clock()) - self._clock()) / 1000 * self._pace
                self._presence(agent.agent_id, agent.presence, "", agent.call_id, left_sec + extra_sec)
            case c.Decline() if agent.presence is Presence.OFFERED:
                work.declined = True
                work.done.set()
            case c.GiveDisposition(call_id=call_id) if talked and agent.call_id == call_id:
                self._emit(e.DispositionGiven(self._clock(), call_id, agent.agent_id, command.code))
            case c.ReadNote(note_id=note_id):
                self._emit(e.NoteRead(self._clock(), agent.agent_id, note_id))
            case c.Hold() | c.Retrieve() | c.HangUp() | c.Transfer() if agent.call_id == command.call_id:
                return self._in_call(command, work)
            case c.Consult() | c.Swap() | c.Confer() | c.EndConsult() | c.CompleteTransfer() | c.PressKeys():
                return self._consult(command, work)
            case _:
                return c.Refused(f"The agent is {agent.presence}.", "Do what allowed_actions names.")
        return c.Accepted()

    def _consult(self, command: c.Consult | c.ConsultControl | c.PressKeys, work: _AtWork) -> c.CommandResult:
        call, now = self._centre.calls.get(command.call_id), self._clock()
        if call is None or call.conversation is None or call.conversation.agent_id != command.agent_id:
            return c.Refused("The agent is not on that call.", "Look at the call's phase.")
        match command:
            case c.Consult() if call.consult is None:
                self._emit(*consult.asked(call, command, now))
                self._scene(self._answer(call))
            case c.CompleteTransfer():
                work.done.set()
            case c.Swap() | c.Confer() | c.EndConsult():
                self._emit(*consult.controlled(call, command, now))
            case _:
                pass
        return c.Accepted()

    async def _answer(self, call: Call) -> None:
        await self._pass(3)
        self._emit(*consult.answered(call, self._clock()))

    def _in_call(
        self, command: c.Hold | c.Retrieve | c.HangUp | c.Transfer, work: _AtWork
    ) -> c.CommandResult:
        call = self._centre.calls.get(command.call_id)
        match command, call.phase if call else None:
            case c.Hold(), CallPhase.TALKING:
                self._emit(e.CallHeld(self._clock(), command.call_id, command.agent_id))
            case c.Retrieve(), CallPhase.HELD:
                self._emit(e.CallRetrieved(self._clock(), command.call_id, command.agent_id))
            case c.HangUp(), CallPhase.TALKING | CallPhase.HELD:
                work.done.set()
            case c.Transfer(kind=e.TransferKind.QUEUE), CallPhase.TALKING | CallPhase.HELD:
                work.transfer = command
                work.done.set()
            case _:
                return c.Refused("The call is not in a state for that.", "Look at the call's phase.")
        return c.Accepted()
