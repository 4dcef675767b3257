"""A past caller walks again: the script that a journaled walk amounts to, and the way it takes now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from callcenter.domain import events as e
from callcenter.replay.followed import UNTOLD_KEY, Followed, entry_for
from callcenter.replay.walks import Key, Walk
from ivr_flows.calendars import Calendar
from ivr_flows.effects import LookUpOutcome, PromptText, QueueOutcome, TransferEnd
from ivr_flows.facts import CallFacts
from ivr_flows.model import (
    DIGITS,
    CollectNode,
    Flow,
    ListenNode,
    LookUpNode,
    MenuNode,
    PlayNode,
    QueueNode,
    SurveyNode,
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

NEVER_MS: Final = 7 * 86_400_000
"""When every call is long over."""
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
    """The keys the journal tells, with numbers made up; of a journal that tells none, those that the ways
    taken ask for."""
    followed = Followed(walk, flow)
    return followed.keys() if walk.keys else _keys_by_the_ways(followed)


def script_of(
    walk: Walk,
    flow: Flow,
    text_ms: Callable[[PromptText], int],
    digit_of: Callable[[Key, int], str] = lambda key, _: key.digit,
    most_ms: int | None = None,
) -> Script:
    """What the walk's flow met. ``digit_of`` gives each key (with its place among the keys) another digit;
    ``most_ms`` is the longest that the caller waits before a key."""
    followed = Followed(walk, flow)
    steps = []
    before = Key(walk.arrived_at, "", -1)
    for i, key in enumerate(keys_of(walk, flow)):
        entered_at = walk.nodes[key.place].at if key.place >= 0 else walk.arrived_at
        after_ms = max(0, key.at - max(entered_at, before.at))
        node = followed.name(key.place) if key.place >= 0 else ""
        keys, says = _said(followed, key) if key.spoken else (_pressed(digit_of(key, i)), "")
        at_ms = None if node else key.at - walk.arrived_at
        wait_ms = 0 if at_ms is not None else after_ms if most_ms is None else min(after_ms, most_ms)
        steps.append(Step(keys, says, node=node, at_ms=at_ms, after_ms=wait_ms))
        before = key
    if walk.ended_at is not None and _broke_off(followed):
        last = len(walk.nodes) - 1
        since = max(walk.nodes[last].at, before.at) if before.place == last else walk.nodes[last].at
        steps.append(Step(hangs_up=True, node=followed.name(last), after_ms=walk.ended_at - since))
    return Script(
        queue=_stays(followed),
        tickets=_tickets(followed),
        look_ups=_look_ups(followed),
        outside=_parties(followed),
        text_ms=text_ms,
        steps=steps,
    )


def _pressed(digits: str) -> str:
    return digits if DIGITS.issuperset(digits) else UNTOLD_KEY


def _said(followed: Followed, key: Key) -> tuple[str, str]:
    """The key and the words by which that choice is made now; a choice that may not be said any more is made
    by its key."""
    node = followed.node(key.place) if key.place >= 0 else None
    if not isinstance(node, MenuNode | ListenNode):
        return _pressed(key.digit), ""
    if not key.digit:
        return "", ANY_WORDS
    languages = (followed.walk.language, *followed.flow.content.languages)
    phrases = (phrase for one in languages for phrase in node.spoken(one).get(key.digit, ()))
    words = next(phrases, "")
    pressed = key.digit
    if isinstance(node, ListenNode) and (choice := node.choices.get(key.digit)):
        pressed = choice.key or pressed
    return ("", words) if words else (_pressed(pressed), "")


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


def _broke_off(followed: Followed) -> bool:
    """The caller hung up, or somebody ended the call for whom the flow would have had more to say."""
    walk, last = followed.walk, len(followed.walk.nodes) - 1
    if walk.ended_by is e.EndedBy.CALLER:
        return True
    node = followed.node(last)
    outcome = walk.stays.get(last, QueueOutcome.AGENT_DONE)
    by_flow = walk.ended_by is e.EndedBy.FLOW
    return not by_flow and isinstance(node, QueueNode) and node.way_of(outcome) is not None


def _stays(followed: Followed) -> list[QueueStay]:
    walk, found = followed.walk, []
    for place, visit in enumerate(walk.nodes):
        is_last = place + 1 == len(walk.nodes)
        if not isinstance(followed.node(place), QueueNode) and place not in walk.stays:
            continue
        until = (walk.ended_at or visit.at) if is_last else walk.nodes[place + 1].at
        outcome = walk.stays.get(place)
        if is_last and _broke_off(followed):
            outcome = None
        found.append(QueueStay(outcome, max(0, until - visit.at)))
    return found or [QueueStay(None)]


def _tickets(followed: Followed) -> list[TicketAnswer]:
    found = []
    for place, node, took_ms in followed.steps():
        if isinstance(node, TicketNode):
            refused = followed.words(place) == ["failed"]
            found.append(TicketAnswer(None if refused else "T-1", min(took_ms, node.timeout_sec * 1000)))
    return found or [TicketAnswer("T-1")]


def _look_ups(followed: Followed) -> dict[str, list[LookUpAnswer]]:
    """Answered as the way that was taken says, with what the flow's variables were afterwards: sensitive
    results are in no journal, and such a look-up fails now. Whoever did not wait for it has no answer."""
    found: dict[str, list[LookUpAnswer]] = {}
    for place, node, took_ms in followed.steps():
        if isinstance(node, LookUpNode):
            words = followed.words(place)
            after = followed.walk.variables.get(place + 1, {})
            results = {result: after[name] for name, result in node.into.items() if name in after}
            outcome = LookUpOutcome.FAILED
            if "next" in words:
                outcome = LookUpOutcome.FOUND
            elif "not_found" in words:
                outcome = LookUpOutcome.NOT_FOUND
            after_ms = NEVER_MS if words == ["human"] else min(took_ms, node.timeout_sec * 1000)
            found.setdefault(node.look_up, []).append(LookUpAnswer(outcome, results, after_ms))
    return found


def _parties(followed: Followed) -> list[OutsideParty]:
    """What came of each number dialled outside, by the way that was gone from it."""
    found = []
    for place, node, took_ms in followed.steps():
        if isinstance(node, TransferNode) and node.rings_outside:
            following = followed.walk.nodes[place + 1].node
            end = next((end for end in TransferEnd if node.way_of(end) == following), None)
            found.append(OutsideParty(end, took_ms))
    return found or [OutsideParty(None)]


def _keys_by_the_ways(followed: Followed) -> list[Key]:
    """A key for each way that only a key opens, at the instant at which the way was taken."""
    found: list[Key] = []
    visits = followed.walk.nodes
    for place, node, took_ms in followed.steps():
        if isinstance(node, SurveyNode):
            found += followed.ratings(place, node)
        if not isinstance(node, _KEYED) or place in followed.walk.stays:
            continue
        words, left_at = followed.words(place), visits[place + 1].at
        pressed_in = next((i for i in range(place, -1, -1) if visits[i].at < left_at), place)
        digit = next((word for word in words if word in DIGITS), None)
        if isinstance(node, CollectNode):
            digit = entry_for(node) if "next" in words else None
        human = followed.human(place)
        said = _choice(node, words) if isinstance(node, ListenNode) else None
        if digit is None and said is None and "next" not in words and "human" in words and human:
            digit = human.key
        if said is not None:
            found.append(Key(left_at, said, place, spoken=True))
        elif digit is not None:
            found.append(Key(left_at, digit, pressed_in))
        elif isinstance(node, MenuNode) and _was_wrong(node, words, took_ms):
            tries = node.retries + 1
            wrong, step_ms = followed.unoffered(place, node), took_ms // tries
            found += [Key(visits[place].at + (i + 1) * step_ms, wrong, place) for i in range(tries)]
    return found


_KEYED = MenuNode | ListenNode | PlayNode | QueueNode | LookUpNode | CollectNode


def _choice(node: ListenNode, words: list[str]) -> str | None:
    """What was said to leave by these ways; empty: something that was kept whole."""
    return next((word for word in words if word in node.choices), "" if "next" in words else None)


def _was_wrong(node: MenuNode, words: list[str], took_ms: int) -> bool:
    """Whoever was silent was there for all the time-outs; else wrong keys were pressed."""
    silent_ms = (node.retries + 1) * node.timeout_sec * 1000
    return "no_match" in words and ("no_input" not in words or took_ms < silent_ms)
