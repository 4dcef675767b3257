"""`callcenter flows capture`: a real call as a test."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from callcenter.cli.failure import Failure
from callcenter.cli.flows.known import all_flows, write_new
from callcenter.cli.journal import life_of_call
from callcenter.flow_editing.rehearsing import around
from callcenter.places import Places
from callcenter.replay.followed import UNTOLD_KEY, Followed
from callcenter.replay.made_up import MadeUp
from callcenter.replay.walking import NEVER_MS, keys_of, script_of, walk_again
from callcenter.replay.walks import Key, Walk, Walks
from callcenter.settings import Settings
from ivr_flows.calendars import Calendar
from ivr_flows.effects import LookUpOutcome
from ivr_flows.model import (
    DIGITS,
    CollectNode,
    Flow,
    HoursNode,
    ListenNode,
    MenuNode,
    Node,
    QueueNode,
    SurveyNode,
    TransferNode,
)
from ivr_flows.rehearsal import LookUpAnswer, Rehearsal, Script, Step
from ivr_flows.testing.run import CLOSED, OPEN, TEXT_SEC

LONGEST_MS = (None, 1500, 400)
"""Texts are shorter in tests: a key pressed late in a long one is tried again so early."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


async def capture_call(settings: Settings, call_id: str, out: Path | None) -> None:
    """Write the call's test to a new file (None: print it). Raises Failure for a call that the journal does
    not know, that is not over, or whose flow is not there any more."""
    walks = Walks()
    for event in await life_of_call(settings, Places.of(settings.centre), call_id):
        walks.apply(event)
    walk = next(walks.done(), None)
    if walk is None:
        told = f"no call {call_id} that went through a flow and is over"
        raise Failure(f"{told} -> take a call_id from the page or a report")
    flow = all_flows(settings).get(walk.flow)
    if flow is None:
        raise Failure(f"there is no flow '{walk.flow}' any more -> set centre.flows_dir to where it lies")
    calendars = dict(around(settings).calendars)
    text = "\n".join(captured(walk, flow, calendars)) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        write_new(out, text)
        print(f"{out}: a test of {flow.name}; run it with: callcenter flows test {out}")


def captured(walk: Walk, flow: Flow, calendars: dict[str, Calendar]) -> Iterator[str]:
    """The lines of the file: no number, no name, and of the keys only choices that a menu offers."""
    days = _days(walk, flow)
    for name, is_open in days.items():
        calendars[name] = OPEN if is_open else CLOSED
    script, again = _best(walk, flow, calendars)
    local = datetime.fromtimestamp(walk.arrived_at / 1000, ZoneInfo(flow.content.time_zone))
    yield "# Captured from a real call by `callcenter flows capture`, without personal data: keys that are no"
    yield "# choice of a menu, and texts and numbers that were looked up, are made up. Give the case a name"
    yield "# that says what it shows."
    if again.path != walk.path:
        yield f"# The call went through version {walk.version or '(unknown)'}; the present one"
        yield f"# ({flow.version}) leads elsewhere: {' -> '.join(again.path)}"
    yield f"flow: {flow.name}"
    yield "cases:"
    yield f"  {_text(f'a call of {local:%Y-%m-%d} by way of {walk.path[-1]}')}:"
    yield f"    at: {local:%Y-%m-%d %H:%M}"
    yield f"    called: {_text(walk.did)}"
    if walk.language in flow.content.languages:
        yield f"    language: {walk.language}"
    if days:
        named = ", ".join(f"{name}: {'open' if is_open else 'closed'}" for name, is_open in days.items())
        yield f"    calendars: {{{named}}}"
    if script.steps:
        yield "    steps:"
        yield from (f"      - {{{_step(step)}}}" for step in script.steps)
    yield from _answers(walk, flow, script)
    yield from _expected(walk, flow, again)


def _best(walk: Walk, flow: Flow, calendars: dict[str, Calendar]) -> tuple[Script, Rehearsal]:
    """The first script that leads the recorded way; else the one with the times as they were."""
    keys = keys_of(walk, flow)
    followed = Followed(walk, flow)
    own = {place: _harmless(followed, key) for place, key in enumerate(keys)}
    nobody = replace(walk, caller="")
    tried = []
    for most_ms in LONGEST_MS:
        script = script_of(walk, flow, lambda _: round(TEXT_SEC * 1000), lambda _, place: own[place], most_ms)
        script = replace(script, look_ups=_unpersonal(script, MadeUp(flow)))
        again = walk_again(nobody, flow, calendars, script)
        tried.append((script, again))
        if again.path == walk.path:
            return tried[-1]
    return tried[0]


def _unpersonal(script: Script, made_up: MadeUp) -> dict[str, list[LookUpAnswer]]:
    """The answers of the look-ups with made-up texts and numbers: what is true or false says little."""
    return {
        name: [
            replace(one, results={key: made_up(value) for key, value in one.results.items()})
            for one in answers
        ]
        for name, answers in script.look_ups.items()
    }


def _harmless(followed: Followed, key: Key) -> str:
    """The key itself when the node knows it there, or a menu offers it (also ahead, for one pressed
    early), else one as wrong. A number is made up already, and a score is in the journal."""
    place = max(key.place, 0)
    here = followed.node(place)
    if isinstance(here, CollectNode | SurveyNode):
        return key.digit if DIGITS.issuperset(key.digit) else UNTOLD_KEY
    if isinstance(here, QueueNode | ListenNode) and key.digit in here.keys:
        return key.digit
    ahead = ((i, followed.node(i)) for i in range(place, len(followed.walk.nodes)))
    found = next(((i, node) for i, node in ahead if isinstance(node, MenuNode)), None)
    human = followed.human(place)
    if (human and key.digit == human.key) or (found and key.digit in found[1].digits):
        return key.digit
    return followed.unoffered(*found) if found else "#"


def _days(walk: Walk, flow: Flow) -> dict[str, bool]:
    """Whether each calendar that was asked said open."""
    found: dict[str, bool] = {}
    followed = Followed(walk, flow)
    for place, node, _ in followed.steps():
        if isinstance(node, HoursNode) and (words := followed.words(place)):
            found.setdefault(node.hours, "open" in words)
    return found


# --- the lines ---------------------------------------------------------------------------------------------


def _step(step: Step) -> str:
    deed = "hang_up: true" if step.hangs_up else f"press: '{step.keys}'"
    if step.says:
        deed = f"say: {json.dumps(step.says, ensure_ascii=False)}"
    when = f", at: {step.node}" if step.node else ""
    if step.at_ms is not None:
        return f"{deed}, at_sec: {step.at_ms / 1000:g}"
    return f"{deed}{when}, after_sec: {round(step.after_ms / 1000, 1):g}"


def _answers(walk: Walk, flow: Flow, script: Script) -> Iterator[str]:
    followed = Followed(walk, flow)
    kinds = [followed.node(place) for place in range(len(walk.nodes))]
    if any(_queue_of(node) for node in kinds):
        ends = ((stay.outcome.value if stay.outcome else "never", stay.after_ms) for stay in script.queue)
        stays = ", ".join(f"{{ends: {end}, after_sec: {_seconds(after_ms)}}}" for end, after_ms in ends)
        yield f"    queues: [{stays}]"
    if any(isinstance(node, TransferNode) and node.rings_outside for node in kinds):
        parties = ((party.end.value if party.end else "never", party.after_ms) for party in script.outside)
        said = ", ".join(f"{{ends: {end}, after_sec: {_seconds(after_ms)}}}" for end, after_ms in parties)
        yield f"    outside: [{said}]"
    if any(answer.ticket_id is None for answer in script.tickets):
        words = ("opened" if answer.ticket_id else "refused" for answer in script.tickets)
        yield f"    tickets: [{', '.join(words)}]"
    if script.look_ups:
        yield "    look_ups:"
        for name, looked_up in script.look_ups.items():
            yield f"      {name}: [{', '.join(map(_look_up, looked_up))}]"
    if walk.lists:
        yield f"    lists: [{', '.join(sorted(walk.lists))}]"


def _look_up(answer: LookUpAnswer) -> str:
    if answer.after_ms == NEVER_MS:
        return "silent"
    after = f"after_sec: {_seconds(answer.after_ms)}"
    if answer.outcome is LookUpOutcome.FOUND:
        return f"{{found: {json.dumps(dict(answer.results))}, {after}}}"
    return f"{{is: {answer.outcome.value}, {after}}}"


def _expected(walk: Walk, flow: Flow, again: Rehearsal) -> Iterator[str]:
    followed, places = Followed(walk, flow), range(len(walk.nodes))
    known = [name for place in places if (name := followed.name(place))]
    queues = [queue for place in places if (queue := _queue_of(followed.node(place)))]
    yield "    expect:"
    yield f"      path: [{', '.join(known)}]"
    yield f"      queue: [{', '.join(queues)}]"
    if again.path == walk.path:
        yield f"      ticket: [{', '.join(_text(category) for category in again.ticket_categories)}]"
        yield f"      language: {again.language}"
        yield f"      ends: {again.ended or 'waiting'}"


def _queue_of(node: Node | None) -> str | None:
    """The queue into which this node leads, if it does."""
    if isinstance(node, TransferNode):
        return node.transfer.queue
    return node.queue if isinstance(node, QueueNode) else None


def _seconds(ms: int) -> str:
    return f"{round(ms / 1000, 1):g}"


def _text(words: str) -> str:
    return words if _PLAIN.fullmatch(words) else json.dumps(words, ensure_ascii=False)
