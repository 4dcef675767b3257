"""How far the Router's expected wait is from the wait that comes, beside the least error there can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

from acd import events as ev
from acd.commands import MakeOffer
from acd.model import AcdConfig, AgentConfig, QueueConfig
from acd.router import Router
from bench.report import Report, as_ratio

SEED = 20261121
HANDLE_MS = 180_000
LOAD = 0.97
CASES = ((5, "exponential"), (20, "exponential"), (20, "log-normal"), (100, "exponential"))


@dataclass(frozen=True, slots=True)
class Errors:
    """Of the calls that waited: means in seconds. ``oracle_sec`` is the mean absolute error of who knows the
    true mean handling time and the position, and nothing can know more when it is exponential."""

    calls: int
    wait_sec: float
    bias_sec: float
    error_sec: float
    oracle_sec: float


def run(*, quick: bool) -> list[Report]:
    """Queues at 97 % load, where waits are long."""
    report = Report(
        "acd: expected wait against the wait that came",
        (
            "agents",
            "handling",
            "calls that waited",
            "mean wait s",
            "bias s",
            "mean error s",
            "oracle s",
            "ratio",
        ),
        notes=[
            "Expected wait: position x mean handling time / agents at work, the mean learnt from the last "
            "calls (Line.expected_wait_ms). Bias: expected less actual. Oracle: the same with the true mean.",
        ],
    )
    for agents, handling in CASES:
        found = _errors(agents, handling, 4_000 if quick else 30_000)
        ratio = found.error_sec / found.oracle_sec
        report.rows.append(
            (
                str(agents),
                handling,
                f"{found.calls:,}",
                f"{found.wait_sec:.1f}",
                f"{found.bias_sec:+.1f}",
                f"{found.error_sec:.1f}",
                f"{found.oracle_sec:.1f}",
                as_ratio(ratio),
            )
        )
        report.data[f"{agents} {handling}"] = {"error_ratio": ratio, "bias_sec": found.bias_sec}
    return [report]


def _errors(agents: int, handling: str, calls: int) -> Errors:
    dice = Random(SEED)
    spans: dict[str, Callable[[], float]] = {
        "exponential": lambda: dice.expovariate(1 / HANDLE_MS),
        "log-normal": lambda: dice.lognormvariate(0.0, 0.8) * HANDLE_MS / 1.3771,  # mean exp(0.32) = 1.3771
    }
    people = {f"a{number}": AgentConfig(f"a{number}") for number in range(agents)}
    router = Router(AcdConfig("bench", {"q": QueueConfig("q", wrap_up_sec=0)}, people))
    for agent_id in people:
        router.handle(ev.AgentLoggedIn(agent_id), 0)
        router.handle(ev.AgentReady(agent_id), 0)
    releases: list[tuple[int, str, str]] = []
    expected: dict[str, tuple[int, int, float]] = {}
    waited: list[tuple[int, int, float]] = []

    def tell(event: ev.RouterEvent, now: int) -> None:
        for command in router.handle(event, now):
            if isinstance(command, MakeOffer):
                router.handle(ev.OfferAccepted(command.offer_id), now)
                heappush(releases, (now + round(spans[handling]()), command.agent_id, command.call_id))
                if command.call_id in expected:
                    at, guess, oracle = expected.pop(command.call_id)
                    waited.append((now - at, guess, oracle))

    now = 0.0
    for number in range(calls):
        now += dice.expovariate(LOAD * agents / HANDLE_MS)
        while releases and releases[0][0] <= now:
            at, agent_id, call_id = heappop(releases)
            tell(ev.AgentReleased(agent_id, call_id), at)
        call_id = f"c{number}"
        tell(ev.CallQueued(call_id, "q", int(now)), int(now))
        guess, position = router.estimated_wait_ms(call_id), router.position(call_id)
        if guess is not None and position is not None:
            expected[call_id] = (int(now), guess, position * HANDLE_MS / agents)
    settled = waited[len(waited) // 10 :]
    count = len(settled)
    return Errors(
        calls=count,
        wait_sec=sum(wait for wait, _, _ in settled) / count / 1000,
        bias_sec=sum(guess - wait for wait, guess, _ in settled) / count / 1000,
        error_sec=sum(abs(guess - wait) for wait, guess, _ in settled) / count / 1000,
        oracle_sec=sum(abs(oracle - wait) for wait, _, oracle in settled) / count / 1000,
    )
