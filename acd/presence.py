"""Presence: what an agent is doing, as one table.

Two rules. An agent holds at most one piece of work (an Offer, a call or its wrap-up), and only a READY
agent is given one; who has none may take a call over, or make one. Whenever work ends, the agent's stored
intention decides where the agent comes to rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from acd.model import Presence


class PresenceStep(StrEnum):
    """What moves an agent from one Presence to the next."""

    LOG_IN = "log_in"
    REST_READY = "rest_ready"
    REST_NOT_READY = "rest_not_ready"
    LOG_OUT = "log_out"
    OFFER = "offer"
    ANSWER = "answer"
    TAKE = "take"
    WRAP_UP = "wrap_up"


_P, _S = Presence, PresenceStep

PRESENCE_TABLE: Mapping[tuple[Presence, PresenceStep], Presence] = MappingProxyType(
    {
        (_P.LOGGED_OUT, _S.LOG_IN): _P.NOT_READY,
        # Without work: the agent's own wish, a bench, a phone lost or found. READY -> READY begins or ends
        # the delay after a missed Offer; NOT_READY -> NOT_READY changes the reason.
        (_P.NOT_READY, _S.REST_READY): _P.READY,
        (_P.NOT_READY, _S.REST_NOT_READY): _P.NOT_READY,
        (_P.NOT_READY, _S.LOG_OUT): _P.LOGGED_OUT,
        # A supervisor, at work as an agent, takes over another agent's call; an agent makes a call.
        (_P.NOT_READY, _S.TAKE): _P.ON_CALL,
        (_P.READY, _S.TAKE): _P.ON_CALL,
        (_P.READY, _S.REST_READY): _P.READY,
        (_P.READY, _S.REST_NOT_READY): _P.NOT_READY,
        (_P.READY, _S.LOG_OUT): _P.LOGGED_OUT,
        (_P.READY, _S.OFFER): _P.OFFERED,
        # The Offer was answered, or it ended otherwise and the agent comes to rest.
        (_P.OFFERED, _S.ANSWER): _P.ON_CALL,
        (_P.OFFERED, _S.REST_READY): _P.READY,
        (_P.OFFERED, _S.REST_NOT_READY): _P.NOT_READY,
        (_P.OFFERED, _S.LOG_OUT): _P.LOGGED_OUT,
        # The conversation is over; a queue without wrap-up, or an agent who logged out during it, skips it.
        (_P.ON_CALL, _S.WRAP_UP): _P.WRAP_UP,
        (_P.ON_CALL, _S.REST_READY): _P.READY,
        (_P.ON_CALL, _S.REST_NOT_READY): _P.NOT_READY,
        (_P.ON_CALL, _S.LOG_OUT): _P.LOGGED_OUT,
        # Its time is up, but the disposition is missing.
        (_P.WRAP_UP, _S.WRAP_UP): _P.WRAP_UP,
        (_P.WRAP_UP, _S.REST_READY): _P.READY,
        (_P.WRAP_UP, _S.REST_NOT_READY): _P.NOT_READY,
        (_P.WRAP_UP, _S.LOG_OUT): _P.LOGGED_OUT,
    }
)


def next_presence(presence: Presence, step: PresenceStep) -> Presence:
    """The Presence after ``step``; raises ValueError for a step the table does not know."""
    try:
        return PRESENCE_TABLE[presence, step]
    except KeyError:
        raise ValueError(f"an agent who is {presence} cannot {step}") from None
