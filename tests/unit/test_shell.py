"""The shell: one mailbox, a fixed order, one timer, and calls that go on whatever fails beside them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from callcenter import assembly
from callcenter.adapters.memory import MemoryJournal
from callcenter.controller import memory
from callcenter.controller.admission import AdmissionGate, AdmissionLimit
from callcenter.controller.messages import (
    Message,
    Started,
)
from callcenter.controller.shell import Controller
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.events import DomainEvent
from callcenter.domain.switch import (
    CallerArrived,
    LegEndCause,
    LegEnded,
    LegFact,
    Play,
    PlaybackEnded,
    SwitchCommand,
    SwitchConnected,
    SwitchLost,
)
from callcenter.places import Places
from callcenter.settings import load_settings

SETTINGS = load_settings(
    Path(__file__).parents[2] / "config",
    environment={
        "CALLCENTER__CALENDARS__HOTLINE__WEEKLY": "{mon-fri: ['00:00-24:00'], sat-sun: ['00:00-24:00']}"
    },
)
CONFIG = assembly.centre_config(
    SETTINGS,
    assembly.written_flows(SETTINGS),
    lambda prompt: f"sound:/{prompt.text}",
    Places(Path("/nowhere")),
)


class Shell:
    """A Controller with a hand-moved clock, and a diary of what it did in which order."""

    def __init__(self, limit: AdmissionLimit) -> None:
        self.now = 1_763_697_600_000
        self.journal = MemoryJournal()
        self.diary: list[Any] = []
        centre = memory.remembered(CONFIG, self.journal.recall())
        append = self.journal.append

        def journaled(events: Any) -> int:
            self.diary += [type(event) for event in events]
            return append(events)

        self.journal.append = journaled  # type: ignore[method-assign]
        self.controller = Controller(
            centre, AdmissionGate(limit), self.journal, lambda: self.now, self.diary.append
        )
        self.controller.attach(self)
        self.commands: list[SwitchCommand] = []
        self.controller.post(Started())
        self.controller.post(SwitchConnected(self.now, (), (), frozenset({"2001"})))
        self.diary.clear()

    def send(self, command: SwitchCommand) -> None:
        self.diary.append(command)
        self.commands.append(command)

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    def arrival(self, number: int) -> CallerArrived:
        return CallerArrived(self.now, f"leg-{number}", "city", "12345", "02112345678")

    def events(self, kind: type[DomainEvent]) -> list[Any]:
        return [event for _, event in self.journal.recall().events if isinstance(event, kind)]


@pytest.fixture
async def shell() -> Any:
    """A shell that lets in one caller at a time, one each second."""
    made = Shell(AdmissionLimit(1, 1))
    yield made
    made.controller.close()


async def test_facts_are_journaled_before_anything_is_asked(shell: Shell) -> None:
    """Also what a command brings about at once follows after the message in hand."""

    def answers_at_once(command: SwitchCommand) -> None:
        Shell.send(shell, command)
        if isinstance(command, Play):
            message: Message = PlaybackEnded(shell.now, command.leg_id, command.playback_id, False)
            shell.controller.post(message)
            shell.diary.append("posted")

    shell.send = answers_at_once  # type: ignore[method-assign]
    shell.controller.post(shell.arrival(1))
    kinds = [entry if isinstance(entry, str | type) else type(entry) for entry in shell.diary]
    assert kinds[:6] == [e.CallArrived, e.NodeEntered, e.NodeEntered, e.NodeEntered, Play, "posted"]
    assert kinds[6] is e.NodeEntered


async def test_listeners_hear_in_order_and_cannot_do_harm(shell: Shell) -> None:
    """One that fails, and one that leaves while it is told, disturb nobody."""
    heard: list[tuple[int, DomainEvent]] = []

    def fails(seq: int, event: DomainEvent) -> None:
        raise RuntimeError("defect of an onlooker")

    def leaves(seq: int, event: DomainEvent) -> None:
        leave()

    shell.controller.subscribe(fails)
    leave = shell.controller.subscribe(leaves)
    shell.controller.subscribe(lambda seq, event: heard.append((seq, event)))
    before = shell.journal.last_seq
    shell.controller.post(shell.arrival(1))
    assert heard == shell.journal.since(before, 100)
    assert any(isinstance(command, Play) for command in shell.commands)
    assert shell.controller.next_deadline() is not None


async def test_who_asks_for_some_kinds_hears_of_no_others(shell: Shell) -> None:
    """Also who comes, or goes, when such an event has been told already."""
    early: list[DomainEvent] = []
    late: list[DomainEvent] = []
    shell.controller.subscribe(lambda seq, event: early.append(event), e.CallArrived, e.CentreStarted)
    shell.controller.post(shell.arrival(1))
    assert [type(event) for event in early] == [e.CallArrived]
    shell.controller.record(e.CentreStarted(shell.now, "1"))
    leave = shell.controller.subscribe(lambda seq, event: late.append(event), e.CentreStarted)
    shell.controller.record(e.CentreStarted(shell.now, "2"))
    leave()
    shell.controller.record(e.CentreStarted(shell.now, "3"))
    assert [event.config_version for event in early[1:] if isinstance(event, e.CentreStarted)] == [
        "1",
        "2",
        "3",
    ]
    assert late == [e.CentreStarted(shell.now, "2")]


async def test_a_timer_that_fires_too_soon_is_armed_anew(shell: Shell) -> None:
    """Deadlines are put off after the timer was set; the next one must not be missed for that."""
    shell.controller.post(shell.arrival(1))
    due = shell.controller.next_deadline()
    assert due is not None
    assert shell.now < due == shell.controller._timer_at
    first = shell.controller._timer
    shell.controller._fire()
    assert shell.controller._timer not in (None, first)
    assert shell.controller._timer_at == shell.controller.next_deadline() == due


async def test_a_defect_of_the_centre_is_survived(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is lost, the next one is not."""
    handle = shell.controller.centre.handle

    def fails(message: Message, now: int) -> Any:
        monkeypatch.setattr(shell.controller.centre, "handle", handle)
        raise RuntimeError("a defect")

    monkeypatch.setattr(shell.controller.centre, "handle", fails)
    shell.controller.post(SwitchLost(shell.now))
    shell.controller.post(shell.arrival(1))
    assert len(shell.events(e.CallArrived)) == 1


async def test_callers_beyond_the_limit_are_taken_up_in_order(shell: Shell) -> None:
    """One now, the next by the shell's own deadline; who leaves the line has both arrived and ended."""
    for number in range(4):
        shell.controller.post(shell.arrival(number))
    assert [event.leg_id for event in shell.events(e.CallArrived)] == ["leg-0"]
    shell.controller.post(LegEnded(shell.now, "leg-2", LegEndCause.NORMAL))
    assert [event.leg_id for event in shell.events(e.CallArrived)] == ["leg-0", "leg-2"]
    assert [event.call_id for event in shell.events(e.CallEnded)] == ["cleg-2"]
    deadline = shell.controller.next_deadline()
    assert deadline is not None
    shell.now = deadline
    shell.controller.close()
    shell.controller._arm()
    while len(shell.events(e.CallArrived)) < 3:
        await asyncio.sleep(0)
    assert [event.leg_id for event in shell.events(e.CallArrived)][2] == "leg-1"


async def test_who_left_the_line_unseen_is_counted(shell: Shell) -> None:
    """After a reconnection: gone callers have arrived and ended, present ones stay in line, new ones join."""
    for number in range(3):
        shell.controller.post(shell.arrival(number))
    shell.controller.post(SwitchLost(shell.now))
    facts = [LegFact(f"leg-{number}", True, {}, shell.arrival(number)) for number in (0, 2, 9)]
    shell.now += 1
    shell.controller.post(SwitchConnected(shell.now, tuple(facts), (), frozenset()))
    assert [event.call_id for event in shell.events(e.CallEnded)] == ["cleg-1"]
    shell.now += 10_000
    shell.controller.post(SwitchLost(shell.now))
    assert len(shell.controller._gate) == 2


async def test_commands_are_answered_at_once(shell: Shell) -> None:
    """Accepted, or refused with a reason and a cure; an accepted one is journaled when it returns."""
    assert shell.controller.ask(c.LogIn("1001", "2001")) == c.Accepted()
    assert len(shell.events(e.AgentPhoneChanged)) == 1
    refused = shell.controller.ask(c.LogIn("1002", "2001"))
    assert isinstance(refused, c.Refused)
    assert refused.reason == "phone 2001 is taken by agent 1001"
    assert refused.cure
    assert isinstance(shell.controller.ask(c.LogIn("nobody", "2002")), c.Refused)
