"""The Presence table, step by step."""

from __future__ import annotations

import itertools

import pytest

from acd.model import Presence
from acd.presence import PRESENCE_TABLE, PresenceStep, next_presence

P, S = Presence, PresenceStep

# What may happen to an agent in each Presence, in the words of the floor.
STORY = {
    P.LOGGED_OUT: {S.LOG_IN: P.NOT_READY},
    P.NOT_READY: {
        S.REST_READY: P.READY,
        S.REST_NOT_READY: P.NOT_READY,
        S.LOG_OUT: P.LOGGED_OUT,
        S.TAKE: P.ON_CALL,
    },
    P.READY: {
        S.REST_READY: P.READY,
        S.REST_NOT_READY: P.NOT_READY,
        S.LOG_OUT: P.LOGGED_OUT,
        S.OFFER: P.OFFERED,
        S.TAKE: P.ON_CALL,
    },
    P.OFFERED: {
        S.ANSWER: P.ON_CALL,
        S.REST_READY: P.READY,
        S.REST_NOT_READY: P.NOT_READY,
        S.LOG_OUT: P.LOGGED_OUT,
    },
    P.ON_CALL: {
        S.WRAP_UP: P.WRAP_UP,
        S.REST_READY: P.READY,
        S.REST_NOT_READY: P.NOT_READY,
        S.LOG_OUT: P.LOGGED_OUT,
    },
    P.WRAP_UP: {
        S.WRAP_UP: P.WRAP_UP,
        S.REST_READY: P.READY,
        S.REST_NOT_READY: P.NOT_READY,
        S.LOG_OUT: P.LOGGED_OUT,
    },
}


@pytest.mark.parametrize(("presence", "step"), list(itertools.product(P, S)))
def test_every_step_in_every_presence(presence: Presence, step: PresenceStep) -> None:
    """Each step either leads where the story says or is refused by name."""
    if step in STORY[presence]:
        assert next_presence(presence, step) is STORY[presence][step]
    else:
        with pytest.raises(ValueError, match=f"an agent who is {presence} cannot {step}"):
            next_presence(presence, step)


def test_every_presence_can_be_reached_and_left() -> None:
    """No Presence is a trap: each is entered by some step and each has a way to LOGGED_OUT."""
    assert set(PRESENCE_TABLE.values()) == set(P)
    for presence in P:
        reached, frontier = {presence}, [presence]
        while frontier:
            here = frontier.pop()
            onward = {to for (start, _), to in PRESENCE_TABLE.items() if start is here} - reached
            reached |= onward
            frontier += onward
        assert P.LOGGED_OUT in reached


def test_work_is_given_to_ready_agents_only() -> None:
    """OFFERED can be entered from READY alone, WRAP_UP from ON_CALL alone; ON_CALL from OFFERED, or by who
    has no work and takes a call over or makes one."""
    entered = {to: {start for (start, _), end in PRESENCE_TABLE.items() if end is to} for to in P}
    assert entered[P.OFFERED] == {P.READY}
    assert entered[P.ON_CALL] == {P.OFFERED, P.NOT_READY, P.READY}
    assert entered[P.WRAP_UP] == {P.ON_CALL, P.WRAP_UP}
