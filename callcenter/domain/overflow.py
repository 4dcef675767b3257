"""How a call left its queue when the Router sent it away: several of its reasons count as one outcome."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from acd.model import OverflowReason
from callcenter.domain.events import QueueOutcome

OVERFLOW_OUTCOME: Mapping[OverflowReason, QueueOutcome] = MappingProxyType(
    {
        OverflowReason.TIMEOUT: QueueOutcome.OVERFLOW_TIMEOUT,
        OverflowReason.FULL: QueueOutcome.OVERFLOW_FULL,
        OverflowReason.NO_AGENT: QueueOutcome.OVERFLOW_NO_AGENT,
        OverflowReason.NOT_READY: QueueOutcome.OVERFLOW_NO_AGENT,
        OverflowReason.EXPECTED_WAIT: QueueOutcome.OVERFLOW_FULL,
        OverflowReason.CLOSED: QueueOutcome.OVERFLOW_CLOSED,
    }
)
