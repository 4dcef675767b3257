"""The interpreter of flows: steps per second, memory of a session, and how long a big flow takes to check."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence

from bench.figures import ratio, shown
from bench.report import Report, as_ratio, within
from bench.rounds import per_cpu_second
from ivr_flows.check import structure_mistakes
from ivr_flows.effects import DigitReceived, FlowEvent, PlayEnded, PlayPrompts, QueueLeft, QueueOutcome
from ivr_flows.interpreter import CallFacts, FlowSession, Phase
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow
from located_yaml import load

STEPS_PER_S, SESSION_BYTES, CHECK_MS, CHECKED_NODES = 100_000, 4096, 200, 500
FACTS = CallFacts("13800000000", "12345")
MIXED = """
flow: mixed
languages: [zh, en]
start: vips
human: {key: '0', next: desk}
variables: {vip: false, rounds: 0}
nodes:
  vips: {branch: [{when: "vip or starts_with(caller, '139')", next: desk}], otherwise: hello}
  hello: {play: {zh: 您好。, en: Hello.}, next: top}
  top: {menu: {zh: 请按键。, en: Press.}, digits: {1: ask, 2: english}, no_input: desk, no_match: desk}
  english: {language: en, next: top}
  ask:
    collect: {zh: 请输入。, en: Enter.}
    digits: 4
    check: 2###
    into: code
    next: count
    no_input: desk
    no_match: desk
  count: {set: {rounds: rounds + 1, area: "if_else(starts_with(code, '20'), 'north', 'south')"}, next: tell}
  tell: {say: {zh: '{area}，第{rounds:number}次。', en: '{area} {rounds:number}.'}, next: draw}
  draw: {split: [{weight: 1, next: more}, {weight: 1, next: more}]}
  more: {branch: [{when: rounds < 5 and area == 'north', next: hello}], otherwise: desk}
  desk: {queue: general, otherwise: bye}
  bye: {hang_up: done}
"""
KEYS = tuple(map(DigitReceived, "212026"))


def run(*, quick: bool) -> list[Report]:
    """All three."""
    calls, rounds = (300, 3) if quick else (1500, 7)
    flow = load_flow(MIXED, "mixed.yaml")
    script = _script(flow)
    path = _call(flow, script).path
    walked = {name: {way.word: way.target for way in node.ways()} for name, node in flow.nodes.items()}

    def steps(counted: int) -> int:
        for _ in range(calls):
            _call(flow, script)
        return calls * counted

    works = {
        "nodes entered": lambda: steps(len(path)),
        "events handled": lambda: steps(len(script)),
        "plain walk over dicts": lambda: _walk(walked, path, calls * 20),
    }
    speeds = per_cpu_second(works, rounds=rounds)
    reference = speeds["plain walk over dicts"]
    report = Report(
        "flows: steps of the interpreter",
        ("", "per CPU second", "plain walk / this", "target"),
        [
            (name, str(speed), as_ratio(ratio(reference, speed)), _target(name, speed.median))
            for name, speed in speeds.items()
        ],
        [
            f"A call of {len(path)} nodes and {len(script)} events over play, menu, collect, set, say,",
            "split, branch, language and queue. The plain walk only looks each node up, and its ways.",
        ],
        {name: speed.to_dict() for name, speed in speeds.items()},
    )
    _memory_and_check(report, flow, rounds)
    return [report]


def _target(name: str, speed: float) -> str:
    return "" if name.startswith("plain") else f"{within(speed, STEPS_PER_S, at_least=True)} {STEPS_PER_S:,}"


def _memory_and_check(report: Report, flow: Flow, rounds: int) -> None:
    per_session = session_bytes(flow)
    source = generated_flow(CHECKED_NODES)
    big = load_flow(source, "big.yaml")
    whole, yaml, proofs = (
        min(_cpu_ms(work) for _ in range(rounds))
        for work in (
            lambda: load_flow(source, "big.yaml"),
            lambda: load(source, "big.yaml"),
            lambda: structure_mistakes(big),
        )
    )
    report.notes += [
        f"Memory: {per_session:,} B per session in the middle of its call "
        f"({within(per_session, SESSION_BYTES)}, target {SESSION_BYTES:,}).",
        f"A flow of {CHECKED_NODES} nodes is read and checked in {whole:.0f} ms "
        f"({within(whole, CHECK_MS)}, target {CHECK_MS}): {as_ratio(whole / yaml)} of reading its YAML alone "
        f"({yaml:.0f} ms); the proofs take {shown(proofs)} ms of it.",
    ]
    report.data |= {"session_bytes": per_session, "check_ms": whole, "yaml_ms": yaml, "proofs_ms": proofs}


def session_bytes(flow: Flow, sessions: int = 1000) -> int:
    """The bytes that Python holds for each session, its own variables and keys in it."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = [_begun(flow, f"call-{number}") for number in range(sessions)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) // len(kept)


def generated_flow(nodes: int) -> str:
    """A sound flow of so many nodes of many kinds, as YAML."""
    lines = ["flow: big", "languages: [zh, en]", "start: n0", "human: {key: '0', next: desk}"]
    lines += ["variables: {tries: 0, vip: false, phone: ''}", "nodes:"]
    for number in range(nodes - 2):
        onward = f"n{number + 1}" if number < nodes - 3 else "desk"
        lines.append(f"  n{number}: {{{_node(number, onward)}}}")
    return "\n".join([*lines, "  desk: {queue: general, otherwise: bye}", "  bye: {hang_up: done}"])


def _node(number: int, onward: str) -> str:
    return (
        f"play: {{zh: 您好{number}。, en: Hello {number}.}}, next: {onward}",
        f"menu: {{zh: 请按{number}。, en: Press {number}.}}, "
        f"digits: {{1: {onward}, 2: n{number // 2}}}, no_input: {onward}, no_match: desk",
        f"set: {{seen{number % 30}: '{number} + tries', tries: tries + 1}}, next: {onward}",
        f"branch: [{{when: 'vip and 9 <= hour < 18', next: desk}}], otherwise: {onward}",
        f"collect: {{zh: 请输入{number}。, en: Enter {number}.}}, digits: {{min: 4, max: 11}}, "
        f"check: phone_cn, into: phone, next: {onward}, no_input: {onward}, no_match: desk",
        f"say: {{zh: '{number}：{{tries}}，{{phone:digits}}。', en: '{number}: {{tries}}.'}}, next: {onward}",
    )[number % 6]


def _begun(flow: Flow, seed: str) -> FlowSession:
    """A session that waits in the middle of its call."""
    session = FlowSession(flow, FACTS, {}, seed)
    session.start(0)
    for key in KEYS:
        session.handle(key, 0)
    return session


def _call(flow: Flow, script: Sequence[FlowEvent]) -> FlowSession:
    """One call to its end."""
    session = FlowSession(flow, FACTS, {}, "call")
    session.start(0)
    for event in script:
        session.handle(event, 0)
    return session


def _script(flow: Flow) -> list[FlowEvent]:
    """What a call is told that hears every text to its end: English first, then rounds of four digits."""
    session = FlowSession(flow, FACTS, {}, "call")
    effects, script = session.start(0), list[FlowEvent]()
    choices, digits = itertools.chain("2", itertools.repeat("1")), itertools.cycle("2026")
    while session.phase is not Phase.ENDED:
        match session.phase:
            case Phase.LISTENING:
                event: FlowEvent = DigitReceived(next(choices))
            case Phase.COLLECTING:
                event = DigitReceived(next(digits))
            case Phase.QUEUED:
                event = QueueLeft(QueueOutcome.TIMEOUT)
            case _:
                (play,) = (effect for effect in effects if isinstance(effect, PlayPrompts))
                event = PlayEnded(play.token)
        script.append(event)
        effects = session.handle(event, 0)
    return script


def _walk(ways: Mapping[str, Mapping[str, str]], path: Sequence[str], times: int) -> int:
    """Look every node of the path up, and its ways."""
    found = 0
    for _ in range(times):
        for name in path:
            found += bool(ways[name])
    return times * len(path)


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000
