"""Any flow that is accepted, with any caller: to an end or a human in bounded steps, restarts or not."""

import json
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.effects import (
    AskLookUp,
    DeadlineReached,
    DigitReceived,
    EndCall,
    FlowEffect,
    FlowEvent,
    LookUpDone,
    LookUpOutcome,
    NodeEntered,
    PlayEnded,
    PlayPrompts,
    QueueLeft,
    QueueOutcome,
    StopPrompts,
    TicketDone,
)
from ivr_flows.interpreter import MAX_NODES, CallFacts, FlowSession, Phase
from ivr_flows.loader import load_flows
from ivr_flows.model import Flow
from ivr_flows.sealing import Seal

FACTS = CallFacts("13800000000", "12345", variables={"vip": True, "n": -5})
SEAL = Seal(b"0123456789abcdef")
KEYS = "0123456789*#"
VARIABLES = {"vip": False, "n": 0, "digits": "", "name": "x", "score": 1}
CONDITIONS = ["vip", "n > 2", "starts_with(digits, '1')", "hour < 12", "length(name) > 3 and score < 9"]
VALUES = [
    {"name": "name + digits"},
    {"score": "score + score - n"},
    {"vip": "not vip"},
    {"n": "n + 1"},
    {"score": "number(digits, 7)", "name": "text(score)"},
]
SAYINGS = ["一", "{name}", "{n:number}，{score:ordinal}"]
HINTS = {"no_input": {"zh": "无"}, "no_match": {"zh": "错"}, "echo": {"zh": "{digits}对吗"}}


def written(dice: Random, name: str, size: int, inner: str = "") -> dict[str, Any]:
    """A flow as YAML says it: what needs no person leads onward, what a person does leads anywhere."""
    nodes: dict[str, dict[str, Any]] = {}
    for number in range(size):
        nodes[f"n{number}"] = _node(dice, number, size, inner)
    nodes |= {
        "loop": {"set": {"n": "n + 1"}, "next": "round"},
        "round": {"branch": [{"when": "n < 4", "next": "desk"}], "otherwise": "bye"},
        "n0": {
            "menu": {"zh": "请选择"}, "digits": {"1": "n1", "2": "loop"}, "no_input": "n1", "no_match": "n1",
        },
        "desk": {"queue": "q", "full": "loop", "otherwise": "loop"},
        "bye": {"return": {"result": "score"}} if not inner else {"hang_up": "done"},
    }  # fmt: skip
    flow = {"flow": name, "languages": ["zh"], "start": "n0", "variables": VARIABLES, "hints": HINTS}
    if inner or dice.random() < 0.5:
        flow["human"] = {"key": "0", "next": "desk"}
    return {**flow, "nodes": _reached(nodes)}


def _node(dice: Random, number: int, size: int, inner: str) -> dict[str, Any]:
    onward = [f"n{later}" for later in range(number + 1, size)] + ["desk", "bye", "loop"]
    anywhere = [f"n{any_}" for any_ in range(size)] + ["desk"]

    def on() -> str:
        return dice.choice(onward)

    def back() -> str:
        return dice.choice(anywhere)

    asked = {
        "no_input": on(),
        "no_match": back(),
        "retries": dice.randint(0, 2),
        "barge_in": dice.random() < 0.7,
    }
    kinds: list[dict[str, Any]] = [
        {"play": {"zh": "您好"}, "next": on(), "barge_in": dice.random() < 0.5},
        {"say": {"zh": dice.choice(SAYINGS)}, "next": on()},
        {"menu": {"zh": "请按"}, "digits": {dice.choice("123456789*"): back(), "1": back()}, **asked},
        {
            "collect": {"zh": "请输入"}, "digits": {"min": 2, "max": dice.randint(2, 4)}, "into": "digits",
            "next": back(), "echo": dice.random() < 0.4, **asked,
        },
        {"set": dice.choice(VALUES), "next": on()},
        {"branch": [{"when": dice.choice(CONDITIONS), "next": on()}], "otherwise": on()},
        {"split": [{"weight": 1, "next": on()}, {"weight": 2, "next": on()}]},
        {"wait": 5, "next": on(), "music": dice.random() < 0.5},
        {"ticket": "t", "text": "x", "next": on(), "failed": on()},
        {"queue": "q", "agent_done": back(), "otherwise": on()},
        {
            "look_up": "who", "into": {"name": "name", "score": "score"}, "next": on(), "not_found": on(),
            "failed": on(), "music": dice.random() < 0.5, "sensitive": False,
            **({"prompt": {"zh": "请稍候"}} if dice.random() < 0.5 else {}),
        },
        {"caller_list": {"vip": on(), "black": on()}, "otherwise": on()},
        {"send": "crm", "body": {"who": "name", "n": "n + 1"}, "next": on()},
        {"update_ticket": "{name}{score}", "next": on()},
    ]  # fmt: skip
    if inner:
        kinds += 3 * [
            {"flow": inner, "with": {"score": "score + 1"}, "into": {"score": "result"}, "next": on()}
        ]
    return dice.choice(kinds)


def _reached(nodes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
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


def answer_for(dice: Random, token: str) -> LookUpDone:
    """Right, wrong or none; seldom to another question."""
    results = dice.choice([{"name": "王", "score": 2}, {"name": "x", "score": 1e99}, {"name": 1}, {}])
    return LookUpDone(dice.choice([token, token, token, "?"]), dice.choice([*LookUpOutcome]), results)


def event_for(dice: Random, session: FlowSession, token: str, *, orderly: bool) -> FlowEvent:
    """What may happen now; an orderly caller does nothing before it is their turn."""
    outcome = dice.choice([*QueueOutcome])
    match session.phase:
        case Phase.QUEUED:
            return QueueLeft(outcome)
        case Phase.TICKETING:
            return TicketDone(dice.choice([None, "T-1"]))
        case Phase.LOOKING_UP if dice.random() < 0.6:
            return answer_for(dice, token)
        case Phase.LISTENING | Phase.COLLECTING | Phase.CONFIRMING:
            key = DigitReceived(dice.choice(KEYS[:-1] if orderly else KEYS))
            return dice.choice([key, key, key, DeadlineReached()])
    if orderly:
        return PlayEnded(token) if token and dice.random() < 0.8 else DeadlineReached()
    wild: list[FlowEvent] = [PlayEnded("?"), QueueLeft(outcome), TicketDone(None)]
    return dice.choice([PlayEnded(token), DeadlineReached(), DigitReceived(dice.choice(KEYS)), *wild])


def token_in(effects: list[FlowEffect], before: str) -> str:
    """Of the last question, else of what is heard."""
    asked = [effect.token for effect in effects if isinstance(effect, AskLookUp)]
    played = [effect.token for effect in effects if isinstance(effect, PlayPrompts)]
    return next(iter([*asked, *played]), before)


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_every_accepted_flow_brings_every_caller_to_an_end_or_a_human(seed: int) -> None:
    """With restarts at any moment, and whatever else happens; every wait has its deadline."""
    flow, dice = any_flow(seed), Random(seed)
    session = FlowSession(flow, FACTS, {}, "call", SEAL)
    now, stays, steps = 0, 0, 0
    effects = session.start(now)
    token = token_in(effects, "")
    while session.phase is not Phase.ENDED:
        assert (session.next_deadline() is None) is (session.phase is Phase.QUEUED)
        event = event_for(dice, session, token, orderly=False)
        now = (session.next_deadline() or now) if isinstance(event, DeadlineReached) else now + 1
        stays += session.phase is Phase.QUEUED
        effects = session.handle(event, now)
        if dice.random() < 0.02:
            kept = json.loads(json.dumps(session.checkpoint()))
            parked = session.phase is Phase.QUEUED
            session = FlowSession.resumed(flow, FACTS, {}, kept, parked, "call", SEAL)
            effects = session.start(now)
        token = token_in(effects, token)
        steps += 1
        assert steps < 40 * MAX_NODES
        assert len(session.path) <= MAX_NODES
    assert session.handle(DigitReceived("1"), now) == []


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_a_silent_caller_comes_to_an_end_or_a_human_soon(seed: int) -> None:
    """Nobody does anything: within a few dozen steps, and never by way of an error."""
    flow = any_flow(seed)
    session, now = FlowSession(flow, FACTS, {}, "call"), 0
    effects, done = session.start(now), 0
    while session.phase is not Phase.ENDED and done < 300:
        done += 1
        if session.phase is Phase.QUEUED:
            effects = session.handle(QueueLeft(QueueOutcome.FULL), now)
        else:
            now = session.next_deadline() or now
            effects = session.handle(DeadlineReached(), now)
    assert session.phase is Phase.ENDED
    assert EndCall("error") not in effects


def plain(effects: list[FlowEffect]) -> list[FlowEffect]:
    """Without the tokens, which are a session's own."""
    tokened = PlayPrompts | StopPrompts | AskLookUp
    return [replace(e, token="") if isinstance(e, tokened) else e for e in effects]


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_a_resumed_session_goes_on_as_the_one_that_died_would_have(seed: int) -> None:
    """From the entry to any node on, both do the same, whatever then happens to both of them."""
    flow, dice = any_flow(seed), Random(seed)
    first = FlowSession(flow, FACTS, {}, "call", SEAL)
    effects, now, token = first.start(0), 0, ""
    for _ in range(dice.randint(0, 15)):
        token = token_in(effects, token)
        now = first.next_deadline() or now + 1
        effects = first.handle(event_for(dice, first, token, orderly=True), now)
    if not any(isinstance(effect, NodeEntered) for effect in effects) or first.phase is Phase.ENDED:
        return
    kept = json.loads(json.dumps(first.checkpoint()))
    second = FlowSession.resumed(flow, FACTS, {}, kept, False, "call", SEAL)
    entered = max(i for i, effect in enumerate(effects) if isinstance(effect, NodeEntered))
    again = second.start(now)
    assert plain(again) == plain(effects[entered + 1 :])
    tokens = [token_in(effects, ""), token_in(again, "")]
    for _ in range(30):
        now = first.next_deadline() or now + 1
        event = event_for(dice, first, tokens[0], orderly=True)
        for i, session in enumerate((first, second)):
            tokened = isinstance(event, PlayEnded | LookUpDone)
            own = replace(event, token=tokens[i]) if tokened else event
            found = session.handle(own, now)
            tokens[i] = token_in(found, tokens[i])
            effects, again = (found, again) if i == 0 else (effects, found)
        assert plain(effects) == plain(again)
        assert first.checkpoint() == second.checkpoint()
        assert (first.phase, first.next_deadline()) == (second.phase, second.next_deadline())
