"""The life of one call drawn over time: a fold over its DomainEvents into spans on lanes, and marks.

Instants are ``int`` milliseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from callcenter.domain import events as e


class Lane(StrEnum):
    """What goes on; several can at once."""

    FLOW = "flow"
    QUEUE = "queue"
    OFFER = "offer"
    TALK = "talk"
    HOLD = "hold"
    OUTSIDE = "outside"
    """A party outside: rung, or spoken with."""
    MESSAGE = "message"
    RECORDING = "recording"
    WRAP_UP = "wrap_up"


class MarkKind(StrEnum):
    """What happens in one moment."""

    ARRIVED = "arrived"
    RECOVERED = "recovered"
    """What is shown in front of it is what the legs of the call told."""
    LANGUAGE = "language"
    KEY = "key"
    """Which key is nobody's business."""
    SPOKEN = "spoken"
    LISTED = "listed"
    TRANSFERRED = "transferred"
    CALL_BACK_PROMISED = "call_back_promised"
    CALL_BACK_MISSED = "call_back_missed"
    SURVEY = "survey"
    DISPOSITION = "disposition"
    TICKET = "ticket"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when (None: still) on a lane. ``name`` is the node, queue, agent id or state; ``end`` how
    it ended, where there are several ways. ``offset_ms`` is where a stretch of the recording begins in its
    sound."""

    lane: Lane
    name: str
    began_at: int
    ended_at: int | None = None
    end: str = ""
    offset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment. ``name`` says more where it tells nothing personal."""

    kind: MarkKind
    at: int
    name: str = ""


@dataclass(slots=True)
class CallLife:
    """One call over time; spans in the order in which they began."""

    spans: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    ended_at: int | None = None


_SPEAKING = (Lane.TALK, Lane.MESSAGE)
ANSWERED = "answered"


def life_of(events: Iterable[e.DomainEvent]) -> CallLife:
    """The life that these events of one call tell, in their order."""
    fold = _Fold()
    for event in events:
        fold.apply(event)
    fold.life.spans += _recorded(fold.life, fold.recorded_from)
    fold.life.spans.sort(key=lambda span: span.began_at)
    return fold.life


class _Fold:
    def __init__(self) -> None:
        self.life = CallLife()
        self.recorded_from: int | None = None
        self._open: dict[tuple[Lane, str], int] = {}
        """The places, among the spans, of those that go on; by what ends them."""

    def apply(self, event: e.DomainEvent) -> None:
        match event:
            case e.CallArrived():
                self._mark(MarkKind.ARRIVED, event.at, event.did)
            case e.CallBackPromised():
                self._mark(MarkKind.CALL_BACK_PROMISED, event.at)
            case e.NodeEntered():
                self._close(Lane.FLOW, "", event.at)
                self._begin(Lane.FLOW, "", event.node, event.at)
            case e.CallQueued():
                self._close(Lane.FLOW, "", event.at)
                self._begin(Lane.QUEUE, "", event.queue, event.at)
            case e.QueueLeft():
                self._close(Lane.QUEUE, "", event.at, event.outcome.value)
            case e.CallEnded():
                self._ended(event)
            case _:
                self._apply_offer(event)
                self._apply_talk(event)
                self._apply_mark(event)

    def _apply_offer(self, event: e.DomainEvent) -> None:
        match event:
            case e.OfferMade():
                self._begin(Lane.OFFER, event.offer_id, event.agent_id, event.at)
            case e.OfferEnded():
                self._close(Lane.OFFER, event.offer_id, event.at, event.end)
            case e.WrapUpEnded():
                began_at = event.at - event.wrap_up_ms
                self.life.spans.append(Span(Lane.WRAP_UP, event.agent_id, began_at, event.at))
            case _:
                pass

    def _apply_talk(self, event: e.DomainEvent) -> None:
        match event:
            case e.AgentConnected():
                for lane in (Lane.FLOW, Lane.OUTSIDE):
                    self._close(lane, "", event.at)
                self._begin(Lane.TALK, "", event.agent_id, event.at)
            case e.AgentReleased():
                self._close(Lane.HOLD, "", event.at)
                self._close(Lane.TALK, "", event.at)
            case e.CallHeld():
                self._begin(Lane.HOLD, "", event.agent_id, event.at)
            case e.CallRetrieved():
                self._close(Lane.HOLD, "", event.at)
            case e.OutsideDialled() | e.CallBackDialled():
                self._begin(Lane.OUTSIDE, "", "dialled", event.at)
            case e.OutsideAnswered():
                self._close(Lane.OUTSIDE, "", event.at)
                self._begin(Lane.OUTSIDE, "", ANSWERED, event.at)
            case e.OutsideEnded() | e.CallBackMissed():
                self._close(Lane.OUTSIDE, "", event.at)
            case e.MessageBegan():
                self._begin(Lane.MESSAGE, "", "", event.at)
            case e.MessageEnded():
                self._close(Lane.MESSAGE, "", event.at)
            case e.RecordingBegan():
                self.recorded_from = event.at
            case _:
                pass

    def _apply_mark(self, event: e.DomainEvent) -> None:
        match event:
            case e.LanguageChosen():
                self._mark(MarkKind.LANGUAGE, event.at, event.language)
            case e.KeyPressed():
                self._mark(MarkKind.KEY, event.at)
            case e.ChoiceSpoken():
                self._mark(MarkKind.SPOKEN, event.at)
            case e.CallerListed():
                self._mark(MarkKind.LISTED, event.at, event.list)
            case e.CallRecovered():
                self._mark(MarkKind.RECOVERED, event.at)
            case e.CallTransferred():
                personal = event.kind is e.TransferKind.NUMBER
                self._mark(MarkKind.TRANSFERRED, event.at, "" if personal else event.target)
            case e.CallBackMissed():
                self._mark(MarkKind.CALL_BACK_MISSED, event.at, event.cause.value)
            case e.SurveyAnswered():
                self._mark(MarkKind.SURVEY, event.at, str(event.score))
            case e.DispositionGiven():
                self._mark(MarkKind.DISPOSITION, event.at, event.code)
            case e.TicketLinked():
                self._mark(MarkKind.TICKET, event.at, event.ticket_id)
            case _:
                pass

    def _ended(self, event: e.CallEnded) -> None:
        for lane, key in list(self._open):
            self._close(lane, key, event.at)
        self._mark(MarkKind.ENDED, event.at, event.by.value)
        self.life.ended_at = event.at

    def _begin(self, lane: Lane, key: str, name: str, at: int) -> None:
        self._close(lane, key, at)
        self._open[lane, key] = len(self.life.spans)
        self.life.spans.append(Span(lane, name, at))

    def _close(self, lane: Lane, key: str, at: int, end: str = "") -> None:
        place = self._open.pop((lane, key), None)
        if place is not None:
            self.life.spans[place] = replace(self.life.spans[place], ended_at=at, end=end)

    def _mark(self, kind: MarkKind, at: int, name: str = "") -> None:
        self.life.marks.append(Mark(kind, at, name))


def _recorded(life: CallLife, since: int | None) -> list[Span]:
    """The stretches that lie one behind the other in the recording: whenever somebody spoke with the caller,
    or took a message, since it began."""
    stretches: list[Span] = []
    offset_ms = 0
    for span in life.spans:
        speaking = span.lane in _SPEAKING or (span.lane is Lane.OUTSIDE and span.name == ANSWERED)
        if since is None or not speaking or (span.ended_at is not None and span.ended_at <= since):
            continue
        began_at = max(since, span.began_at)
        stretches.append(Span(Lane.RECORDING, "", began_at, span.ended_at, offset_ms=offset_ms))
        offset_ms += (span.ended_at or began_at) - began_at
    return stretches
