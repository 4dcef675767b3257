"""Who calls in the demo, and what happens to them: a fixed list, the same for the same numbers of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice


class Plot(StrEnum):
    """What happens in a call; the value is what people read."""

    CONSULTATION = "asks for advice, key 1"
    COMPLAINT = "complains, key 2"
    KOREAN = "Korean line, wideband"
    GIVES_UP = "hangs up while waiting"
    OUTSIDE_HOURS = "calls outside hours"
    HOLD = "is put on hold"
    TRANSFER = "is transferred"
    DECLINED = "first agent declines"
    LEAVES_MENU = "hangs up in the menu"
    UNANSWERED = "first agent is away"
    LISTENER = "hears the whole welcome"


class Side(StrEnum):
    """A side of a call."""

    CALLER = "caller"
    AGENT = "agent"


class Outcome(StrEnum):
    """How a story is meant to end."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    CLOSED = "closed"
    LEFT_FLOW = "left_flow"


@dataclass(frozen=True, slots=True)
class Line:
    """A number that is called, over a trunk, by people who speak a language."""

    did: str
    trunk: str
    language: str


HOTLINE = Line("12345", "city", "zh")
NIGHT_LINE = Line("12345000", "city", "zh")
KOREAN_LINE = Line("12345082", "wideband", "ko")


@dataclass(frozen=True, slots=True)
class Story:
    """One caller. ``number`` counts from 1; ``caller`` is the number they call from. ``keys`` are pressed
    ``keys_after_ms`` into the call. The call is placed ``starts_after_ms`` into the demo, and not before the
    call ``after_talk_of`` (a story's number) is with its agent."""

    number: int
    plot: Plot
    line: Line
    caller: str
    keys: str
    keys_after_ms: int
    starts_after_ms: int
    hangs_up: Side
    outcome: Outcome
    after_talk_of: int | None = None


KEYS: Mapping[Plot, str] = {Plot.COMPLAINT: "2", Plot.OUTSIDE_HOURS: "", Plot.LEAVES_MENU: ""}
OUTCOMES: Mapping[Plot, Outcome] = {
    Plot.GIVES_UP: Outcome.ABANDONED,
    Plot.OUTSIDE_HOURS: Outcome.CLOSED,
    Plot.LEAVES_MENU: Outcome.LEFT_FLOW,
}
ONE_ROUND: Sequence[Plot] = (
    Plot.CONSULTATION,
    Plot.COMPLAINT,
    Plot.KOREAN,
    Plot.GIVES_UP,
    Plot.OUTSIDE_HOURS,
    Plot.HOLD,
    Plot.TRANSFER,
    Plot.DECLINED,
    Plot.UNANSWERED,
    Plot.LEAVES_MENU,
    Plot.LISTENER,
    Plot.CONSULTATION,
)
"""Twelve calls; more calls begin again from the first."""
AGENT_HANGS_UP = frozenset({Plot.COMPLAINT, Plot.HOLD, Plot.DECLINED})
BETWEEN_CALLS_MS = 700
SOON_MS = 1_500
WHOLE_WELCOME_MS = 9_000


def stories(calls: int, run: int) -> tuple[Story, ...]:
    """The stories of a demo of so many calls. ``run`` makes the callers' numbers differ from demo to demo, so
    that nobody joins a ticket of an earlier one."""
    told: list[Story] = []
    korean: int | None = None
    for number, plot in enumerate(islice(cycle(ONE_ROUND), calls), start=1):
        told.append(_story(number, plot, run, korean))
        korean = number if plot is Plot.KOREAN else korean
    return tuple(told)


def _story(number: int, plot: Plot, run: int, korean: int | None) -> Story:
    line = {Plot.KOREAN: KOREAN_LINE, Plot.GIVES_UP: KOREAN_LINE, Plot.OUTSIDE_HOURS: NIGHT_LINE}.get(
        plot, HOTLINE
    )
    return Story(
        number=number,
        plot=plot,
        line=line,
        caller=f"139{run % 10_000:04d}{number:04d}",
        keys=KEYS.get(plot, "1"),
        keys_after_ms=WHOLE_WELCOME_MS if plot is Plot.LISTENER else SOON_MS,
        starts_after_ms=(number - 1) * BETWEEN_CALLS_MS,
        hangs_up=Side.AGENT if plot in AGENT_HANGS_UP else Side.CALLER,
        outcome=OUTCOMES.get(plot, Outcome.ANSWERED),
        after_talk_of=korean if plot is Plot.GIVES_UP else None,
    )
