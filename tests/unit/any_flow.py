"""Any sound flow: nodes of every kind, drawn by lot, with a sub-flow."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from ivr_flows.loader import load_flows
from ivr_flows.model import Flow

Written = dict[str, Any]

UNTOLD = "秘密"
"""Stands in every sensitive text that a caller says or another system answers."""
VARIABLES: Final = {
    "vip": False,
    "n": 0,
    "digits": "",
    "name": "x",
    "score": 1,
    "take": "",
    "pin": "",
    "said": "",
    "made": "",
}
"""The last ones are or become sensitive."""
CONDITIONS: Final = (
    *("vip", "n > 2", "starts_with(digits, '1')", "hour < 12", "length(name) > 3 and score < 9"),
    *("contains(said, 'a') or length(pin) > 1", "language == 'en'", "made != ''"),
)
VALUES: Final = (
    {"name": "name + digits"},
    {"score": "score + score - n"},
    {"vip": "not vip"},
    {"n": "n + 1"},
    {"score": "number(digits, 7)", "name": "text(score)"},
    {"made": "said + pin"},
    {"pin": "made", "made": "''"},
)
SAYINGS: Final = ("一", "{name}", "{n:number}，{score:ordinal}")
TARGETS: Final = (
    *({"queue": "q"}, {"queue": "q", "agent": "name"}, {"number": 66}, {"centre": "province"}),
    {"number": "caller + digits", "trunk": "t"},
)
QUESTIONS: Final = ("service", "solved", "again")
RESULTS: Final = {"result": "score", "untold": "pin"}


def both(text: str) -> dict[str, str]:
    """The words in both languages."""
    return {"zh": text, "en": text}


HINTS: Final = {
    "no_input": both("无"),
    "no_match": both("错"),
    "echo": both("{digits}对吗"),
    "confirm": both("{choice}?"),
    "yes": {"zh": ["是"], "en": ["yes"]},
}


@dataclass(frozen=True, slots=True)
class Lots:
    """The dice, and where the ways of a node may lead: what needs no person leads ``on``, what a person does
    may lead ``back``."""

    dice: Random
    onward: tuple[str, ...]
    anywhere: tuple[str, ...]
    inner: str

    def on(self) -> str:
        return self.dice.choice(self.onward)

    def back(self) -> str:
        return self.dice.choice(self.anywhere)

    def coin(self) -> bool:
        return self.dice.random() < 0.5

    def perhaps(self, **fields: Any) -> Written:
        return fields if self.coin() else {}

    def asked(self) -> Written:
        """What all have in common that ask."""
        return {"no_input": self.on(), "no_match": self.back(), **self.tried()}

    def tried(self) -> Written:
        return {"retries": self.dice.randint(0, 2), "barge_in": self.dice.random() < 0.7, **self.human()}

    def human(self) -> Written:
        return {"human": self.dice.random() < 0.8}


def _play(lots: Lots) -> Written:
    words = lots.dice.choice([{"play": both("您好")}, {"play": {"en": "Hello"}, "speak_in": "en"}])
    return {**words, "next": lots.on(), "barge_in": lots.coin(), **lots.human()}


def _menu(lots: Lots) -> Written:
    keys = {lots.dice.choice("123456789*"): lots.back(), "1": lots.back()}
    spoken = {"1": {"zh": ["咨询"], "en": ["question"]}}
    return {"menu": both("请按"), "digits": keys, **lots.perhaps(speech=spoken), **lots.asked()}


def _listen(lots: Lots) -> Written:
    choices = {
        "ask": {"words": {"zh": ["咨询"], "en": ["question"]}, "next": lots.back(), **lots.perhaps(key="1")},
        "buy": {"words": {"zh": ["买"], "en": ["buy"]}, "next": lots.back()},
    }
    ways = {"unavailable": lots.on(), **lots.perhaps(into="said", next=lots.back())}
    return {"listen": both("请说"), "choices": choices, "confirm_below": 0.8, **ways, **lots.asked()}


def _collect(lots: Lots) -> Written:
    into = lots.dice.choice(
        [{"into": "pin", "sensitive": True}, {"into": "digits"}, {"into": "digits", "echo": True}]
    )
    length = {"min": 2, "max": lots.dice.randint(2, 4)}
    return {"collect": both("请输入"), "digits": length, "next": lots.back(), **into, **lots.asked()}


def _queue(lots: Lots) -> Written:
    ways = {**lots.perhaps(agent_done=lots.back()), **lots.perhaps(call_back=lots.on())}
    skills = lots.perhaps(skills={"law": 3}, priority=2)
    return {"queue": "q", "otherwise": lots.on(), **lots.perhaps(keys={"5": lots.back()}), **ways, **skills}


def _transfer(lots: Lots) -> Written:
    ways = {**lots.perhaps(next=lots.back()), **lots.perhaps(busy=lots.on())}
    return {"transfer": lots.dice.choice(TARGETS), "otherwise": lots.on(), **ways, **lots.human()}


def _survey(lots: Lots) -> Written:
    question = {"ask": both("好吗"), "scores": {"1": 5, "2": 1}, "satisfied": 5}
    asked = dict.fromkeys(QUESTIONS[: lots.dice.randint(1, 3)], question)
    ways = lots.dice.choice([{"next": lots.on()}, {"next": lots.back(), "no_answer": lots.on()}])
    return {"survey": asked, **ways, **lots.tried()}


def _look_up(lots: Lots) -> Written:
    taken = lots.dice.choice(
        [
            {"into": {"pin": "untold"}, "sensitive": True},
            {"into": {"name": "name", "score": "score"}},
        ]
    )
    ways = {"next": lots.on(), "not_found": lots.on(), "failed": lots.on()}
    heard = {"music": lots.coin(), **lots.perhaps(prompt=both("请稍候"))}
    return {"look_up": "who", "with": {"who": "name + pin"}, **taken, **ways, **heard, **lots.human()}


def _record(lots: Lots) -> Written:
    ways = {"next": lots.on(), "otherwise": lots.on(), **lots.perhaps(silent=lots.on())}
    return {"record": both("请朗读"), "into": "take", **ways, **lots.human()}


def _hear(lots: Lots) -> Written:
    sound = lots.dice.choice([{"take": "take"}, {"prompt": "digits"}])
    return {"hear": sound, "next": lots.on(), "missing": lots.on(), **lots.human()}


def _subflow(lots: Lots) -> Written:
    """The innermost flow has none: it sets something instead."""
    if not lots.inner:
        return BUILDERS["set"](lots)
    given = {"score": "score + 1", "pin": "pin + made"}
    into = {"score": "result", "pin": "untold"}
    return {"flow": lots.inner, "with": given, "into": into, "next": lots.on()}


BUILDERS: Final[Mapping[str, Callable[[Lots], Written]]] = {
    "play": _play,
    "say": lambda lots: {"say": both(lots.dice.choice(SAYINGS)), "next": lots.on(), **lots.human()},
    "menu": _menu,
    "listen": _listen,
    "collect": _collect,
    "hours": lambda lots: {"hours": "office", "open": lots.on(), "closed": lots.on()},
    "branch": lambda lots: {
        "branch": [{"when": lots.dice.choice(CONDITIONS), "next": lots.on()}], "otherwise": lots.on(),
    },
    "set": lambda lots: {"set": lots.dice.choice(VALUES), "next": lots.on()},
    "split": lambda lots: {
        "split": [{"weight": 1, "next": lots.on()}, {"weight": 2, "next": lots.on()}],
    },
    "language": lambda lots: {"language": lots.dice.choice(["zh", "en"]), "next": lots.on()},
    "queue": _queue,
    "transfer": _transfer,
    "survey": _survey,
    "ticket": lambda lots: {"ticket": "t", "text": "x", "next": lots.on(), **lots.perhaps(failed=lots.on())},
    "update_ticket": lambda lots: {
        "update_ticket": "{name}{score}", "next": lots.on(), **lots.perhaps(category="urgent"),
    },
    "look_up": _look_up,
    "caller_list": lambda lots: {
        "caller_list": {"vip": lots.on(), "black": lots.on()}, "otherwise": lots.on(),
    },
    "send": lambda lots: {
        "send": "crm", "body": {"who": "name", "n": "n + 1", "pin": "pin"}, "next": lots.on(),
    },
    "wait": lambda lots: {
        "wait": 5, "next": lots.on(), "music": lots.coin(), **lots.perhaps(prompt=both("请稍候")),
        **lots.human(),
    },
    "voicemail": lambda lots: {"voicemail": both("请留言"), "next": lots.on(), **lots.human()},
    "record": _record,
    "hear": _hear,
    "keep": lambda lots: {
        "keep": {"take": "take", "prompt": "digits"}, "next": lots.on(), "failed": lots.on(),
    },
    "flow": _subflow,
    "return": lambda lots: {"return": RESULTS},
    "hang_up": lambda lots: {"hang_up": "enough", "cause": lots.dice.choice(["normal", "busy", "rejected"])},
}  # fmt: skip
"""How a node of each kind is written."""
ENDS: Final = ("return", "hang_up")
KINDS: Final = (
    *(kind for kind in BUILDERS if kind not in ENDS),
    *2 * ("flow", "look_up", "listen", "collect", "transfer"),
)
"""Nodes that end a call are seldom among the others."""


def written(dice: Random, name: str, size: int, inner: str = "") -> Written:
    """A flow as YAML says it."""
    nodes: dict[str, Written] = {}
    for number in range(size):
        onward = (*(f"n{later}" for later in range(number + 1, size)), "desk", "bye", "loop")
        anywhere = (*(f"n{any_}" for any_ in range(size)), "desk")
        kind = dice.choice(ENDS) if dice.random() < 0.04 else dice.choice(KINDS)
        nodes[f"n{number}"] = BUILDERS[kind](Lots(dice, onward, anywhere, inner))
    nodes |= {
        "loop": {"set": {"n": "n + 1"}, "next": "round"},
        "round": {"branch": [{"when": "n < 4", "next": "desk"}], "otherwise": "bye"},
        "n0": {
            "menu": both("请选择"), "no_input": "n1", "no_match": "n1",
            "digits": {"*": "loop", **{f"{number}": f"n{number}" for number in range(1, min(size, 10))}},
        },
        "desk": {"queue": "q", "full": "loop", "otherwise": "loop"},
        "bye": {"hang_up": "done"} if inner else {"return": RESULTS},
    }  # fmt: skip
    flow: Written = {"flow": name, "languages": ["zh", "en"], "start": "n0", "variables": VARIABLES}
    if inner or dice.random() < 0.5:
        flow["human"] = {"key": "0", "next": "desk"}
    return {**flow, "hints": HINTS, "nodes": _reached(nodes)}


def _reached(nodes: dict[str, Written]) -> dict[str, Written]:
    """Without the nodes to which no way leads."""
    reached, ahead = {"n0"}, ["n0"]
    while ahead:
        text = json.dumps(nodes[ahead.pop()])
        found = {name for name in nodes if f'"{name}"' in text} - reached
        reached |= found
        ahead += found
    return {name: node for name, node in nodes.items() if name in reached}


def any_flow(seed: int) -> Flow:
    """A random sound flow with a sub-flow."""
    dice = Random(seed)
    inner, outer = (
        written(dice, "inner", dice.randint(2, 6)),
        written(dice, "outer", dice.randint(2, 12), "inner"),
    )
    return load_flows({"inner": json.dumps(inner), "outer": json.dumps(outer)})["outer"]
