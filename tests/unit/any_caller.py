"""Any caller, and anything that may happen to one in a flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from any_flow import UNTOLD

from ivr_flows import effects as f
from ivr_flows.interpreter import CallFacts, FlowSession, Phase
from ivr_flows.model import ListenNode, MenuNode

KEYS = "0123456789*#"
NONE = "?"
"""No token of any session."""
RESULTS: tuple[dict[str, Any], ...] = (
    *({"name": "王", "score": 2, "untold": UNTOLD}, {"name": "x", "score": 1e99, "untold": UNTOLD * 99}),
    *({"name": 1}, {}),
)
CONFIRMING = (Phase.ASKING_BACK, Phase.AWAITING_YES)
VARIABLES = {"vip": True, "n": -5, "digits": "12", "score": "no number"}


def facts_of(dice: Random) -> CallFacts:
    """A caller on some lists, whose number fills some variables, rightly or not."""
    lists = frozenset(name for name in ("vip", "black") if dice.random() < 0.3)
    given = {name: value for name, value in VARIABLES.items() if dice.random() < 0.5}
    caller, language = dice.choice(["13800000000", ""]), dice.choice(["zh", "en", "fr"])
    return CallFacts(caller, "12345", language=language, variables=given, lists=lists)


@dataclass(slots=True)
class Tokens:
    """Of what the session asked for last: words, an answer, a take, an ear."""

    play: str = NONE
    asked: str = NONE
    take: str = NONE
    hearing: str = NONE

    def note(self, effects: Iterable[f.FlowEffect]) -> None:
        """What is asked for now."""
        for effect in effects:
            match effect:
                case f.PlayPrompts():
                    self.play = effect.token
                case f.AskLookUp():
                    self.asked = effect.token
                case f.BeginTake():
                    self.take = effect.token
                case f.BeginListening():
                    self.hearing = effect.token
                case f.EndListening():
                    self.hearing = NONE
                case _:
                    pass

    def put_on(self, event: f.FlowEvent) -> f.FlowEvent:
        """The event as this session is told it."""
        match event:
            case f.PlayEnded():
                return replace(event, token=self.play)
            case f.LookUpDone():
                return replace(event, token=self.asked)
            case f.TakeDone():
                return replace(event, token=self.take)
            case f.SpeechHeard() | f.SpeechUnavailable():
                return replace(event, token=self.hearing)
            case _:
                return event


BEGIN: Final[Mapping[type, str]] = {
    f.PlayPrompts: "words",
    f.PlayMusic: "music",
    f.BeginListening: "ear",
    f.BeginTake: "take",
    f.BeginMessage: "message",
    f.DialOutside: "ringing",
}
END: Final[Mapping[type, str]] = {
    f.StopPrompts: "words",
    f.StopMusic: "music",
    f.EndListening: "ear",
    f.EndTake: "take",
    f.EndMessage: "message",
    f.StopDialling: "ringing",
}
OVER: Final[Mapping[type, str]] = {
    f.PlayEnded: "words",
    f.SpeechUnavailable: "ear",
    f.TransferEnded: "ringing",
}
"""What is over by itself."""


@dataclass(slots=True)
class Underway:
    """What the session began and has not ended, with its token; a node leaves nothing of it to the next."""

    begun: dict[str, str] = field(default_factory=dict)

    def note(self, effects: Iterable[f.FlowEffect]) -> None:
        """What is begun and ended now."""
        for effect in effects:
            token = getattr(effect, "token", "")
            if isinstance(effect, f.NodeEntered):
                assert not self.begun, f"{self.begun} goes on in {effect.node}"
            if begins := BEGIN.get(type(effect)):
                if begins == "words":
                    self.begun.pop("music", None)
                assert begins not in self.begun, f"{effect} besides {self.begun}"
                self.begun[begins] = token
            if ends := END.get(type(effect)):
                assert self.begun.pop(ends, None) == token, f"{effect} ends nothing"

    def told(self, event: f.FlowEvent) -> None:
        """What is over by itself."""
        over = OVER.get(type(event), "")
        if self.begun.get(over) == getattr(event, "token", ""):
            del self.begun[over]


def speech(dice: Random, session: FlowSession) -> f.FlowEvent:
    """Some word, often a fitting one, heard more or less surely, to its end or not; seldom nobody can hear
    it."""
    if dice.random() < 0.2:
        return f.SpeechUnavailable(NONE)
    node, offered = session.node, ["yes", "是"]
    if isinstance(node, MenuNode | ListenNode) and session.phase not in CONFIRMING:
        offered = [word for words in node.spoken(session.language).values() for word in words]
    word = f.HeardWord(dice.choice([*offered, UNTOLD, ""]), dice.choice([0.3, 0.6, 0.6, 0.9]))
    return f.SpeechHeard(NONE, () if dice.random() < 0.1 else (word,), dice.random() < 0.7)


def answer(dice: Random) -> f.FlowEvent:
    """Right, wrong or none."""
    return f.LookUpDone(NONE, dice.choice([f.LookUpOutcome.FOUND, *f.LookUpOutcome]), dice.choice(RESULTS))


def take(dice: Random) -> f.FlowEvent:
    """Of use or not."""
    fault = dice.choice([None, None, *f.TakeFault])
    return f.TakeDone(NONE, "" if fault else "take-1", fault)


def key(dice: Random, session: FlowSession) -> f.FlowEvent:
    """Often a key that leads somewhere, else any."""
    node = session.node
    fitting = "".join(node.keys) if isinstance(node, MenuNode | ListenNode) else "10"
    return f.DigitReceived(dice.choice(fitting or KEYS if dice.random() < 0.6 else KEYS))


def timely_key(dice: Random, session: FlowSession) -> f.FlowEvent:
    """One that is not kept for later, as what ends a number too late would be."""
    pressed = key(dice, session)
    return f.DigitReceived("1") if pressed == f.DigitReceived("#") else pressed


def end(dice: Random) -> f.FlowEvent:
    """However it came out."""
    return f.TransferEnded(dice.choice([*f.TransferEnd]))


def return_from_queue(dice: Random) -> f.FlowEvent:
    """However it came out."""
    return f.QueueLeft(dice.choice([*f.QueueOutcome]))


def fitting(dice: Random, session: FlowSession, *, hears: bool) -> list[f.FlowEvent]:
    """What the session may be waiting for, of a caller who does nothing before it is their turn."""
    overdue = [f.DeadlineReached()] if session.next_deadline() is not None else []
    match session.phase:
        case Phase.QUEUED:
            keys = session.queue_node.keys if session.queue_node else {}
            return [return_from_queue(dice), *map(f.LeftByKey, keys), *overdue]
        case Phase.RINGING:
            return [f.TransferAnswered(), end(dice), key(dice, session), *overdue]
        case Phase.HANDED_ON:
            return [end(dice)]
        case Phase.TICKETING:
            return [f.TicketDone(None), f.TicketDone("T-1"), *overdue]
        case Phase.LOOKING_UP:
            return [answer(dice), answer(dice), f.PlayEnded(NONE), *overdue]
        case Phase.TAKING:
            return [take(dice), take(dice), *overdue]
        case Phase.KEEPING:
            return [f.PromptKept(True), f.PromptKept(False), *overdue]
        case Phase.RECORDING:
            return [key(dice, session), *overdue]
        case Phase.LISTENING | Phase.AWAITING_YES:
            heard = [speech(dice, session)] * 4 if hears else []
            return [timely_key(dice, session), timely_key(dice, session), *heard, *overdue]
        case Phase.COLLECTING | Phase.CONFIRMING | Phase.RATING:
            return [*[timely_key(dice, session)] * 3, *overdue]
        case Phase.PROMPTING | Phase.ASKING_BACK if hears:
            return [*[speech(dice, session)] * 2, f.PlayEnded(NONE), *overdue]
        case _:
            return [*[f.PlayEnded(NONE, dice.random() < 0.1)] * 3, *overdue]


def wild(dice: Random, session: FlowSession) -> list[f.FlowEvent]:
    """What comes too early, too late, or for another."""
    done = [f.PlayEnded(NONE), f.TicketDone(None), f.PromptKept(True), f.TransferAnswered()]
    came_out = [return_from_queue(dice), end(dice), take(dice), answer(dice)]
    return [*[key(dice, session)] * 3, speech(dice, session), *done, *came_out]


def next_event(dice: Random, session: FlowSession, tokens: Tokens, *, orderly: bool) -> f.FlowEvent:
    """What happens now; it is mostly what the session waits for, of an orderly caller always."""
    fits = dice.choice(fitting(dice, session, hears=tokens.hearing != NONE))
    if orderly or dice.random() < 0.7:
        return tokens.put_on(fits)
    stray = dice.choice(wild(dice, session))
    return stray if dice.random() < 0.2 else tokens.put_on(stray)
