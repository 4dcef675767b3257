"""Who calls in the demo, and what happens to them: a fixed list, the same for the same numbers of calls.

The stories here are those of the usual demo; those of the others are in ``callcenter.demo.scenarios``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import cycle, islice


class Plot(StrEnum):
    """What happens in a call; the value is what people read."""

    CONSULTATION = "asks for advice, key 1"
    COMPLAINT = "complains, key 2"
    KOREAN = "Korean line, wideband"
    GIVES_UP = "hangs up while waiting"
    OUTSIDE_HOURS = "leaves a message at night"
    HOLD = "is put on hold"
    TRANSFER = "is transferred"
    DECLINED = "first agent declines"
    LEAVES_MENU = "hangs up in the menu"
    UNANSWERED = "first agent is away"
    LISTENER = "hears the whole welcome"
    RELAXED = "waits for a lower skill"
    RINGS_MANY = "several phones ring"
    AT_ONCE = "several pick up at once"
    OVERFLOWS = "goes to another queue"
    TURNED_AWAY = "finds the queue full"
    CALLS_AGAIN = "calls again"
    KEPT = "kept for the last agent"
    CALL_BACK = "wants a call-back"
    BEHIND = "waits on the line"


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
    TURNED_AWAY = "overflow_full"
    CALLED_BACK = "callback_requested"


class Point(StrEnum):
    """How far a call has come."""

    WAITS = "waits"
    PROMISED = "promised"
    """To be called back."""
    TALKS = "talks"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Moment:
    """``plus_ms`` after the call of story ``number`` has come to this point, or was over before."""

    number: int
    point: Point
    plus_ms: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A number that is called, over a trunk, by people who speak a language."""

    did: str
    trunk: str
    language: str


HOTLINE = Line("12345", "city", "zh")
NIGHT_LINE = Line("12345000", "city", "zh")
KOREAN_LINE = Line("12345082", "wideband", "ko")
SOON_MS = 1_500


@dataclass(frozen=True, slots=True)
class Story:
    """One caller. ``number`` counts from 1; ``caller`` is the number they call from, and ``repeat`` how many
    earlier stories call from it. ``keys`` are pressed ``keys_after_ms`` into the call. The call is placed
    ``starts_after_ms`` into the demo, and not before the moment ``after``; its agent talks on up to the
    moment ``until``."""

    number: int
    plot: Plot
    caller: str
    line: Line = HOTLINE
    keys: str = "1"
    keys_after_ms: int = SOON_MS
    starts_after_ms: int = 0
    hangs_up: Side = Side.CALLER
    outcome: Outcome = Outcome.ANSWERED
    after: Moment | None = None
    until: Moment | None = None
    repeat: int = 0


KEYS: Mapping[Plot, str] = {Plot.COMPLAINT: "2", Plot.LEAVES_MENU: ""}
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
WHOLE_WELCOME_MS = 9_000


def caller_number(number: int, run: int) -> str:
    """The number from which story ``number`` calls. ``run`` makes it differ from demo to demo, so that nobody
    joins a ticket of an earlier one."""
    return f"139{run % 10_000:04d}{number:04d}"


def stories(calls: int, run: int) -> tuple[Story, ...]:
    """The stories of a usual demo of so many calls; ``run`` as in ``caller_number``.

    Who gives up calls while the only agent for that line talks with an earlier caller, up to the end."""
    told: list[Story] = []
    korean: int | None = None
    for number, plot in enumerate(islice(cycle(ONE_ROUND), calls), start=1):
        story = _story(number, plot, run)
        if plot is Plot.GIVES_UP and korean is not None:
            story = replace(story, after=Moment(korean, Point.TALKS))
            told[korean - 1] = replace(told[korean - 1], until=Moment(number, Point.OVER))
        told.append(story)
        korean = number if plot is Plot.KOREAN else korean
    return tuple(told)


def _story(number: int, plot: Plot, run: int) -> Story:
    line = {Plot.KOREAN: KOREAN_LINE, Plot.GIVES_UP: KOREAN_LINE, Plot.OUTSIDE_HOURS: NIGHT_LINE}.get(
        plot, HOTLINE
    )
    return Story(
        number=number,
        plot=plot,
        line=line,
        caller=caller_number(number, run),
        keys=KEYS.get(plot, "1"),
        keys_after_ms=WHOLE_WELCOME_MS if plot is Plot.LISTENER else SOON_MS,
        starts_after_ms=(number - 1) * BETWEEN_CALLS_MS,
        hangs_up=Side.AGENT if plot in AGENT_HANGS_UP else Side.CALLER,
        outcome=OUTCOMES.get(plot, Outcome.ANSWERED),
    )
