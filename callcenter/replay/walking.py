"""A past caller walks again: the script that a journaled walk amounts to, and the way it takes now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from callcenter.domain import events as e
from callcenter.replay.walks import Key, Walk
from ivr_flows.calendars import Calendar
from ivr_flows.check import ways_of
from ivr_flows.effects import LookUpOutcome, PromptText, QueueOutcome, TransferEnd
from ivr_flows.facts import CallFacts
from ivr_flows.model import (
    DIGITS,
    Flow,
    ListenNode,
    LookUpNode,
    MenuNode,
    PlayNode,
    QueueNode,
    TicketNode,
    TransferNode,
)
from ivr_flows.rehearsal import (
    LookUpAnswer,
    OutsideParty,
    QueueStay,
    Rehearsal,
    Script,
    Step,
    TicketAnswer,
    rehearse,
)

NUMBER_KEY: Final = "1"
"""Stands for every key of a number that the journal does not tell."""
ANY_WORDS: Final = "..."
"""Stands for what was said and is kept nowhere."""


@dataclass(frozen=True, slots=True)
class Parted:
    """Where a caller's way now leaves the one that was: after ``node``, to ``now`` instead of ``then``. An
    empty word: there the call ended (or waited for good)."""

    node: str
    then: str
    now: str


def keys_of(walk: Walk, flow: Flow) -> list[Key]:
    """The keys the journal tells; of a journal that tells none, those that the ways taken ask for."""
    return walk.keys or _keys_by_the_ways(walk, flow)


def script_of(
    walk: Walk,
    flow: Flow,
    text_ms: Callable[[PromptText], int],
    digit_of: Callable[[Key, int], str] = lambda key, _: key.digit,
    most_ms: int | None = None,
) -> Script:
    """What the walk's flow met. ``digit_of`` gives each key (with its place) another digit; ``most_ms`` is
    the longest that the caller waits before a key."""
    steps = []
    before_at, before_node = walk.arrived_at, ""
    for place, key in enumerate(keys_of(walk, flow)):
        entered_at = _entered_at(walk, key)
        after_ms = max(0, key.at - max(entered_at, before_at))
        node = key.node if key.node in flow.nodes else ""
        keys, says = _said(flow, key, walk.language) if key.spoken else (_pressed(digit_of(key, place)), "")
        at_ms = None if node else key.at - walk.arrived_at
        wait_ms = 0 if at_ms is not None else after_ms if most_ms is None else min(after_ms, most_ms)
        steps.append(Step(keys, says, node=node, at_ms=at_ms, after_ms=wait_ms))
        before_at, before_node = key.at, key.node
    if walk.ended_at is not None and _broke_off(walk, flow):
        at, node = walk.nodes[-1]
        since = max(at, before_at) if node == before_node else at
        steps.append(
            Step(hangs_up=True, node=node if node in flow.nodes else "", after_ms=walk.ended_at - since)
        )
    return Script(
        queue=_stays(walk, flow),
        tickets=_tickets(walk, flow),
        look_ups=_look_ups(walk, flow),
        outside=_parties(walk, flow),
        text_ms=text_ms,
        steps=steps,
    )


def _pressed(digit: str) -> str:
    return digit if digit in DIGITS else NUMBER_KEY


def _said(flow: Flow, key: Key, language: str) -> tuple[str, str]:
    """The key and the words by which that choice is made now; a choice that may not be said any more is made
    by its key."""
    node = flow.nodes.get(key.node)
    if not isinstance(node, MenuNode | ListenNode):
        return _pressed(key.digit), ""
    if not key.digit:
        return "", ANY_WORDS
    languages = (language, *flow.content.languages)
    phrases = (phrase for one in languages for phrase in node.spoken(one).get(key.digit, ()))
    words = next(phrases, "")
    return ("", words) if words else (_pressed(key.digit), "")


def walk_again(walk: Walk, flow: Flow, calendars: Mapping[str, Calendar], script: Script) -> Rehearsal:
    """The call once more, in this flow, at the instant at which it came."""
    facts = CallFacts(walk.caller, walk.did, walk.trunk, walk.language, lists=frozenset(walk.lists))
    return rehearse(flow, script, facts, calendars, walk.arrived_at)


def parting(walk: Walk, again: Rehearsal) -> Parted | None:
    """Where the two ways part; None: they are the same."""
    then, now = walk.path, again.path
    same = 0
    while same < min(len(then), len(now)) and then[same] == now[same]:
        same += 1
    if same == len(then) == len(now):
        return None
    rest_then, rest_now = (path[same] if same < len(path) else "" for path in (then, now))
    return Parted(then[same - 1] if same else "", rest_then, rest_now)


def _entered_at(walk: Walk, key: Key) -> int:
    """When the call last came to the key's node before the key."""
    return max((at for at, node in walk.nodes if node == key.node and at <= key.at), default=walk.arrived_at)


def _broke_off(walk: Walk, flow: Flow) -> bool:
    """The caller hung up, or somebody ended the call for whom the flow would have had more to say."""
    if walk.ended_by is e.EndedBy.CALLER:
        return True
    node = flow.nodes.get(walk.path[-1])
    outcome = walk.stays.get(len(walk.nodes) - 1, QueueOutcome.AGENT_DONE)
    by_flow = walk.ended_by is e.EndedBy.FLOW
    return not by_flow and isinstance(node, QueueNode) and node.way_of(outcome) is not None


def _stays(walk: Walk, flow: Flow) -> list[QueueStay]:
    found = []
    for place, (at, name) in enumerate(walk.nodes):
        is_last = place + 1 == len(walk.nodes)
        if not isinstance(flow.nodes.get(name), QueueNode) and place not in walk.stays:
            continue
        until = (walk.ended_at or at) if is_last else walk.nodes[place + 1][0]
        outcome = walk.stays.get(place)
        if is_last and _broke_off(walk, flow):
            outcome = None
        found.append(QueueStay(outcome, max(0, until - at)))
    return found or [QueueStay(None)]


def _tickets(walk: Walk, flow: Flow) -> list[TicketAnswer]:
    found = []
    for (at, name), (next_at, following) in zip(walk.nodes, walk.nodes[1:], strict=False):
        node = flow.nodes.get(name)
        if isinstance(node, TicketNode):
            refused = following == node.failed != node.next
            found.append(TicketAnswer(None if refused else "T-1", min(next_at - at, node.timeout_sec * 1000)))
    return found or [TicketAnswer("T-1")]


def _look_ups(walk: Walk, flow: Flow) -> dict[str, list[LookUpAnswer]]:
    """Answered as the way that was taken says, with what the flow's variables were afterwards: sensitive
    results are in no journal, and such a look-up fails now."""
    found: dict[str, list[LookUpAnswer]] = {}
    steps = zip(walk.nodes, walk.nodes[1:], strict=False)
    for place, ((at, name), (next_at, following)) in enumerate(steps):
        node = flow.nodes.get(name)
        if isinstance(node, LookUpNode):
            after = walk.variables.get(place + 1, {})
            results = {result: after[name] for name, result in node.into.items() if name in after}
            outcome = LookUpOutcome.FAILED
            if following == node.next:
                outcome = LookUpOutcome.FOUND
            elif following == node.not_found:
                outcome = LookUpOutcome.NOT_FOUND
            took_ms = min(next_at - at, node.timeout_sec * 1000)
            found.setdefault(node.look_up, []).append(LookUpAnswer(outcome, results, took_ms))
    return found


def _parties(walk: Walk, flow: Flow) -> list[OutsideParty]:
    """What came of each number dialled outside, by the way that was gone from it."""
    found = []
    for (at, name), (next_at, following) in zip(walk.nodes, walk.nodes[1:], strict=False):
        node = flow.nodes.get(name)
        if isinstance(node, TransferNode) and node.rings_outside:
            end = next((end for end in TransferEnd if node.way_of(end) == following), None)
            found.append(OutsideParty(end, next_at - at))
    return found or [OutsideParty(None)]


def _keys_by_the_ways(walk: Walk, flow: Flow) -> list[Key]:
    """A key for each way that only a key opens, at the instant at which the way was taken."""
    found: list[Key] = []
    for place, ((at, name), (next_at, target)) in enumerate(zip(walk.nodes, walk.nodes[1:], strict=False)):
        node = flow.nodes.get(name)
        if not isinstance(node, MenuNode | PlayNode | QueueNode) or place in walk.stays:
            continue
        words = [way.word for way in ways_of(flow, node) if way.target == target]
        human = flow.content.human
        pressed_in = next((n for t, n in reversed(walk.nodes[: place + 1]) if t < next_at), name)
        digit = next((word for word in words if word in DIGITS), None)
        if digit is None and "next" not in words and "human" in words and human:
            digit = human.key
        if digit is not None:
            found.append(Key(next_at, digit, pressed_in))
        elif isinstance(node, MenuNode) and _was_wrong(node, words, next_at - at):
            tries = node.retries + 1
            step_ms = (next_at - at) // tries
            found += [Key(at + (i + 1) * step_ms, unoffered(flow, node), name) for i in range(tries)]
    return found


def _was_wrong(node: MenuNode, words: list[str], took_ms: int) -> bool:
    """Whoever was silent was there for all the time-outs; else wrong keys were pressed."""
    silent_ms = (node.retries + 1) * node.timeout_sec * 1000
    return "no_match" in words and ("no_input" not in words or took_ms < silent_ms)


def unoffered(flow: Flow, node: MenuNode) -> str:
    """A key that the menu does not know."""
    human = flow.content.human.key if flow.content.human else ""
    return next((key for key in "#*8765432190ABCD" if key not in node.digits and key != human), "#")
