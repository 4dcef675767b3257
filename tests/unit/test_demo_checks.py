"""The demo's checks: a call that is as it should be passes, and each thing that is not is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callcenter.demo import checks
from callcenter.demo.evidence import Evidence, SoundFile, fold
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Outcome, Plot, Side, stories
from callcenter.domain import events as e
from callcenter.domain.kpi import KpiPolicy
from callcenter.domain.kpi_catalogue import queue_figures, total_figures
from callcenter.phones import PhoneCall
from callcenter.phones.protocol import Disconnected, EndedBy

CALL = "c1"
SAID = {Side.CALLER: "路灯坏了", Side.AGENT: "您好"}


class Stage:
    """One story as it was played, and the journal of the centre, both ready to be bent."""

    def __init__(self, plot: Plot = Plot.CONSULTATION) -> None:
        story = next(story for story in stories(12, 1) if story.plot is plot)
        self.scene = Scene(story, connections=1, offers=1, heard_dbfs=-25.0)
        for side, text in SAID.items():
            self.scene.said[side].append(text)
        self.scene.call = _phone_call(EndedBy.LOCAL)
        self.events = _answered_call(story.caller)
        self.file: SoundFile | None = SoundFile(Path("r.wav"), "abc", (-23.0, -24.0))
        self.ticket: dict[str, Any] | None = {"call_ids": [CALL]}
        self.orphans = 0

    def without(self, *kinds: type) -> None:
        """These events never happened."""
        self.events = [event for event in self.events if not isinstance(event, kinds)]

    def evidence(self) -> Evidence:
        """What the centre tells of it."""
        found = fold(self.events, KpiPolicy({}))
        assert found.board is not None
        figures = {"total": total_figures(found.board, 0)} | {
            name: queue_figures(tally, 0) for name, tally in found.board.queues.items()
        }
        found.kpi = [
            {"scope": scope, "key": figure.key, "value": figure.value}
            for scope, shown in figures.items()
            for figure in shown
        ]
        for call in found.all_calls():
            found.records[call.call_id] = {
                "outcome": call.outcome,
                "queue": call.queue,
                "wait_ms": call.wait_ms,
                "talk_ms": call.talk_ms,
                "flow_path": call.path,
                "ticket_id": call.ticket_id,
            }
            found.files[call.call_id] = self.file
            if call.ticket_id is not None:
                found.tickets[call.ticket_id] = self.ticket
        return found

    def problems(self) -> set[str]:
        """The names of the checks that do not hold."""
        return {found.check for found in checks.problems([self.scene], self.evidence(), self.orphans)}


def _phone_call(by: EndedBy) -> PhoneCall:
    async def nothing(_: object) -> int:
        return 0

    call = PhoneCall(nothing, "out-1")
    call.apply(Disconnected(9_000, "out-1", 200, "", by))
    return call


def _answered_call(caller: str) -> list[e.DomainEvent]:
    recording = "r1"
    heard = [
        e.TranscriptStored(9_500, CALL, recording, leg, "zh", "whisper", "base", text, [])
        for leg, text in (("caller", SAID[Side.CALLER]), ("agent", SAID[Side.AGENT]))
    ]
    return [
        e.CallArrived(1_000, CALL, "leg", "city", "12345", caller, caller, "", False, "zh", "hotline"),
        e.NodeEntered(1_000, CALL, "hotline", "v", "menu"),
        e.CallQueued(2_000, CALL, "general", 2_000, 0),
        e.OfferMade(2_100, CALL, "o1", "general", "1001", "a-o1", {"why": "idle"}),
        e.OfferEnded(2_500, CALL, "o1", "general", "1001", "accepted"),
        e.QueueLeft(2_500, CALL, "general", e.QueueOutcome.ANSWERED, 500),
        e.AgentConnected(2_500, CALL, "1001", "a-o1", "general"),
        e.RecordingBegan(2_500, CALL, recording, "stem", False),
        e.TicketAsked(2_500, CALL, "consultation", "", "general"),
        e.TicketLinked(2_600, CALL, "T1", True),
        e.AgentReleased(9_000, CALL, "1001", "general", 6_500, 0),
        e.CallEnded(9_000, CALL, e.EndedBy.CALLER, "hung_up"),
        e.RecordingStored(9_100, CALL, recording, "r.wav", "abc", 6_500, 8_000, (-23.0, -24.0)),
        *heard,
        e.CallSettled(9_600, CALL),
    ]


def test_a_call_as_it_should_be_has_no_problem() -> None:
    """Nothing is found where nothing is wrong, and the report holds what was said and heard."""
    stage = Stage()
    assert stage.problems() == set()
    found = stage.evidence()
    assert checks.identity_ok(found)
    assert checks.lost(stage.scene, found) is None
    (report,) = checks.call_reports(stage.scene, found)
    assert (report.queue, report.outcome, report.wait_ms, report.talk_ms) == (
        "general",
        "answered",
        500,
        6_500,
    )
    assert [(said.leg, said.reference, said.cer) for said in report.transcripts] == [
        ("caller", "路灯坏了", 0.0),
        ("agent", "您好", 0.0),
    ]
    assert report.decisions == [{"why": "idle"}]
    assert report.recording is not None
    assert report.recording.channel_rms_dbfs == (-23.0, -24.0)


def _replaced(kind: type, **changes: Any) -> Callable[[Stage], object]:
    def change(stage: Stage) -> None:
        stage.events = [
            replace(event, **changes) if isinstance(event, kind) else event for event in stage.events
        ]

    return change


def _unheard(leg: str) -> Callable[[Stage], object]:
    def change(stage: Stage) -> None:
        missing = e.TranscriptMissing(9_500, CALL, "r1", leg, "no model")
        stage.events = [
            missing if isinstance(event, e.TranscriptStored) and event.leg == leg else event
            for event in stage.events
        ]

    return change


WRONG: Sequence[tuple[str, Callable[[Stage], object], set[str]]] = [
    ("the centre never saw it", lambda s: s.events.clear(), {"lost call"}),
    ("the centre ended it", _replaced(e.CallEnded, by=e.EndedBy.SYSTEM), {"lost call"}),
    ("the phone was cut off", lambda s: setattr(s.scene, "call", _phone_call(EndedBy.REMOTE)), {"lost call"}),
    ("no recording", lambda s: setattr(s, "file", None), {"recording"}),
    (
        "the agent cannot be heard",
        lambda s: setattr(s, "file", SoundFile(Path("r.wav"), "abc", (-20.0, -70.0))),
        {"recording"},
    ),
    (
        "another file",
        lambda s: setattr(s, "file", SoundFile(Path("r.wav"), "abd", (-20.0, -20.0))),
        {"recording"},
    ),
    (
        "one channel",
        lambda s: setattr(s, "file", SoundFile(Path("r.wav"), "abc", (-20.0,))),
        {"recording"},
    ),
    ("wideband on a narrow line", _replaced(e.RecordingStored, sample_rate=16_000), {"recording"}),
    ("no transcript of the caller", _unheard("caller"), {"transcript"}),
    ("no transcript of the agent", _unheard("agent"), {"transcript"}),
    ("nobody knows who heard it", _replaced(e.TranscriptStored, engine=""), {"transcript"}),
    ("no word was heard", _replaced(e.TranscriptStored, text="。"), {"transcript"}),
    ("no ticket", lambda s: s.without(e.TicketLinked), {"ticket", "after-work"}),
    ("a ticket that does not exist", lambda s: setattr(s, "ticket", None), {"ticket"}),
    ("a ticket of another call", lambda s: setattr(s, "ticket", {"call_ids": ["c2"]}), {"ticket"}),
    ("a fault on the phones", lambda s: s.scene.faults.append("the line fell silent"), {"story"}),
    ("the caller heard nothing", lambda s: setattr(s.scene, "heard_dbfs", -90.0), {"sound"}),
    ("channels left over", lambda s: setattr(s, "orphans", 2), {"orphan legs"}),
]


@pytest.mark.parametrize(
    ("change", "found"), [(change, found) for _, change, found in WRONG], ids=[w[0] for w in WRONG]
)
def test_what_is_wrong_is_named(change: Callable[[Stage], object], found: set[str]) -> None:
    """Each thing that can be wrong is found, and nothing else is blamed for it."""
    stage = Stage()
    change(stage)
    assert stage.problems() == found


def test_a_ticket_twice_is_found() -> None:
    """A ticket is linked exactly once."""
    stage = Stage()
    link = next(event for event in stage.events if isinstance(event, e.TicketLinked))
    stage.events.insert(stage.events.index(link), link)
    assert stage.problems() == {"ticket"}


def test_a_call_counted_twice_is_found() -> None:
    """One placed call is one call of the centre."""
    stage = Stage()
    arrival = stage.events[0]
    assert isinstance(arrival, e.CallArrived)
    again = e.CallEnded(9_900, "c2", e.EndedBy.CALLER, "hung_up")
    stage.events += [replace(arrival, call_id="c2"), again]
    assert "counted once" in stage.problems()


def test_an_impossible_event_is_found() -> None:
    """A journal that tells of something that cannot happen is not believed."""
    stage = Stage()
    stage.events.append(e.CallHeld(9_900, CALL, "1001"))
    assert "journal" in stage.problems()


def test_live_figures_that_differ_break_the_identity() -> None:
    """The figures on the page must be those of the journal."""
    stage = Stage()
    found = stage.evidence()
    figure = next(figure for figure in found.kpi if figure["key"] == "answered")
    figure["value"] += 1
    assert not checks.identity_ok(found)
    assert {problem.check for problem in checks.problems([stage.scene], found, 0)} == {"identity"}


def test_a_call_that_still_waits_breaks_the_identity() -> None:
    """When everybody has hung up, nobody may count as waiting."""
    stage = Stage()
    stage.events = stage.events[:3]
    assert not checks.identity_ok(stage.evidence())


def test_a_record_that_differs_is_found() -> None:
    """Who asks the API for a call must be told what the journal says."""
    stage = Stage()
    found = stage.evidence()
    found.records[CALL] = {**(found.records[CALL] or {}), "wait_ms": 1}
    assert {problem.check for problem in checks.problems([stage.scene], found, 0)} == {"record"}


@pytest.mark.parametrize(
    ("plot", "expected"),
    [
        (Plot.GIVES_UP, "outcome"),
        (Plot.OUTSIDE_HOURS, "outcome"),
        (Plot.LEAVES_MENU, "outcome"),
        (Plot.TRANSFER, "transfer"),
        (Plot.DECLINED, "next agent"),
        (Plot.UNANSWERED, "next agent"),
    ],
)
def test_a_story_that_went_otherwise_is_found(plot: Plot, expected: str) -> None:
    """A plain answered call is not what these callers meant."""
    assert expected in Stage(plot).problems()


def test_a_call_back_that_was_not_asked_for_or_never_came_is_found() -> None:
    """Whoever meant to be called back must have talked with an agent in the end, and nobody else."""
    stage = Stage()
    number = stage.scene.story.caller
    back = e.CallBackPromised(
        9_000, "c1.b1", CALL, number, "", "city", "12345", "zh", "hotline", "general", 2_000, 0, 2**40
    )
    stage.events += [back, e.CallEnded(9_700, "c1.b1", e.EndedBy.SYSTEM, "unreached")]
    told = [found.told for found in checks.problems([stage.scene], stage.evidence(), 0)]
    assert "was promised to who did not ask for it" in told
    assert "did not come about: unreached" in told
    assert "the centre ended it: unreached" in told
    assert "counted once" not in stage.problems()
    stage.scene.story = replace(stage.scene.story, outcome=Outcome.CALLED_BACK)
    stage.without(e.CallBackPromised)
    assert "call-back" in stage.problems()


def test_an_agent_who_said_nothing_needs_no_transcript() -> None:
    """Where nobody spoke, nothing has to be heard."""
    stage = Stage()
    stage.scene.said[Side.AGENT].clear()
    _unheard("agent")(stage)
    assert stage.problems() == set()
