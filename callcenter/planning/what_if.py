"""What if: a past period as it was arranged and staffed, ready to be simulated beside a changed one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from acd.model import AgentConfig
from callcenter.planning.arrangement import Arrangement
from callcenter.planning.past import past_calls, roster_of
from callcenter.recorded_calls import RecordedCalls, requests
from simulation.durations import Empirical
from simulation.plan import Plan, Roster, Span
from simulation.whatif import past_plan, skills_asked

ALL_DAY = (0, 1440)


@dataclass(frozen=True, slots=True)
class Period:
    """A past period and what is known of it; ``known`` are the agents of the centre as it is arranged."""

    past: RecordedCalls
    since: int
    until: int
    known: frozenset[str]

    def plan(self, arrangement: Arrangement) -> Plan:
        """The period with its callers and the attendance of its agents, arranged so."""
        config = arrangement.config()
        ring = Empirical(values_sec=tuple(ms / 1000 for ms in self.past.rings_ms) or (0,))
        roster = roster_of(self.past, config.agents, self.known, self.since, self.until)
        calls = past_calls(requests(self.past.calls))
        return past_plan(calls, config, roster, arrangement.thresholds, ring, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Shift:
    """``count`` agents alike who work from the first to the last minute of each day (one that ends at or
    before its start ends on the next day); ``like``: they can do what this agent can; empty: everything."""

    count: int
    minutes: tuple[int, int] = ALL_DAY
    like: str = ""


def staffed(
    plan: Plan, shifts: Iterable[Shift], since: int, zone: str, *, leaving: Iterable[str], all_new: bool
) -> Plan:
    """The plan without the agents ``leaving`` (``all_new``: without any) and with those of the shifts."""
    gone = frozenset(plan.config.agents) if all_new else frozenset(leaving)
    agents = {agent_id: agent for agent_id, agent in plan.config.agents.items() if agent_id not in gone}
    spans = {agent_id: shift for agent_id, shift in plan.roster.shifts.items() if agent_id not in gone}
    everything = skills_asked(plan)
    for number, shift in enumerate(shifts, 1):
        alike = plan.config.agents.get(shift.like) or AgentConfig("", everything)
        width = len(str(shift.count))
        for place in range(1, shift.count + 1):
            agent_id = f"shift-{number}-{place:0{width}}"
            agents[agent_id] = replace(alike, agent_id=agent_id)
            if shift.minutes != ALL_DAY:
                spans[agent_id] = spans_of(shift.minutes, since, since + plan.end_ms, zone)
    roster = Roster(spans, _without(plan.roster.shrinkage, gone), plan.roster.pause_ms)
    return replace(plan, config=replace(plan.config, agents=agents), roster=roster)


def spans_of(minutes: tuple[int, int], since: int, until: int, zone: str) -> tuple[Span, ...]:
    """The spans of these minutes of each day of the wall clock that touch the time, from ``since`` on."""
    at_home = ZoneInfo(zone)
    begin, end = minutes[0], minutes[1] if minutes[1] > minutes[0] else minutes[1] + 1440
    day = datetime.fromtimestamp(since / 1000, at_home).date() - timedelta(days=1)
    last = datetime.fromtimestamp(until / 1000, at_home).date()
    found: list[Span] = []
    while day <= last:
        midnight = datetime.combine(day, time(), at_home)
        edges = [(midnight + timedelta(minutes=minute)).timestamp() for minute in (begin, end)]
        first, after = (round(edge * 1000) - since for edge in edges)
        if after > 0 and first < until - since:
            found.append((max(first, 0), None if after >= until - since else after))
        day += timedelta(days=1)
    return tuple(found)


def _without(shares: Mapping[str, float], gone: frozenset[str]) -> dict[str, float]:
    return {agent_id: share for agent_id, share in shares.items() if agent_id not in gone}
