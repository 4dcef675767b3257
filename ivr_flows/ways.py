"""Which way a call took out of a node: told by where it went, and by what had happened when several ways lead
there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ivr_flows.calendars import Calendar
from ivr_flows.check import ways_of
from ivr_flows.effects import (
    DeadlineReached,
    DigitReceived,
    FlowEvent,
    LeftByKey,
    LookUpDone,
    LookUpOutcome,
    NodeEntered,
    PlayEnded,
    PromptKept,
    QueueLeft,
    SpeechHeard,
    SpeechUnavailable,
    TakeDone,
    TakeFault,
    TicketDone,
    TransferEnd,
    TransferEnded,
)
from ivr_flows.facts import CallFacts
from ivr_flows.interpreter.checkpoint import restore
from ivr_flows.interpreter.state import SessionState
from ivr_flows.interpreter.transferring import END_OF
from ivr_flows.model import (
    BranchNode,
    CallerListNode,
    CollectNode,
    Flow,
    HearNode,
    HoursNode,
    KeepNode,
    ListenNode,
    LookUpNode,
    MenuNode,
    Node,
    PlayNode,
    SubflowNode,
    SurveyNode,
    TransferNode,
    Way,
)
from ivr_flows.sealing import Seal
from ivr_flows.understanding import understood

SEAL: Final = Seal(b"that of no installation")
"""What is sensitive in a call that is followed is sealed with it."""


class WayFinder:
    """Follows one call: is told every event before the session is, then every node that was entered.

    It guesses nothing that the flow does not say: a step that is no way of the flow (after a restart, say) is
    answered with None. The session has the seal ``SEAL``.
    """

    def __init__(self, flow: Flow, facts: CallFacts, calendars: Mapping[str, Calendar]) -> None:
        self._flow = flow
        self._facts = facts
        self._calendars = calendars
        self._language = facts.language
        self._node = ""
        self._event: FlowEvent | None = None
        self._typed = ""
        self._answer = ""

    def told(self, event: FlowEvent) -> None:
        """What the session is told next."""
        self._event = event
        if isinstance(event, DigitReceived):
            self._typed += event.digit
        elif isinstance(event, LookUpDone):
            self._answer = event.outcome.value

    def speaks(self, language: str) -> None:
        """The caller is spoken to in another language."""
        self._language = language

    def waits(self) -> None:
        """The call stays in its node and words are heard: keys from before do not count any more."""
        self._typed = ""

    def entered(self, here: NodeEntered, now: int) -> tuple[str, Way] | None:
        """The node that was left for this one of the flow, and the way that was taken. The ways within a
        sub-flow are no ways of this flow, which stays at its node meanwhile."""
        if here.flow != self._flow.name:
            return None
        left, self._node = self._node, here.node
        event, self._event = self._event, None
        answer, self._answer = self._answer, ""
        node = self._flow.nodes.get(left)
        if node is None:
            return None
        pressed = self._typed[:1] if isinstance(node, MenuNode | PlayNode) else ""
        if isinstance(node, MenuNode):
            self._typed = self._typed[1:]
        ways = [way for way in ways_of(self._flow, node) if way.target == here.node]
        if len(ways) > 1 and isinstance(node, BranchNode):
            holding = self._holding(node, here, now)
            ways.sort(key=lambda way: way.word != holding)
        elif len(ways) > 1:
            likely = self._words(left, event, pressed, answer, now)
            ways.sort(key=lambda way: likely.index(way.word) if way.word in likely else len(likely))
        return (left, ways[0]) if ways else None

    def _words(self, name: str, event: FlowEvent | None, pressed: str, answer: str, now: int) -> list[str]:
        """The words of the ways that what happened may mean, the likeliest first."""
        node = self._flow.nodes[name]
        if words := _answered(node, event):
            return words
        match node, event:
            case MenuNode() | ListenNode(), _:
                return self._choices(node, event, pressed)
            case PlayNode() | SubflowNode(), DigitReceived(digit=digit) if digit == self._human_key:
                return ["human", "next"]
            case CollectNode(), _:
                unsaid = isinstance(event, DeadlineReached) and not self._typed
                return ["no_input"] if unsaid else ["next", "no_match", "no_input"]
            case LookUpNode(), _:
                found = "next" if answer == LookUpOutcome.FOUND else answer or "failed"
                return ["human" if isinstance(event, DigitReceived) else found]
            case CallerListNode(), _:
                return [*(name for name in node.caller_list if name in self._facts.lists), "otherwise"]
            case HoursNode(), _:
                calendar = self._calendars.get(node.hours)
                return ["open" if calendar is None or calendar.is_open(now) else "closed"]
            case _, DeadlineReached():
                return ["timeout", "failed", "next"]
        return ["next"]

    def _holding(self, node: BranchNode, following: NodeEntered, now: int) -> str:
        """The word of the case that held: a branch leaves everything as it found it for the node after."""
        state = SessionState(self._flow, self._facts, self._calendars, "", SEAL)
        restore(state, following.checkpoint)
        holding = (
            case.when.text for case in node.branch if case.when.holds(state.values(case.when.names, now))
        )
        return next(holding, "otherwise")

    @property
    def _human_key(self) -> str | None:
        human = self._flow.content.human
        return human.key if human else None

    def _choices(self, node: MenuNode | ListenNode, event: FlowEvent | None, pressed: str) -> list[str]:
        """The words of what a caller who was asked may have chosen, by a key or by speech."""
        match node, event:
            case _, SpeechHeard(words=words):
                meant = understood(words, node.spoken(self._language), self._language)
                pressed = meant.choice if meant and meant.confidence >= node.min_confidence else "next"
                chosen = [pressed]
            case _, DeadlineReached():
                return ["no_input"]
            case ListenNode(), DigitReceived(digit=pressed):
                chosen = [name for name, choice in node.choices.items() if choice.key == pressed]
            case ListenNode(), SpeechUnavailable():
                return ["unavailable"]
            case ListenNode(), _:
                return ["next"]
            case _:
                chosen = [pressed]
        return [*chosen, *(["human"] if pressed == self._human_key else []), "no_match"]


def _answered(node: Node, event: FlowEvent | None) -> list[str]:
    """The words of the ways out of a node that waits for an answer, where the answer names them."""
    match node, event:
        case TransferNode(), QueueLeft(outcome=outcome):
            return [_word(END_OF[outcome])]
        case TransferNode(), TransferEnded(end=end):
            return [_word(end)]
        case TransferNode(), DeadlineReached():
            return [_word(TransferEnd.NO_ANSWER)]
        case SurveyNode(), DeadlineReached():
            return ["no_answer"]
        case _, QueueLeft(outcome=outcome):
            return [outcome.value]
        case _, LeftByKey(digit=digit):
            return [digit]
        case _, TicketDone(ticket_id=None):
            return ["failed", "next"]
        case _, TakeDone(fault=TakeFault() as fault):
            return [fault.value]
        case HearNode(), PlayEnded(failed=True):
            return ["missing"]
        case KeepNode(), PromptKept(kept=kept):
            return ["next" if kept else "failed"]
    return []


def _word(end: TransferEnd) -> str:
    """The way of this end, as a transfer calls it."""
    return "next" if end is TransferEnd.DONE else end.value
