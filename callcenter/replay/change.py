"""Change: a recorded span beside what it would have been under other settings."""

from __future__ import annotations

from dataclasses import dataclass

from acd.codec import event_from_dict
from acd.model import AcdConfig
from acd.queued_call import QueuedCall
from acd.router import Router
from callcenter.domain.kpi import KpiPolicy
from callcenter.replay.account import Account
from callcenter.replay.counterfactual import imagine
from callcenter.replay.lives import lives
from callcenter.replay.span import Span


@dataclass(frozen=True, slots=True)
class Change:
    """Both accounts of the span, ``[began_at, ends_at)``, and the calls whose agent or outcome differs, in
    the order of their coming."""

    recorded: Account
    imagined: Account
    began_at: int
    ends_at: int
    changed: list[str]


def changed_by(config: AcdConfig, span: Span, policy: KpiPolicy, ends_at: int | None = None) -> Change:
    """What this configuration would have changed in a span that was kept, up to ``ends_at`` (None: its last
    input). ``policy`` measures both."""
    began_at = span.began_at or 0
    ends_at = span.last_at + 1 if ends_at is None else ends_at
    recorded, imagined = (Account(policy, _waiting(span.router())) for _ in range(2))
    for told in span.inputs:
        recorded.take(told.at, event_from_dict(told.event), told.commands)
    imagine(span.router(), config, lives(span.router(), span.inputs, began_at, ends_at), imagined)
    calls = dict.fromkeys([*recorded.endings, *imagined.endings])
    changed = [call_id for call_id in calls if recorded.course(call_id) != imagined.course(call_id)]
    return Change(recorded, imagined, began_at, ends_at, changed)


def _waiting(router: Router) -> list[QueuedCall]:
    return [call for queue in router.config.queues for call in router.waiting(queue)]
