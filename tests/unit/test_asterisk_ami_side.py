"""What the adapter does over the manager connection, with a scripted manager interface."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from test_asterisk_ami import PORT, Manager

from callcenter.adapters.asterisk import ami_side
from callcenter.adapters.asterisk.ami_side import AmiSide
from callcenter.domain.switch import (
    CommandFailed,
    PhoneReachabilityChanged,
    RecordingFailed,
    SetVariables,
    StartRecording,
    SwitchEvent,
)


class Side:
    """An AmiSide and what it delivered."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[SwitchEvent] = asyncio.Queue()
        self.idle = False
        self.side = AmiSide(
            port=PORT,
            secret="word",
            lines={"city"},
            deliver=self.events.put_nowait,
            clock=lambda: 7,
            is_idle=lambda: self.idle,
        )

    async def next(self) -> SwitchEvent:
        """The next event."""
        async with asyncio.timeout(5):
            return await self.events.get()


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    """A manager interface that knows no phone yet."""
    made = Manager()
    made.refused.add("PJSIPShowContacts")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def side(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Side]:
    """A connected one, with a short interval of trimming."""
    monkeypatch.setattr(ami_side, "TRIM_INTERVAL_SEC", 0.05)
    made = Side()
    made.side.start()
    await manager.heard_of("PJSIPShowContacts")
    yield made
    await made.side.close()


async def test_memory_is_given_back_only_when_nobody_calls(side: Side, manager: Manager) -> None:
    """The trimming waits for an idle moment."""
    await asyncio.sleep(0.15)
    assert not any(one["Action"] == "Command" for one in manager.heard)
    side.idle = True
    assert (await manager.heard_of("Command"))["Command"] == "malloc trim"


async def test_phones_are_told_and_trunks_are_not(side: Side, manager: Manager) -> None:
    """A trunk's contact is no phone."""
    for endpoint in ("city", "1001"):
        await manager.say(contact(endpoint))
    assert await side.next() == PhoneReachabilityChanged(7, "1001", reachable=True)
    assert side.side.reachable(frozenset({"1002"})) == {"1001"}  # what ARI shows is older


async def test_phones_that_come_or_go_with_the_list_are_as_they_are_now(manager: Manager) -> None:
    """The list and newer news are read in one piece; until then ARI is believed."""
    manager.silent = True
    made = Side()
    made.side.start()
    number = (await manager.heard_of("PJSIPShowContacts"))["ActionID"]
    assert made.side.reachable(frozenset({"1001", "1002"})) == {"1001", "1002"}
    listed = f"Response: Success\nActionID: {number}\nEventList: start\n\n"
    fields = "Uri: sip:x\nEndpoint: 1001\nStatus: Reachable\nQualifyFrequency: 30"
    listed += f"Event: ContactList\nActionID: {number}\n{fields}\n\n"
    listed += f"Event: ContactListComplete\nActionID: {number}\nEventList: Complete\n\n"
    await manager.say(listed + contact("1003") + contact("1001", "Removed"))
    told = [await made.next() for _ in range(4)]
    changes = ("1001", True), ("1002", False), ("1003", True), ("1001", False)
    assert told == [PhoneReachabilityChanged(7, phone, reachable=there) for phone, there in changes]
    assert made.side.reachable(frozenset({"1001"})) == {"1003"}
    await made.side.close()


async def test_a_list_that_does_not_come_is_asked_for_again(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy switch answers late; what it tells meanwhile is not lost."""
    manager.silent = True
    made = Side()
    monkeypatch.setattr(made.side.manager, "_action_timeout_sec", 0.2)
    made.side.start()
    await manager.heard_of("PJSIPShowContacts")
    await manager.say(contact("1001"))
    manager.silent = False
    await manager.heard_of("PJSIPShowContacts", times=2)
    assert await made.next() == PhoneReachabilityChanged(7, "1001", reachable=True)
    await made.side.close()


def contact(phone: str, status: str = "Reachable") -> str:
    """News of its contact."""
    news = f"URI: sip:x\nContactStatus: {status}\nAOR: a\nEndpointName: {phone}"
    return f"Event: ContactStatus\n{news}\n\n"


@pytest.mark.parametrize(
    "stem", ["relative", "/a,b", "/a)t(/etc/passwd", "/a\nAction: Command", "/a|b", "/${x}"]
)
async def test_a_file_name_cannot_become_an_option(side: Side, manager: Manager, stem: str) -> None:
    """It would write elsewhere; nothing is sent."""
    side.side.start_recording(StartRecording("l1", "r1", stem, wideband=False))
    failed = await side.next()
    assert isinstance(failed, RecordingFailed)
    assert not any(one["Action"] == "MixMonitor" for one in manager.heard)


async def test_only_the_two_sides_are_recorded(side: Side, manager: Manager) -> None:
    """No file name for the mix; the suffix follows the bandwidth."""
    side.side.start_recording(StartRecording("l1", "r1", "/rec/录音 1", wideband=True))
    heard = await manager.heard_of("MixMonitor")
    assert heard["Options"] == "ar(/rec/录音 1-said.wav16)t(/rec/录音 1-heard.wav16)"
    assert "File" not in heard


async def test_commands_without_a_connection_fail(side: Side, manager: Manager) -> None:
    """At once, as events."""
    await side.side.close()
    command = SetVariables("l1", {"a": "1"})
    side.side.set_variables(command, "{}")
    failed = await side.next()
    assert isinstance(failed, CommandFailed)
    assert failed.command == command
