"""What is remembered of a leg, and which news about it are no news."""

import asyncio

import pytest

from callcenter.adapters.asterisk.legs import KnownLegs
from callcenter.domain.switch import (
    CallerArrived,
    LegEndCause,
    LegEnded,
    LegFact,
    PlaybackEnded,
)

ARRIVED = CallerArrived(1, "l1", "city", "12345", "0211")


@pytest.fixture
def overdue() -> list[tuple[str, str]]:
    """The playbacks whose time-out has passed."""
    return []


@pytest.fixture
def legs(overdue: list[tuple[str, str]]) -> KnownLegs:
    """No legs, and the facts of the first connection known."""
    made = KnownLegs(on_overdue=lambda leg_id, playback_id: overdue.append((leg_id, playback_id)))
    made.next_connection()
    made.adopt([])
    return made


def test_an_arrival_is_news_once(legs: KnownLegs) -> None:
    """After the facts told of the leg, its arrival is no news."""
    assert legs.fold(ARRIVED) == ARRIVED
    assert legs.fold(ARRIVED) is None


def test_a_known_reason_completes_the_end(legs: KnownLegs) -> None:
    """The end itself does not say why; what was heard before does."""
    legs.fold(ARRIVED)
    legs.ending("l1", LegEndCause.MEDIA_LOST)
    assert legs.fold(LegEnded(2, "l1", LegEndCause.NORMAL)) == LegEnded(2, "l1", LegEndCause.MEDIA_LOST)
    assert len(legs) == 0


def test_variables_are_collected_and_wait_until_the_leg_is_there(legs: KnownLegs) -> None:
    """A leg that is only asked for takes none; they follow once it exists. A gone one takes none any more."""
    legs.dial("a1", {"call": "c1"})
    assert legs.keep_variables("a1", {"offer": "7"}) is None
    assert legs.dialled("a1") == {"call": "c1", "offer": "7"}
    assert legs.keep_variables("a1", {"offer": "8"}) == {"call": "c1", "offer": "8"}
    legs.dial("a2", {"call": "c1"})
    assert legs.dialled("a2") is None
    assert legs.keep_variables("gone", {"offer": "8"}) is None


def test_only_a_found_leg_may_play_something_unknown(legs: KnownLegs) -> None:
    """Asked once; legs that we dialled or saw arrive are known wholly."""
    legs.fold(ARRIVED)
    legs.next_connection()
    legs.adopt([LegFact("l1", answered=True, variables={}), LegFact("found", answered=True, variables={})])
    assert not legs.take_inherited("l1")
    assert legs.take_inherited("found")
    assert not legs.take_inherited("found")


async def test_an_overdue_playback_ends_once() -> None:
    """Its real end, told later, is no news."""
    overdue: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    legs = KnownLegs(on_overdue=lambda *which: overdue.put_nowait(which))
    legs.fold(ARRIVED)
    legs.begin_playback("l1", "p1", 1)
    async with asyncio.timeout(5):
        assert await overdue.get() == ("l1", "p1")
    assert legs.fold(PlaybackEnded(3, "l1", "p1", failed=False)) is None


async def test_the_end_of_a_leg_stops_its_clocks(legs: KnownLegs, overdue: list[tuple[str, str]]) -> None:
    """No time-out fires for a leg that has gone, and no playback of it is news."""
    legs.fold(ARRIVED)
    legs.begin_playback("l1", "p1", 1)
    legs.fold(LegEnded(2, "l1", LegEndCause.NORMAL))
    await asyncio.sleep(0.02)
    assert overdue == []
    assert legs.fold(PlaybackEnded(3, "l1", "p1", failed=False)) is None


def test_a_playback_of_the_controller_before_us_is_news() -> None:
    """Kept events come before the facts: the leg is not known yet, but the flow waits for this."""
    legs = KnownLegs(on_overdue=lambda *_: None)
    legs.next_connection()
    ended = PlaybackEnded(3, "l1", "p1", failed=False)
    assert legs.fold(ended) == ended


def test_facts_replace_what_is_older_than_the_connection(legs: KnownLegs) -> None:
    """Legs that vanished while we were away go; those dialled since the connect stay."""
    legs.fold(ARRIVED)
    legs.dial("old", {})
    legs.next_connection()
    legs.dial("new", {})
    facts = [LegFact("l1", answered=True, variables={"a": "1"}), LegFact("x", answered=True, variables={})]
    assert legs.adopt(facts) == tuple(facts)
    assert set(legs.ids()) == {"l1", "new", "x"}


def test_a_leg_that_ended_during_the_reading_is_no_fact(legs: KnownLegs) -> None:
    """Asterisk lists a leg a moment longer than it tells its end."""
    legs.fold(ARRIVED)
    legs.next_connection()
    legs.fold(LegEnded(2, "l1", LegEndCause.NORMAL))
    assert legs.adopt([LegFact("l1", answered=True, variables={})]) == ()
    assert len(legs) == 0


def test_music_is_stopped_only_where_it_may_play(legs: KnownLegs) -> None:
    """An arrival hears music; an unknown leg might."""
    legs.fold(ARRIVED)
    assert legs.music("l1", playing=False)
    assert not legs.music("l1", playing=False)
    assert legs.music("unknown", playing=False)


def test_music_that_plays_for_certain_is_not_started_again(legs: KnownLegs) -> None:
    """An arrival hears it until something else is played; what was found after a restart may be silent."""
    assert not legs.hears_music("unknown")
    legs.fold(ARRIVED)
    assert legs.hears_music("l1")
    legs.music("l1", playing=False)
    assert not legs.hears_music("l1")
    legs.next_connection()
    legs.adopt([LegFact("found", answered=True, variables={})])
    assert not legs.hears_music("found")


def test_a_dialled_leg_has_the_key_of_its_phone(legs: KnownLegs) -> None:
    """Every other leg has its own, also one that nobody knows."""
    legs.fold(ARRIVED)
    legs.dial("a1", {}, "desk-7")
    legs.dial("x1", {})
    assert [legs.key(leg_id) for leg_id in ("l1", "a1", "x1", "gone")] == ["l1", "desk-7", "x1", "gone"]
