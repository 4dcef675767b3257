"""Which call a number belongs to while the demo is played, and who waits for whom."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.demo.cast import Cast
from callcenter.demo.stories import Moment, Plot, Point, Story


@pytest.fixture
def cast() -> Cast:
    """Two calls of one number, one of another."""
    return Cast(
        (
            Story(1, Plot.CONSULTATION, "100"),
            Story(2, Plot.CALLS_AGAIN, "100", repeat=1),
            Story(3, Plot.CONSULTATION, "200"),
        )
    )


def test_a_phone_rings_for_the_last_call_placed_from_a_number(cast: Cast) -> None:
    """Agents see the number only; nobody has called before the first call is placed."""
    first, second, _ = cast.scenes
    assert cast.rings_for("100") is None
    first.placed = True
    assert cast.rings_for("100") is first
    second.placed = True
    assert cast.rings_for("100") is second
    assert cast.rings_for("300") is None


def test_the_live_view_tells_the_calls_of_a_number_apart(cast: Cast) -> None:
    """A call that is known stays itself; a new one is the first that has been placed and not been seen."""
    first, second, _ = cast.scenes
    assert cast.shown_as("100", "c1") is None
    first.placed = True
    assert cast.shown_as("100", "c1") is first
    first.seen("c1", "in_flow", None)
    assert cast.shown_as("100", "c2") is None
    second.placed = True
    assert cast.shown_as("100", "c2") is second
    assert cast.shown_as("100", "c1") is first


def test_a_story_goes_on_in_the_call_back_that_was_promised(cast: Cast) -> None:
    """The live view shows both calls for a while; the one in which it was asked for tells no more."""
    first, second, _ = cast.scenes
    first.placed = second.placed = True
    first.seen("c1", "queued", None)
    assert cast.shown_as("100", "c1.b1", "c1") is first
    first.seen("c1.b1", "queued", None)
    assert first.points[Point.PROMISED].is_set()
    assert cast.shown_as("100", "c1") is None
    assert cast.shown_as("100", "c1.b1", "c1") is first
    assert cast.shown_as("100", "c9.b1", "c9") is None
    assert cast.shown_as("100", "c2") is second


async def test_a_moment_comes_when_the_call_has_come_so_far(cast: Cast) -> None:
    """Who waits for a call that waits goes on then; who waits for its talk not before that."""
    waits = asyncio.create_task(cast.until(Moment(1, Point.WAITS)))
    talks = asyncio.create_task(cast.until(Moment(1, Point.TALKS)))
    await asyncio.sleep(0)
    cast.scenes[0].seen("c1", "queued", None)
    async with asyncio.timeout(1):
        await waits
    assert not talks.done()
    cast.scenes[0].reach(Point.TALKS)
    async with asyncio.timeout(1):
        await talks


async def test_nobody_waits_for_a_call_that_is_over(cast: Cast) -> None:
    """A call that went otherwise than meant holds up no other."""
    cast.scenes[0].reach(Point.OVER)
    assert cast.scenes[0].over
    async with asyncio.timeout(1):
        for point in Point:
            await cast.until(Moment(1, point))
