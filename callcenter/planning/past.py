"""The past of the centre, for whoever plans with it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from acd.model import SkillRequirement
from callcenter.domain.events import QueueOutcome
from callcenter.journal_reading import Reading
from callcenter.recorded_calls import RecordedCall, RecordedCalls, requests
from simulation.measures import Measure
from simulation.plan import Roster, Thresholds
from simulation.whatif import PastCall

DAY_MS = 24 * 3600 * 1000
_ABANDONED = frozenset({QueueOutcome.ABANDONED, QueueOutcome.SHORT_ABANDONED})


def stored_span(since: int, until: int) -> tuple[int, int]:
    """What to ask a database for: the day before too, for the agents who were there already (one who had
    nothing to do for a whole day is not known to have been), and the day after, which tells how the calls
    went on that came before the end."""
    return since - DAY_MS, until + DAY_MS


class TooManyCalls(Exception):
    """More calls than may be looked at."""


async def folded(reading: Reading, since: int, until: int, most: int | None = None) -> RecordedCalls:
    """The calls queued from ``since`` up to before ``until`` (ms since the epoch) and who was there. Raises
    TooManyCalls when there are more than ``most``."""
    past = RecordedCalls()
    snapshot, events = reading
    agents = (snapshot or {}).get("kpi", {}).get("agents", {})
    past.begin({agent_id: time["presence"] for agent_id, time in agents.items()}, since - DAY_MS)
    async for _, event in events:
        if event.at >= until + DAY_MS:
            break
        past.apply(event)
        if most is not None and len(past.calls) > most:
            raise TooManyCalls
    past.calls = [call for call in past.calls if since <= call.queued_at < until]
    return past


def past_calls(calls: Iterable[RecordedCall]) -> Iterator[PastCall]:
    """The calls as the simulation wants them; those that still waited had no outcome to learn from."""
    for call in calls:
        if call.outcome is not None:
            yield PastCall(
                queued_at=call.queued_at,
                queue=call.queue,
                wait_ms=call.wait_ms,
                has_abandoned=call.outcome in _ABANDONED,
                talk_ms=call.talk_ms,
                wrap_up_ms=call.wrap_up_ms,
                priority=call.priority,
                requirements=tuple(
                    SkillRequirement(skill, level) for skill, level in sorted(call.skills.items())
                ),
            )


def roster_of(
    past: RecordedCalls, agents: Iterable[str], known: Container[str], since: int, until: int
) -> Roster:
    """Agents work when they worked, and those who did not come are not there; an agent who was not ``known``
    then works all the time. Who was still there at the end stays until the last caller is served."""
    attendance = past.attendance(since, until)
    return Roster(
        {
            agent_id: tuple(
                (first - since, None if last == until else last - since)
                for first, last in attendance.get(agent_id, ())
            )
            for agent_id in agents
            if agent_id in known
        }
    )


def recorded_figures(
    calls: Iterable[RecordedCall], limits: Mapping[str, Thresholds]
) -> dict[str, float | None]:
    """The figures of what really was, as far as the journal tells them, defined as the simulation's."""
    every = list(calls)
    ended = [call for call in every if call.outcome is not None]
    answered = [call for call in ended if call.outcome is QueueOutcome.ANSWERED]
    in_time = [
        call for call in answered if call.queue in limits and call.wait_ms <= limits[call.queue].answer_ms
    ]
    abandoned = sum(call.outcome is QueueOutcome.ABANDONED for call in ended)
    short = sum(call.outcome is QueueOutcome.SHORT_ABANDONED for call in ended)
    handled = [call.handle_ms for call in answered if call.handle_ms is not None]
    figures: dict[Measure, float | None] = {
        Measure.OFFERED: float(len(every)),
        Measure.ANSWERED: float(len(answered)),
        Measure.ABANDONED: float(abandoned),
        Measure.SHORT_ABANDONED: float(short),
        Measure.SERVICE_LEVEL: _ratio(len(in_time), len(answered)),
        Measure.NEGATIVE: _ratio(len(in_time), len(every)),
        Measure.ABANDONMENT: _ratio(abandoned, len(every) - short),
        Measure.ASA: _ratio(sum(call.wait_ms for call in answered), len(answered) * 1000),
        Measure.MEAN_WAIT: _ratio(sum(call.wait_ms for call in ended), len(ended) * 1000),
        Measure.AHT: _ratio(sum(handled), len(handled) * 1000),
    }
    return {measure.value: figure for measure, figure in figures.items()}


def calls_of(past: RecordedCalls, queue: str | None) -> tuple[RecordedCall, ...]:
    """Each wait of a caller once, of this queue or of all."""
    return tuple(call for call in requests(past.calls) if queue in (None, call.queue))


def mean_handle_s(calls: Iterable[RecordedCall]) -> float | None:
    """How long a call is handled, talk, hold and wrap-up; None where none was, to its end."""
    handled = [call.handle_ms for call in calls if call.handle_ms is not None]
    return sum(handled) / len(handled) / 1000 if handled else None


def mean_patience_s(calls: Iterable[RecordedCall]) -> float | None:
    """The mean patience, estimated as in a what-if: all waits over the hang-ups; None without any."""
    ended = [call for call in calls if call.outcome is not None]
    left = sum(call.outcome in _ABANDONED for call in ended)
    return sum(call.wait_ms for call in ended) / left / 1000 if left else None


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None
