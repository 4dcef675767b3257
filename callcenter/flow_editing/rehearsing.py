"""The flows' own tests, run in virtual time against the flows as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.settings import Settings
from callcenter.settings.model import NumberSection
from ivr_flows.model import Flow
from ivr_flows.testing.coverage import Coverage, coverage_of
from ivr_flows.testing.loader import load_casebooks
from ivr_flows.testing.run import Around, CalledNumber, CaseResult, run_casebook


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of each case, and how much of each flow they went through together."""

    results: list[CaseResult]
    coverages: list[Coverage]


def rehearsed(
    settings: Settings, flows: Mapping[str, Flow], tests: Mapping[str, str | bytes], *, untested: bool
) -> Rehearsed:
    """Run the tests of these sources by file name. ``untested``: the coverage of flows without any test is
    told, too. Raises Mistakes of the tests."""
    books = load_casebooks(tests, flows)
    results = [result for book in books for result in run_casebook(book, around(settings))]
    asked = [flow for flow in flows.values() if untested or any(book.flow is flow for book in books)]
    coverages = [
        coverage_of(flow, [r.rehearsal for r in results if r.flow is flow and r.rehearsal]) for flow in asked
    ]
    return Rehearsed(results, coverages)


def around(settings: Settings) -> Around:
    """The centre's calendars, and what its numbers bring along."""

    def called(number: NumberSection) -> CalledNumber:
        renamed = {name: settings.calendars[other] for name, other in number.calendars.items()}
        return CalledNumber(number.language, renamed)

    return Around(settings.calendars, {did: called(number) for did, number in settings.numbers.items()})
