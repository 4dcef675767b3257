"""Any flow that is accepted (see ``any_flow``), with any caller (see ``any_caller``): to an end or a human in
bounded steps, restarts or not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any, get_args

from any_caller import KEYS, Tokens, Underway, facts_of, next_event
from any_flow import BUILDERS, UNTOLD, any_flow
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.calendars import Calendar
from ivr_flows.effects import (
    AskLookUp,
    BeginListening,
    BeginTake,
    DeadlineReached,
    DigitReceived,
    EndCall,
    EndListening,
    EndTake,
    FlowEffect,
    NodeEntered,
    PlayPrompts,
    QueueLeft,
    QueueOutcome,
    StopPrompts,
    SurveyAnswered,
    TransferAnswered,
)
from ivr_flows.interpreter import MAX_NODES, CallFacts, FlowSession, Phase
from ivr_flows.interpreter.session import ENTRIES, REACTIONS
from ivr_flows.model import NODE_KINDS, Flow, Node
from ivr_flows.sealing import Seal

SEAL = Seal(b"0123456789abcdef")
CALENDARS = {"office": Calendar.model_validate({"weekly": {"mon-sun": ["08:00-08:01", "08:03-20:00"]}})}
"""In Shanghai the calls begin at eight, at the instant 0."""
PARKED = (Phase.QUEUED, Phase.RINGING, Phase.HANDED_ON)
CALLERS = 6
"""Of each flow: to write one takes longer than to live through it."""


def begun(flow: Flow, facts: CallFacts) -> FlowSession:
    """A new call."""
    return FlowSession(flow, facts, CALENDARS, "call", SEAL)


def resumed(flow: Flow, facts: CallFacts, kept: Mapping[str, Any], *, parked: bool = False) -> FlowSession:
    """The call after a restart, with nothing but what was kept, as JSON."""
    return FlowSession.resumed(flow, facts, CALENDARS, json.loads(json.dumps(kept)), parked, "call", SEAL)


def kept_in(effects: Iterable[FlowEffect]) -> list[Mapping[str, Any]]:
    """What the journal knows of them."""
    return [effect.checkpoint for effect in effects if isinstance(effect, NodeEntered | SurveyAnswered)]


def restarted(
    dice: Random, flow: Flow, facts: CallFacts, died: FlowSession, kept: list[Any]
) -> tuple[FlowSession, Underway]:
    """With all that was ``kept`` of the last step, or with the end of it torn off; meanwhile a key is
    pressed, or the talk begins."""
    whole = len(kept)
    del kept[dice.randint(1, whole) :]
    parked = died.phase in PARKED and len(kept) == whole
    session = resumed(flow, facts, kept[-1], parked=parked)
    rings = parked and died.phase is not Phase.QUEUED
    if rings and died.phase is Phase.HANDED_ON:
        session.handle(TransferAnswered(), 0)
    assert session.handle(DigitReceived(dice.choice(KEYS)), 0) == []
    return session, Underway({"ringing": ""} if rings else {})


def lived(flow: Flow, dice: Random) -> Iterator[tuple[Phase, type]]:
    """A call to its end, with restarts at any moment, and whatever else happens: what it waited for, and what
    it was told."""
    facts, tokens, underway, now, steps = facts_of(dice), Tokens(), Underway(), 0, 0
    session, kept = begun(flow, facts), []
    effects = session.start(now)
    while session.phase is not Phase.ENDED:
        tokens.note(effects)
        underway.note(effects)
        kept = kept_in(effects) or kept
        assert not any(UNTOLD in f"{effect}" for effect in effects)
        assert UNTOLD not in json.dumps(kept, ensure_ascii=False)
        assert session.next_deadline() is not None or session.phase in (Phase.QUEUED, Phase.HANDED_ON)
        event = next_event(dice, session, tokens, orderly=False)
        now = (session.next_deadline() or now) if isinstance(event, DeadlineReached) else now + 1
        yield session.phase, type(event)
        underway.told(event)
        effects = session.handle(event, now)
        if session.phase is not Phase.ENDED and dice.random() < 0.04:
            kept = kept_in(effects) or kept
            session, underway = restarted(dice, flow, facts, session, kept)
            yield Phase.START, DigitReceived
            effects = session.start(now)
        steps += 1
        assert steps < 40 * MAX_NODES
        assert len(session.path) <= MAX_NODES
    assert session.handle(DigitReceived("1"), now) == []


def stays_silent(flow: Flow, facts: CallFacts) -> None:
    """Nobody does anything: the end is there within a few dozen steps, and never by way of an error."""
    session, now, steps = begun(flow, facts), 0, 0
    effects = session.start(now)
    while session.phase is not Phase.ENDED:
        steps += 1
        assert steps < 300
        if session.phase is Phase.QUEUED:
            effects = session.handle(QueueLeft(QueueOutcome.FULL), now)
        else:
            now = session.next_deadline() or now
            effects = session.handle(DeadlineReached(), now)
    assert EndCall("error") not in effects


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_every_accepted_flow_brings_every_caller_to_an_end_or_a_human(seed: int) -> None:
    """A silent one soon. The others with restarts at any moment, and whatever else happens; every wait has
    its deadline, no node leaves words, music or an open ear behind, and nothing sensitive is told or kept in
    the clear."""
    flow, dice = any_flow(seed), Random(seed)
    stays_silent(flow, facts_of(dice))
    for _ in range(CALLERS):
        assert [*lived(flow, dice)]


def test_these_flows_and_callers_leave_nothing_out() -> None:
    """Nodes of every kind are written, and all that sessions react to comes to pass."""
    union = {get_args(kind)[0] for kind in get_args(get_args(Node)[0])}
    assert BUILDERS.keys() == NODE_KINDS.keys()
    assert union == {*NODE_KINDS.values()} == ENTRIES.keys()
    flows, dice = [any_flow(seed) for seed in range(80)], Random(1)
    written = {type(node) for flow in flows for one in flow.with_subflows() for node in one.nodes.values()}
    assert written == union
    met = {step for flow in flows for _ in range(40) for step in lived(flow, dice)}
    assert REACTIONS.keys() <= met


TOKENED = PlayPrompts | StopPrompts | AskLookUp | BeginTake | EndTake | BeginListening | EndListening


def plain(effects: list[FlowEffect]) -> list[FlowEffect]:
    """Without the tokens, which are a session's own."""
    return [replace(effect, token="") if isinstance(effect, TOKENED) else effect for effect in effects]


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_a_resumed_session_goes_on_as_the_one_that_died_would_have(seed: int) -> None:
    """From any node that was entered in a step, and from any answer, both do the same from there on, whatever
    then happens to both of them."""
    flow, dice = any_flow(seed), Random(seed)
    for _ in range(CALLERS):
        lived_twice(flow, dice)


def lived_twice(flow: Flow, dice: Random) -> None:
    """The first session does not die at all."""
    facts, now, tokens = facts_of(dice), 0, [Tokens(), Tokens()]
    first = begun(flow, facts)
    effects = first.start(now)
    for _ in range(dice.randint(0, 15)):
        tokens[0].note(effects)
        if first.phase is Phase.ENDED:
            return
        now = first.next_deadline() or now + 1
        effects = first.handle(next_event(dice, first, tokens[0], orderly=True), now)
    tokens[0].note(effects)
    told = [i for i, effect in enumerate(effects) if isinstance(effect, NodeEntered | SurveyAnswered)]
    if not told:
        return
    last = dice.choice(told)
    second = resumed(flow, facts, kept_in([effects[last]])[0])
    effects, again = effects[last + 1 :], second.start(now)
    for _ in range(30):
        assert plain(again) == plain(effects)
        assert first.checkpoint() == second.checkpoint()
        assert (first.phase, first.next_deadline()) == (second.phase, second.next_deadline())
        tokens[0].note(effects)
        tokens[1].note(again)
        if first.phase is Phase.ENDED:
            return
        now = first.next_deadline() or now + 1
        event = next_event(dice, first, tokens[0], orderly=True)
        effects = first.handle(event, now)
        again = second.handle(tokens[1].put_on(event), now)
