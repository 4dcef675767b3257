"""The reasons of routing in words, for whoever asks about a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from acd.explain import Decision, WaitReason
from callcenter.domain.events import CallWaits, OfferMade
from callcenter.web.wire import instant
from callcenter.web.wire_api import DecisionsRequest, ExplainedDecision, ExplainedWait

_log = structlog.get_logger(__name__)


def decision_on_wire(offer: OfferMade, asked: DecisionsRequest) -> ExplainedDecision:
    """Why the agent was rung, and what would have made the agent asked about get the call."""
    explanation, for_agent = _words(Decision.from_dict, offer.decision, asked, offer)
    return ExplainedDecision(
        offer_id=offer.offer_id,
        at=instant(offer.at),
        decision=offer.decision,
        explanation=explanation,
        for_agent=for_agent,
    )


def wait_on_wire(waits: CallWaits, asked: DecisionsRequest) -> ExplainedWait:
    """Why the call waited, and what kept the agent asked about from it."""
    explanation, for_agent = _words(WaitReason.from_dict, waits.reason, asked, waits)
    return ExplainedWait(
        at=instant(waits.at), reason=waits.reason, explanation=explanation, for_agent=for_agent
    )


def _words(
    read: Callable[[dict[str, Any]], Decision | WaitReason],
    stored: dict[str, Any],
    asked: DecisionsRequest,
    event: OfferMade | CallWaits,
) -> tuple[str | None, str | None]:
    """The stored reason in words, and those about the agent asked about. One that this version cannot read
    has none."""
    try:
        reason = read(stored)
        for_agent = None if asked.agent is None else reason.explain_agent(asked.agent, asked.lang)
        return reason.explain(asked.lang), for_agent
    except (LookupError, ValueError) as error:
        _log.warning("reason_unreadable", call_id=event.call_id, at=event.at, error=repr(error))
        return None, None
