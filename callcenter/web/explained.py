"""The reasons of routing in words, for whoever asks about a call."""

from __future__ import annotations

import structlog

from acd.explain import Decision, WaitReason
from callcenter.domain.events import CallWaits, OfferMade
from callcenter.web.wire import instant
from callcenter.web.wire_api import DecisionsRequest, ExplainedDecision, ExplainedWait

_log = structlog.get_logger(__name__)


def decision_on_wire(offer: OfferMade, asked: DecisionsRequest) -> ExplainedDecision:
    """Why the agent was rung, and what would have made the agent asked about get the call."""
    explanation = for_agent = None
    try:
        decision = Decision.from_dict(offer.decision)
        explanation = decision.explain(asked.lang)
        for_agent = None if asked.agent is None else decision.explain_agent(asked.agent, asked.lang)
    except (LookupError, ValueError) as error:
        _log.warning("decision_unreadable", call_id=offer.call_id, at=offer.at, error=repr(error))
    return ExplainedDecision(
        offer_id=offer.offer_id,
        at=instant(offer.at),
        decision=offer.decision,
        explanation=explanation,
        for_agent=for_agent,
    )


def wait_on_wire(waits: CallWaits, asked: DecisionsRequest) -> ExplainedWait:
    """Why the call waited."""
    explanation = for_agent = None
    try:
        reason = WaitReason.from_dict(waits.reason)
        explanation = reason.explain(asked.lang)
        for_agent = None if asked.agent is None else reason.explain_agent(asked.agent, asked.lang)
    except (LookupError, ValueError) as error:
        _log.warning("wait_reason_unreadable", call_id=waits.call_id, at=waits.at, error=repr(error))
    return ExplainedWait(
        at=instant(waits.at), reason=waits.reason, explanation=explanation, for_agent=for_agent
    )
