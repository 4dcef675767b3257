"""What is found of each part: from what a look brought to how it is. Each judges, and asks nobody itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callcenter.health.model import Condition, Fact, Finding, Part, Trouble, Unit, count, text
from callcenter.health.store import StoreSeen
from callcenter.switch_look import SwitchSeen
from callcenter.trunks.model import TrunkNow, TrunkState

SLOW_MS: Final = 250.0
"""A store that takes so long for a small question will be too slow for a large one."""
BUSY_MS: Final = 250.0
"""Callers hear a controller that comes to its work so late."""
BEHIND: Final = 5_000
"""Events of the journal: some minutes of a busy hour."""
FILLS_BELOW: Final = 0.10
FULL_BELOW_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Workings:
    """What the controller knows of itself. ``late_ms`` is how late its loop came to a work that was due."""

    started_at: int
    calls: int
    late_ms: float
    memory_bytes: int
    journal_seq: int


def controller(seen: Workings) -> Finding:
    """The process that answers."""
    busy = seen.late_ms >= BUSY_MS
    return Finding(
        Part.CONTROLLER,
        Condition.POOR if busy else Condition.WELL,
        (
            Fact("started_at", Unit.INSTANT, seen.started_at),
            count("calls", seen.calls),
            Fact("late_ms", Unit.MS, seen.late_ms),
            Fact("memory_bytes", Unit.BYTES, seen.memory_bytes),
            count("journal_seq", seen.journal_seq),
        ),
        Trouble.BUSY if busy else None,
    )


def switch(seen: SwitchSeen | None, *, ari: bool, why: str = "") -> Finding:
    """Asterisk. ``ari``: it has its connection to us; without ``seen`` it does not answer, and ``why`` says
    so."""
    if seen is None or not ari:
        return Finding(Part.SWITCH, Condition.DOWN, (), Trouble.SWITCH_AWAY, detail=why)
    facts = (
        text("version", seen.version),
        Fact("started_at", Unit.INSTANT, seen.started_at),
        count("legs", seen.legs),
        text("connections", "ARI + AMI" if seen.manager else "ARI"),
    )
    if not seen.manager:
        return Finding(Part.SWITCH, Condition.POOR, facts, Trouble.MANAGER_AWAY)
    return Finding(Part.SWITCH, Condition.WELL, facts)


def store(seen: StoreSeen | None, unshipped: int, why: str = "") -> Finding:
    """PostgreSQL. ``unshipped`` events of the journal have not arrived there."""
    behind = count("unshipped", unshipped)
    if seen is None:
        return Finding(Part.STORE, Condition.DOWN, (behind,), Trouble.STORE_AWAY, detail=why)
    facts = (
        text("version", seen.version),
        Fact("answer_ms", Unit.MS, seen.answer_ms),
        behind,
        count("uncounted", seen.uncounted),
        Fact("size_bytes", Unit.BYTES, seen.size_bytes),
    )
    troubles = (
        (unshipped > BEHIND, Trouble.SHIPPING_BEHIND),
        (seen.uncounted > BEHIND, Trouble.COUNTING_BEHIND),
        (seen.answer_ms > SLOW_MS, Trouble.SLOW),
    )
    return _poor_if(Part.STORE, facts, troubles)


def bus(answer_ms: float | None, version: str, unshipped: int, why: str = "") -> Finding:
    """Valkey, which holds the sessions and carries the journal to others."""
    behind = count("unshipped", unshipped)
    if answer_ms is None:
        return Finding(Part.BUS, Condition.DOWN, (behind,), Trouble.BUS_AWAY, detail=why)
    facts = (text("version", version), Fact("answer_ms", Unit.MS, answer_ms), behind)
    troubles = ((unshipped > BEHIND, Trouble.SHIPPING_BEHIND), (answer_ms > SLOW_MS, Trouble.SLOW))
    return _poor_if(Part.BUS, facts, troubles)


def trunk(now: TrunkNow) -> Finding:
    """One trunk."""
    line = now.line
    facts = [count("calls", now.calls), count("channel_limit", now.plan.channel_limit)]
    if line and line.registration is not None:
        facts.append(text("registration", line.registration))
    if line and line.refused:
        facts.append(count("refused", line.refused))
    is_full = now.calls >= now.plan.channel_limit
    condition, trouble = {
        TrunkState.UP: (Condition.WELL, None),
        TrunkState.LISTENS: (Condition.WELL, None),
        TrunkState.NO_ANSWER: (Condition.POOR, Trouble.TRUNK_SILENT),
        TrunkState.UNREGISTERED: (Condition.DOWN, Trouble.TRUNK_UNREGISTERED),
        TrunkState.UNKNOWN: (Condition.UNKNOWN, None),
    }[now.state]
    if trouble is None and is_full:
        condition, trouble = Condition.POOR, Trouble.TRUNK_FULL
    return Finding(Part.TRUNK, condition, tuple(facts), trouble, now.plan.name)


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A speech worker: the model it holds, and whether it answers. ``waiting`` transcriptions it still
    owes."""

    model_id: str
    engine: str
    languages: str
    answers: bool
    waiting: int


def speech(wanted: bool, workers: Sequence[WorkerSeen]) -> list[Finding]:
    """Recognition of speech. ``wanted``: the settings ask for it."""
    if not workers:
        poor = Finding(Part.SPEECH, Condition.POOR, trouble=Trouble.NO_MODEL)
        return [poor if wanted else Finding(Part.SPEECH, Condition.OFF)]
    return [
        Finding(
            Part.SPEECH,
            Condition.WELL if worker.answers else Condition.DOWN,
            (*_heard_by(worker), count("waiting", worker.waiting)),
            None if worker.answers else Trouble.WORKER_AWAY,
            worker.model_id,
        )
        for worker in workers
    ]


@dataclass(frozen=True, slots=True)
class StreamsSeen:
    """Streams that are recognised while they are spoken: of callers in a flow, of talks that are read
    meanwhile, and how many there may be of both."""

    flow: int
    talk: int
    most: int


def listening(*, wanted: bool, seen: StreamsSeen) -> Finding:
    """Recognition while somebody speaks. ``wanted``: there is a worker that could listen."""
    if not wanted or seen.most == 0:
        return Finding(Part.LISTENING, Condition.OFF)
    facts = (count("flow", seen.flow), count("talk", seen.talk), count("most", seen.most))
    full = (seen.flow >= seen.most, Trouble.LISTENING_FULL)
    return _poor_if(Part.LISTENING, facts, [full])


def _heard_by(worker: WorkerSeen) -> tuple[Fact, ...]:
    return (text("engine", worker.engine), text("languages", worker.languages)) if worker.answers else ()


def prompts(pace_ms: Mapping[tuple[str, str], int] | None) -> Finding:
    """The process that makes prompts during calls, with what its engines take for a sentence."""
    if pace_ms is None:
        return Finding(Part.PROMPTS, Condition.DOWN, trouble=Trouble.PROMPTS_AWAY)
    pace = tuple(
        Fact(f"{engine} {language}", Unit.MS, ms) for (engine, language), ms in sorted(pace_ms.items())
    )
    return Finding(Part.PROMPTS, facts=pace)


def disk(name: str, free_bytes: int, total_bytes: int) -> Finding:
    """The space where this is kept."""
    share = free_bytes / total_bytes if total_bytes else 0.0
    facts = (Fact("free_bytes", Unit.BYTES, free_bytes), Fact("free_share", Unit.RATIO, share))
    if free_bytes < FULL_BELOW_BYTES:
        return Finding(Part.DISK, Condition.DOWN, facts, Trouble.DISK_FULL, name)
    if share < FILLS_BELOW:
        return Finding(Part.DISK, Condition.POOR, facts, Trouble.DISK_FILLS, name)
    return Finding(Part.DISK, Condition.WELL, facts, name=name)


def softphones(sockets: int, *, switch_up: bool) -> Finding:
    """The way of pages that are telephones to the switch."""
    facts = (count("sockets", sockets),)
    if switch_up:
        return Finding(Part.SOFTPHONES, Condition.WELL, facts)
    return Finding(Part.SOFTPHONES, Condition.DOWN, facts, Trouble.SWITCH_AWAY)


def audit(owed: int) -> Finding:
    """The audit log, and what it is owed."""
    facts = (count("owed", owed),)
    if owed:
        return Finding(Part.AUDIT, Condition.POOR, facts, Trouble.AUDIT_OWES)
    return Finding(Part.AUDIT, Condition.WELL, facts)


def _poor_if(part: Part, facts: tuple[Fact, ...], troubles: Sequence[tuple[bool, Trouble]]) -> Finding:
    """Poor for the first trouble that there is."""
    trouble = next((trouble for there, trouble in troubles if there), None)
    return Finding(part, Condition.POOR if trouble else Condition.WELL, facts, trouble)
