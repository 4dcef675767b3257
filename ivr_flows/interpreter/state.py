"""All that a session knows, and the few things that every node does with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from ivr_flows.calendars import Calendar, local_time
from ivr_flows.effects import (
    BeginListening,
    EndCall,
    EndListening,
    FlowEffect,
    LookUpDone,
    PlayPrompts,
    PromptText,
    StopPrompts,
)
from ivr_flows.expressions import Expression, Value, bounded, kind_of, plain
from ivr_flows.facts import CLOCK_FACTS, CallFacts
from ivr_flows.model import Flow, Hints, Node, Texts
from ivr_flows.sealing import Seal
from ivr_flows.templates import Slot, Template
from ivr_flows.variables import leaks

MAX_TYPED_AHEAD: Final = 32
PLAY_BASE_MS: Final = 10_000
PLAY_CHARACTER_MS: Final = 400
"""A play is given up after its base and this for each character, some two to five times what speech takes."""

MAX_WRITTEN: Final = 1000
"""Characters of a text with its variables."""

AnyNode = TypeVar("AnyNode", bound=Node)


class Phase(StrEnum):
    """What the session waits for."""

    START = "start"
    PLAYING = "playing"
    PROMPTING = "prompting"
    LISTENING = "listening"
    ASKING_BACK = "asking_back"
    AWAITING_YES = "awaiting_yes"
    ASKING_DIGITS = "asking_digits"
    COLLECTING = "collecting"
    READING_BACK = "reading_back"
    CONFIRMING = "confirming"
    WAITING = "waiting"
    QUEUED = "queued"
    TICKETING = "ticketing"
    LOOKING_UP = "looking_up"
    ANNOUNCING = "announcing"
    RECORDING = "recording"
    RINGING = "ringing"
    HANDED_ON = "handed_on"
    SURVEYING = "surveying"
    RATING = "rating"
    TAKING = "taking"
    KEEPING = "keeping"
    ENDED = "ended"

    __hash__ = str.__hash__  # phases are keys of the interpreter's table; Enum's own hash is slow


@dataclass(frozen=True, slots=True)
class Frame:
    """A flow that waits at a node for its sub-flow to return. Its variables are never shown."""

    flow: Flow
    node: str
    variables: dict[str, Value] = field(repr=False)
    secret: set[str] = field(repr=False)


class SessionState:
    """One session's memory. Instants are ms since the epoch.

    ``variables`` are those that the flow has given a value, ``secret`` the names of those that may hold
    sensitive digits; ``frames`` are the flows around a sub-flow, the outermost first. ``typed`` are keys that
    no node has taken yet, ``entered`` the digits of the entry in progress, ``question`` the place of the
    survey's question that is to be answered; ``asked`` is the token of the look-up in progress, ``answer``
    what it gave while words were still heard. ``hearing`` is the token of the listening (empty: none),
    ``deaf``: there is none to be had in this node; ``speech_until``: when whoever speaks now will have spoken
    long enough; ``meant`` is the choice that is asked back, with its confidence. It has no representation of
    its own: keys, words and values of a caller must not get into a log by way of it.
    """

    __slots__ = (
        "answer",
        "asked",
        "attempts",
        "calendars",
        "deadline",
        "deaf",
        "effects",
        "entered",
        "facts",
        "flow",
        "frames",
        "hearing",
        "language",
        "listenings",
        "meant",
        "node",
        "path",
        "phase",
        "plays",
        "question",
        "seal",
        "secret",
        "seed",
        "speech_until",
        "started_at",
        "stray",
        "token",
        "typed",
        "variables",
    )

    def __init__(
        self, flow: Flow, facts: CallFacts, calendars: Mapping[str, Calendar], seed: str, seal: Seal | None
    ) -> None:
        self.flow = flow
        self.facts = facts
        self.calendars = calendars
        self.seed = seed
        self.seal = seal
        offered = flow.content.languages
        self.language = facts.language if facts.language in offered else offered[0]
        self.phase = Phase.START
        self.node = ""
        self.path: list[str] = []
        self.deadline: int | None = None
        self.token = ""
        self.plays = 0
        self.hearing = ""
        self.listenings = 0
        self.deaf = False
        self.meant = ("", 0.0)
        self.speech_until: int | None = None
        self.asked = ""
        self.answer: LookUpDone | None = None
        self.started_at = 0
        self.attempts = 0
        self.question = 0
        self.typed = ""
        self.entered = ""
        self.stray: tuple[str, int] | None = None
        self.variables: dict[str, Value] = {}
        self.secret: set[str] = set()
        self.frames: tuple[Frame, ...] = ()
        self.effects: list[FlowEffect] = []

    # --- nodes ---------------------------------------------------------------------------------------------

    def enter(self, name: str) -> Node:
        """The call is now in this node; what was listened for in the one before is not any more. The caller
        of this function tells it."""
        self.end_listening()
        self.deaf = False
        self.node, self.question = name, 0
        self.path.append(name)
        return self.flow.nodes[name]

    def node_of(self, kind: type[AnyNode]) -> AnyNode:
        """The node the call is in; the table of reactions knows which kinds that may be."""
        node = self.flow.nodes[self.node]
        assert isinstance(node, kind), f"phase {self.phase} in node {self.node}"
        return node

    @property
    def hints(self) -> Hints | None:
        """The hints of the flow the call is in."""
        return self.flow.content.hints

    def to_human(self, digit: str) -> str | None:
        """Where this key leads when it is the human key, leaving sub-flows that have none of their own."""
        flow, depth = self.flow, len(self.frames)
        while flow.content.human is None and depth:
            depth -= 1
            flow = self.frames[depth].flow
        human = flow.content.human
        if human is None or digit != human.key:
            return None
        if depth < len(self.frames):
            self.leave(depth)
        return human.next

    def leave(self, depth: int) -> str:
        """Go back into the flow at this depth; the name of the node at which it went into the sub-flow."""
        frame = self.frames[depth]
        self.frames = self.frames[:depth]
        self.flow, self.variables, self.secret = frame.flow, frame.variables, frame.secret
        return frame.node

    # --- waiting -------------------------------------------------------------------------------------------

    def play(self, phase: Phase, now: int, language: str, *texts: str) -> None:
        """Say these texts and wait for their end."""
        self.play_prompts(phase, now, tuple([PromptText(text, language) for text in texts]))

    def play_prompts(self, phase: Phase, now: int, prompts: tuple[PromptText, ...]) -> None:
        """Play these one after the other and wait for their end."""
        self.token = self.new_token()
        length_ms = PLAY_BASE_MS + PLAY_CHARACTER_MS * sum([len(prompt.text) for prompt in prompts])
        self.wait(phase, now + length_ms)
        self.effects.append(PlayPrompts(self.token, prompts))

    def new_token(self) -> str:
        """One that this session has never given before, nor the one that died."""
        self.plays += 1
        return f"{self.started_at}-{self.plays}"

    def prompt(self, phase: Phase, now: int, *parts: Texts | None) -> None:
        """Say these texts in the caller's language; what is None is left out."""
        self.play(phase, now, self.language, *[part[self.language] for part in parts if part])

    def stop_play(self) -> None:
        """Cut the words that play."""
        self.effects.append(StopPrompts(self.token))

    def listen_for(self, phrases: tuple[str, ...], pause_ms: int) -> None:
        """Hear what the caller says, unless that goes on already or cannot be had."""
        self.speech_until = None
        if not self.hearing and not self.deaf:
            self.listenings += 1
            self.hearing = f"{self.started_at}-{self.listenings}"
            self.effects.append(BeginListening(self.hearing, self.language, phrases, pause_ms))

    def end_listening(self) -> None:
        """Hear no longer, if anybody does."""
        if self.hearing:
            self.effects.append(EndListening(self.hearing))
            self.hearing = ""

    def wait(self, phase: Phase, deadline: int | None) -> None:
        """Wait for what the phase says, until the deadline."""
        self.phase = phase
        self.deadline = deadline

    def end(self, reason: str, cause: str = "normal") -> None:
        """The flow is over."""
        self.end_listening()
        self.wait(Phase.ENDED, None)
        self.effects.append(EndCall(reason, cause))

    # --- variables -----------------------------------------------------------------------------------------

    def value(self, expression: Expression, now: int) -> Value:
        """What the expression gives here and now."""
        return expression.value(self.values(expression.names, now))

    def values(self, names: Iterable[str], now: int) -> dict[str, Value]:
        """A value for each name, of the kind that the flow expects."""
        return {name: self._value_of(name, now) for name in names}

    def written(self, template: Template, now: int) -> str:
        """The text with its variables as they are; secret ones are left out."""
        values = self.values([slot.name for slot in template.slots if slot.name not in self.secret], now)
        parts = [
            plain(values[part.name])
            if isinstance(part, Slot) and part.name in values
            else part
            if isinstance(part, str)
            else ""
            for part in template.parts
        ]
        return "".join(parts)[:MAX_WRITTEN]

    def assign(self, name: str, value: Value, *, secret: bool) -> None:
        """Give a variable its value; the flow's own check says that it is of the right kind."""
        self.variables[name] = bounded(value)
        (self.secret.add if secret else self.secret.discard)(name)

    def is_secret(self, expression: Expression) -> bool:
        """Whether what the expression gives may tell sensitive digits."""
        return bool(self.secret) and leaks(expression, self.secret, self.flow.content.known.all_kinds)

    def _value_of(self, name: str, now: int) -> Value:
        if name in self.variables:
            return self.variables[name]
        known = self.flow.content.known
        if name in known.initial:
            initial, given = known.initial[name], self.facts.variables.get(name)
            if given is not None and name not in known.counters and kind_of(given) is kind_of(initial):
                return bounded(given)
            return initial
        if name in CLOCK_FACTS:
            fact: Value = CLOCK_FACTS[name](local_time(now, self.flow.content.time_zone))
            return fact
        return self.language if name == "language" else bounded(getattr(self.facts, name, ""))
