"""One caller's way through a flow.

A FlowSession is told what happened and answers what to do; it waits only where ``next_deadline`` (or, in a
queue, the queue itself) bounds the wait. Whatever it is told, in whatever order, it never raises or loops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from ivr_flows import phases
from ivr_flows.calendars import Calendar
from ivr_flows.effects import (
    BEEP,
    AskTicket,
    BeginMessage,
    DeadlineReached,
    DigitReceived,
    EndCall,
    EndMessage,
    EnterQueue,
    FlowEffect,
    FlowEvent,
    LanguageChosen,
    NodeEntered,
    PlayEnded,
    PlayPrompts,
    PromptText,
    QueueLeft,
    StopPrompts,
    TicketDone,
)
from ivr_flows.facts import CallFacts, condition_values
from ivr_flows.model import (
    DIGITS,
    BranchNode,
    Flow,
    HangUpNode,
    HoursNode,
    LanguageNode,
    MenuNode,
    Node,
    PlayNode,
    QueueNode,
    Texts,
    TicketNode,
    VoicemailNode,
)
from ivr_flows.phases import MAX_NODES, Phase

__all__ = ["MAX_NODES", "CallFacts", "FlowSession", "Phase"]

AnyNode = TypeVar("AnyNode", bound=Node)


class FlowSession:
    """Call ``start`` once, then ``handle`` for each event, and carry out the effects in order.

    Tell DeadlineReached when the instant of ``next_deadline`` (ask after every call) has come. After EndCall
    nothing is asked any more.
    """

    __slots__ = (
        "_attempts",
        "_calendars",
        "_deadline",
        "_effects",
        "_facts",
        "_flow",
        "_language",
        "_node",
        "_path",
        "_phase",
        "_plays",
        "_started_at",
        "_token",
        "_typed",
    )

    def __init__(self, flow: Flow, facts: CallFacts, calendars: Mapping[str, Calendar]) -> None:
        self._flow = flow
        self._facts = facts
        self._calendars = calendars
        offered = flow.content.languages
        self._language = facts.language if facts.language in offered else offered[0]
        self._phase = Phase.START
        self._node = ""
        self._path: list[str] = []
        self._deadline: int | None = None
        self._token = ""
        self._plays = 0
        self._started_at = 0
        self._attempts = 0
        self._typed = ""
        self._effects: list[FlowEffect] = []

    @classmethod
    def resumed(
        cls,
        flow: Flow,
        facts: CallFacts,
        calendars: Mapping[str, Calendar],
        checkpoint: Mapping[str, Any],
        parked: bool = False,
    ) -> FlowSession:
        """The session of a checkpoint; ``start`` enters its node anew (a menu is heard again from its start).

        ``parked``: the call is still in its queue (or with an agent), so ``start`` asks nothing and QueueLeft
        takes it up. A node that this version of the flow lacks begins at the start.
        """
        session = cls(flow, facts, calendars)
        if checkpoint.get("language") in flow.content.languages:
            session._language = checkpoint["language"]
        if checkpoint.get("node") in flow.nodes:
            session._node = checkpoint["node"]
            session._path = [str(node) for node in checkpoint.get("path", ())]
        if parked:
            session._phase = Phase.QUEUED
        return session

    @property
    def path(self) -> tuple[str, ...]:
        """The nodes entered so far (after ``resumed``, those that the checkpoint still named)."""
        return tuple(self._path)

    @property
    def phase(self) -> Phase:
        """What the session waits for."""
        return self._phase

    @property
    def language(self) -> str:
        """The language the caller is spoken to in."""
        return self._language

    def next_deadline(self) -> int | None:
        """When DeadlineReached is due; None while nothing of the session's own is awaited."""
        return self._deadline

    def checkpoint(self) -> dict[str, Any]:
        """What ``resumed`` needs; plain JSON without personal data."""
        return {
            "flow": self._flow.name,
            "version": self._flow.version,
            "node": self._node,
            "language": self._language,
            "path": self._path[-phases.PATH_IN_CHECKPOINT :],
        }

    def start(self, now: int) -> list[FlowEffect]:
        """Enter the first node (or the node of the checkpoint)."""
        self._started_at = now
        if self._phase is not Phase.START:
            return []
        again = self._flow.nodes.get(self._node)
        self._go(self._run(again, now) if again else self._flow.content.start, now)
        return self._take_effects()

    def handle(self, event: FlowEvent, now: int) -> list[FlowEffect]:
        """What to do about the event; [] for one that comes too late or to nobody."""
        early = isinstance(event, DeadlineReached) and (self._deadline is None or now < self._deadline)
        not_a_key = isinstance(event, DigitReceived) and event.digit not in DIGITS
        act = _TABLE.get((self._phase, type(event)))
        if act is not None and not early and not not_a_key:
            act(self, event, now)
        return self._take_effects()

    def _take_effects(self) -> list[FlowEffect]:
        effects, self._effects = self._effects, []
        return effects

    # --- entering nodes ------------------------------------------------------------------------------------

    def _go(self, target: str | None, now: int) -> None:
        """Enter the node, and on through all nodes that do not wait; None: the session already waits."""
        following = target
        for _ in range(phases.MAX_INSTANT_NODES):
            if following is None:
                return
            if len(self._path) >= MAX_NODES:
                break
            self._node = following
            self._path.append(following)
            self._effects.append(NodeEntered(self._flow.name, self._flow.version, following))
            following = self._run(self._flow.nodes[following], now)
        if following is not None:
            self._end("error")

    def _run(self, node: Node, now: int) -> str | None:
        """Do what the node says; the next node, or None when the session now waits or is over."""
        match node:
            case PlayNode():
                return self._run_play(node, now)
            case MenuNode():
                return self._run_menu(node, now)
            case HoursNode():
                calendar = self._calendars.get(node.hours)
                # A calendar that was taken away must not lock callers out: the queue knows who is there.
                return node.open if calendar is None or calendar.is_open(now) else node.closed
            case BranchNode():
                values = condition_values(self._facts, self._flow.content, self._language, now)
                return next((c.next for c in node.branch if c.when.holds(values)), node.otherwise)
            case LanguageNode():
                self._language = node.language
                self._effects.append(LanguageChosen(node.language))
                return node.next
            case QueueNode():
                self._typed = ""
                self._wait(Phase.QUEUED, None)
                self._effects.append(EnterQueue(node.queue, node.priority, dict(node.skills)))
            case TicketNode():
                self._wait(Phase.TICKETING, now + node.timeout_sec * 1000)
                self._effects.append(AskTicket(node.ticket, node.text))
            case VoicemailNode():
                self._typed = ""
                invitation = PromptText(node.voicemail[self._language], self._language)
                self._play_prompts(Phase.ANNOUNCING, now, [invitation, BEEP])
            case HangUpNode():
                self._end(node.hang_up)
        return None

    def _run_play(self, node: PlayNode, now: int) -> str | None:
        if not node.barge_in:
            self._typed = ""
        elif self._typed:
            return node.next
        self._play(Phase.PLAYING, now, node.speak_in or self._language, node.play)
        return None

    def _run_menu(self, node: MenuNode, now: int) -> str | None:
        self._attempts = 0
        if self._typed and node.barge_in:
            digit, self._typed = self._typed[0], self._typed[1:]
            return self._choose(node, digit, now)
        self._typed = ""
        self._play(Phase.PROMPTING, now, self._language, node.menu)
        return None

    def _play(self, phase: Phase, now: int, language: str, *parts: Texts) -> None:
        self._play_prompts(phase, now, [PromptText(part[language], language) for part in parts])

    def _play_prompts(self, phase: Phase, now: int, prompts: Sequence[PromptText]) -> None:
        self._plays += 1
        self._token = f"{self._started_at}-{self._plays}"
        length_ms = phases.PLAY_BASE_MS + phases.PLAY_CHARACTER_MS * sum(
            len(prompt.text) for prompt in prompts
        )
        self._wait(phase, now + length_ms)
        self._effects.append(PlayPrompts(self._token, tuple(prompts)))

    def _stop_play(self) -> None:
        self._effects.append(StopPrompts(self._token))

    def _wait(self, phase: Phase, deadline: int | None) -> None:
        self._phase = phase
        self._deadline = deadline

    def _end(self, reason: str) -> None:
        self._wait(Phase.ENDED, None)
        self._effects.append(EndCall(reason))

    # --- what happens at a node ----------------------------------------------------------------------------

    def _digit_before_start(self, event: DigitReceived, now: int) -> None:
        """Pressed while no controller was there: kept for the node that a resumed session enters again."""
        self._typed = (self._typed + event.digit)[: phases.MAX_TYPED_AHEAD]

    def _digit_while_playing(self, event: DigitReceived, now: int) -> None:
        node = self._node_of(PlayNode)
        if human := self._human_way(node, event.digit):
            self._stop_play()
            self._go(human, now)
        elif node.barge_in:
            self._stop_play()
            self._typed = (self._typed + event.digit)[: phases.MAX_TYPED_AHEAD]
            self._go(node.next, now)

    def _play_ended(self, event: PlayEnded, now: int) -> None:
        if event.token == self._token:
            self._go(self._node_of(PlayNode).next, now)

    def _play_overdue(self, _: DeadlineReached, now: int) -> None:
        self._stop_play()
        self._go(self._node_of(PlayNode).next, now)

    def _digit_while_prompting(self, event: DigitReceived, now: int) -> None:
        node = self._node_of(MenuNode)
        if node.barge_in or self._human_way(node, event.digit):
            self._stop_play()
            self._digit_chosen(event, now)

    def _prompt_ended(self, event: PlayEnded, now: int) -> None:
        if event.token == self._token:
            self._listen(now)

    def _prompt_overdue(self, _: DeadlineReached, now: int) -> None:
        self._stop_play()
        self._listen(now)

    def _listen(self, now: int) -> None:
        self._wait(Phase.LISTENING, now + self._node_of(MenuNode).timeout_sec * 1000)

    def _digit_chosen(self, event: DigitReceived, now: int) -> None:
        self._go(self._choose(self._node_of(MenuNode), event.digit, now), now)

    def _no_digit(self, _: DeadlineReached, now: int) -> None:
        node = self._node_of(MenuNode)
        hints = self._flow.content.hints
        self._go(self._repeat(node, node.no_input, hints.no_input if hints else None, now), now)

    def _queue_left(self, event: QueueLeft, now: int) -> None:
        node = self._flow.nodes.get(self._node)
        if not isinstance(node, QueueNode):  # resumed on a version of the flow that lacks the queue's node
            self._go(self._flow.content.start, now)
        elif target := node.way_of(event.outcome):
            self._go(target, now)
        else:
            self._end("done")

    def _ticket_done(self, event: TicketDone, now: int) -> None:
        node = self._node_of(TicketNode)
        self._go(node.next if event.ticket_id is not None else node.failed or node.next, now)

    def _ticket_overdue(self, _: DeadlineReached, now: int) -> None:
        node = self._node_of(TicketNode)
        self._go(node.failed or node.next, now)

    def _announcement_cut(self, event: DigitReceived | DeadlineReached, now: int) -> None:
        self._stop_play()
        digit = event.digit if isinstance(event, DigitReceived) else ""
        if human := self._human_way(self._node_of(VoicemailNode), digit):
            self._go(human, now)
        else:
            self._take_message(now)

    def _announced(self, event: PlayEnded, now: int) -> None:
        if event.token == self._token:
            self._take_message(now)

    def _take_message(self, now: int) -> None:
        node = self._node_of(VoicemailNode)
        self._wait(Phase.RECORDING, now + node.max_sec * 1000)
        self._effects.append(BeginMessage(node.category, node.text))

    def _message_ended(self, event: DigitReceived | DeadlineReached, now: int) -> None:
        node = self._node_of(VoicemailNode)
        self._effects.append(EndMessage())
        digit = event.digit if isinstance(event, DigitReceived) else ""
        self._go(self._human_way(node, digit) or node.next, now)

    # --- keys ----------------------------------------------------------------------------------------------

    def _choose(self, node: MenuNode, digit: str, now: int) -> str | None:
        """Where the key leads; None when the menu is repeated because it leads nowhere."""
        if target := node.digits.get(digit) or self._human_way(node, digit):
            return target
        hints = self._flow.content.hints
        return self._repeat(node, node.no_match, hints.no_match if hints else None, now)

    def _repeat(self, node: MenuNode, way_out: str, hint: Texts | None, now: int) -> str | None:
        self._typed = ""
        self._attempts += 1
        if self._attempts > node.retries:
            return way_out
        self._play(Phase.PROMPTING, now, self._language, *([hint] if hint else []), node.menu)
        return None

    def _human_way(self, node: PlayNode | MenuNode | VoicemailNode, digit: str) -> str | None:
        human = self._flow.content.human
        return human.next if human and node.human and digit == human.key else None

    def _node_of(self, kind: type[AnyNode]) -> AnyNode:
        node = self._flow.nodes[self._node]
        assert isinstance(node, kind), f"phase {self._phase} in node {self._node}"
        return node


# What is not here comes too late, or to nobody, as races between telephone and controller make it.
_TABLE: Final[Mapping[tuple[Phase, type[FlowEvent]], Callable[..., None]]] = {
    (Phase.START, DigitReceived): FlowSession._digit_before_start,
    (Phase.PLAYING, DigitReceived): FlowSession._digit_while_playing,
    (Phase.PLAYING, PlayEnded): FlowSession._play_ended,
    (Phase.PLAYING, DeadlineReached): FlowSession._play_overdue,
    (Phase.PROMPTING, DigitReceived): FlowSession._digit_while_prompting,
    (Phase.PROMPTING, PlayEnded): FlowSession._prompt_ended,
    (Phase.PROMPTING, DeadlineReached): FlowSession._prompt_overdue,
    (Phase.LISTENING, DigitReceived): FlowSession._digit_chosen,
    (Phase.LISTENING, DeadlineReached): FlowSession._no_digit,
    (Phase.QUEUED, QueueLeft): FlowSession._queue_left,
    (Phase.TICKETING, TicketDone): FlowSession._ticket_done,
    (Phase.TICKETING, DeadlineReached): FlowSession._ticket_overdue,
    (Phase.ANNOUNCING, DigitReceived): FlowSession._announcement_cut,
    (Phase.ANNOUNCING, PlayEnded): FlowSession._announced,
    (Phase.ANNOUNCING, DeadlineReached): FlowSession._announcement_cut,
    (Phase.RECORDING, DigitReceived): FlowSession._message_ended,
    (Phase.RECORDING, DeadlineReached): FlowSession._message_ended,
}
