"""The manager's messages against what a real Asterisk 22.10.1 sent (ami_session.txt)."""

from pathlib import Path
from typing import Any

import pytest

from callcenter.adapters.asterisk.ami import GuardedAmi, _GuardedProtocol
from callcenter.adapters.asterisk.contacts import ReachablePhones

SESSION = (Path(__file__).parent / "ami_session.txt").read_bytes()


class NoTransport:
    """Nothing is written here."""

    def abort(self) -> None:
        """Nor closed."""


def events(piece: int) -> list[Any]:
    """The recorded session's events, read in pieces of this size."""
    heard: list[Any] = []
    owner = GuardedAmi(port=0, user="callcenter", secret="word", on_event=heard.append)
    protocol = _GuardedProtocol(owner)
    protocol.connection_made(NoTransport())  # type: ignore[arg-type]
    for at in range(0, len(SESSION), piece):
        protocol.data_received(SESSION[at : at + piece])
    return heard


@pytest.mark.parametrize("piece", [1, 7, 100, len(SESSION)])
async def test_the_session_reads_the_same_in_any_pieces(piece: int) -> None:
    """Where TCP cuts it makes no difference."""
    heard = [dict(event) for event in events(piece)]
    assert heard == [dict(event) for event in events(len(SESSION))]
    assert {event["Event"] for event in heard} == {
        "FullyBooted",
        "ContactStatus",
        "ContactList",
        "ContactListComplete",
    }


async def test_the_recorded_phone_came_and_went() -> None:
    """It registered, answered, and unregistered."""
    phones = ReachablePhones()
    changes = [
        change
        for event in events(len(SESSION))
        if event.event == "ContactStatus"
        for change in phones.changed(event)
    ]
    assert changes == [("1001", True), ("1001", False)]


async def test_the_recorded_list_names_its_phone() -> None:
    """One contact, reachable."""
    listed = [event for event in events(len(SESSION)) if event.event == "ContactList"]
    assert ReachablePhones().listed(listed) == [("1001", True)]
