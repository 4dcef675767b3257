"""Runs cases in virtual time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from ivr_flows.calendars import Calendar
from ivr_flows.effects import LookUpOutcome, QueueOutcome, TakeFault, TransferEnd
from ivr_flows.facts import CallFacts
from ivr_flows.model import Flow
from ivr_flows.rehearsal import (
    KEY_MS,
    LookUpAnswer,
    OutsideParty,
    QueueStay,
    Rehearsal,
    Script,
    Step,
    TicketAnswer,
    rehearse,
)
from ivr_flows.testing.differences import differences
from ivr_flows.testing.loader import Casebook
from ivr_flows.testing.model import (
    GOOD,
    NEVER,
    AnswerWritten,
    Case,
    Day,
    Given,
    LookUpWritten,
    PartyWritten,
    StayWritten,
    StepWritten,
)
from located_yaml import Mistake, Path

OPEN: Final = Calendar.model_validate({"weekly": {"mon-sun": ["00:00-24:00"]}})
CLOSED: Final = Calendar.model_validate({"weekly": {}})
TEXT_SEC: Final = 3.0
LONG_MS: Final = 7 * 86_400_000
"""When every call is long over."""


@dataclass(frozen=True, slots=True)
class CalledNumber:
    """What a number brings along: the language of its callers, and calendars that mean others here."""

    language: str = ""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """The centre around the flows, as far as cases do not say otherwise."""

    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    numbers: Mapping[str, CalledNumber] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case that was run. ``failures`` are told at the lines of what was expected; none: it passed.
    ``rehearsal`` is None of a case that was skipped."""

    flow: Flow
    name: str
    file: str
    line: int
    rehearsal: Rehearsal | None
    failures: tuple[Mistake, ...] = ()


def run_casebook(book: Casebook, around: Around = Around()) -> Iterator[CaseResult]:
    """Every case of the file, in its order."""
    for name, case in book.content.cases.items():
        here: Path = ("cases", name)
        line, _ = book.source.position(here, key=True)
        if case.skip:
            yield CaseResult(book.flow, name, book.source.file, line, None)
            continue
        done = play(book.flow, case, book.content.usually, around)
        told = [book.source.mistake((*here, *path), what) for path, what in differences(case, done)]
        yield CaseResult(book.flow, name, book.source.file, line, done, tuple(told))


def play(flow: Flow, case: Case, usually: Given, around: Around) -> Rehearsal:
    """What the call of the case comes to."""
    given = _together(case, usually)
    zone = ZoneInfo(flow.content.time_zone)
    assert given.at is not None, "the loader asks for it"
    at = round(given.at.replace(tzinfo=zone).timestamp() * 1000)
    number = around.numbers.get(given.called or "", CalledNumber())
    calendars = {**around.calendars, **number.calendars}
    for name, day in given.calendars.items():
        calendars[name] = _calendar(day, calendars.get(name), given.at.date())
    facts = CallFacts(
        caller=given.caller or "",
        did=given.called or "",
        trunk=given.trunk or "",
        language=given.language or number.language,
        variables=given.variables,
        lists=frozenset(given.lists or ()),
    )
    return rehearse(flow, _script(case, given), facts, calendars, at)


def _together(case: Case, usually: Given) -> Given:
    """What the case gives, and what it leaves to ``usually``."""
    merged: dict[str, Any] = {}
    for name in Given.model_fields:
        own, other = getattr(case, name), getattr(usually, name)
        both = isinstance(own, Mapping) and isinstance(other, Mapping)
        merged[name] = {**other, **own} if both else (other if own is None else own)
    return Given.model_construct(**merged)


def _calendar(day: Day | Calendar, usual: Calendar | None, today: date) -> Calendar:
    if isinstance(day, Calendar):
        return day
    if day == "open":
        return OPEN
    if day == "closed" or usual is None:
        return CLOSED
    others = {name: getattr(usual, name) for name in ("make_up_days", "special_days")}
    kept = {name: {d: what for d, what in days.items() if d != today} for name, days in others.items()}
    return usual.model_copy(update={**kept, "holidays": usual.holidays | {today}})


# --- what the call meets -----------------------------------------------------------------------------------


def _script(case: Case, given: Given) -> Script:
    text_ms = milliseconds(given.text_sec or TEXT_SEC)
    return Script(
        steps=[_step(step) for step in case.steps],
        queue=[_stay(stay) for stay in given.queues or ()] or (QueueStay(None),),
        tickets=_answers(given.tickets),
        outside=[_party(party) for party in given.outside or ()] or (OutsideParty(None),),
        takes=[None if take == GOOD else TakeFault(take) for take in given.takes or ()] or (None,),
        keeps=given.keeps or (True,),
        failed_texts=frozenset(given.no_prompts),
        text_ms=lambda _: text_ms,
        look_ups={name: [_look_up(one) for one in answers] for name, answers in given.look_ups.items()},
        deaf=given.recognition == "unavailable",
    )


def _step(step: StepWritten) -> Step:
    usual_ms = 0 if step.at_sec is not None or step.silent_sec is not None else KEY_MS
    after_ms = usual_ms if step.after_sec is None else milliseconds(step.after_sec)
    return Step(
        keys=step.press or "",
        says=step.say or "",
        confidence=1.0 if step.confidence is None else step.confidence,
        hangs_up=bool(step.hang_up),
        node=step.at or "",
        heard=step.heard or "",
        at_ms=None if step.at_sec is None else milliseconds(step.at_sec),
        after_ms=after_ms + milliseconds(step.silent_sec or 0),
    )


def _stay(stay: StayWritten) -> QueueStay:
    return QueueStay(None if stay.ends == NEVER else QueueOutcome(stay.ends), milliseconds(stay.after_sec))


def _party(party: PartyWritten) -> OutsideParty:
    return OutsideParty(
        None if party.ends == NEVER else TransferEnd(party.ends), milliseconds(party.after_sec)
    )


def _answers(written: Sequence[AnswerWritten] | None) -> Sequence[TicketAnswer]:
    """A ticket that is silent is answered when every call is long over."""
    if written is None:
        return (TicketAnswer("T-1"),)
    return [
        TicketAnswer(
            None if answer.answer == "refused" else f"T-{i}",
            LONG_MS if answer.answer == "silent" else milliseconds(answer.after_sec),
        )
        for i, answer in enumerate(written, start=1)
    ]


def _look_up(written: LookUpWritten) -> LookUpAnswer:
    if written.found is not None:
        return LookUpAnswer(LookUpOutcome.FOUND, written.found, milliseconds(written.after_sec))
    if written.answer is None or written.answer == "silent":
        return LookUpAnswer(LookUpOutcome.FAILED, after_ms=LONG_MS)
    return LookUpAnswer(LookUpOutcome(written.answer), after_ms=milliseconds(written.after_sec))


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
