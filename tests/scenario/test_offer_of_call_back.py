"""What a waiting caller hears who asks to be called back."""

from __future__ import annotations

import pytest
from world import World

from callcenter.domain import events as e

CALLER = "caller-1"
OFFER = f"c{CALLER}.w.1"


def test_who_presses_the_key_hears_the_promise_at_once() -> None:
    """The offer is cut short where it is: nobody listens on to what they have asked for already."""
    world = World()
    world.call(digits="1")
    while OFFER not in world.switch.hears(CALLER):
        world.run(0.1)
    world.switch.press(CALLER, "9")
    world.run(0.01)
    (heard,) = world.switch.hears(CALLER)
    assert heard.startswith(f"c{CALLER}.p.")
    world.run(10)
    world.ready("1001")
    world.run(60)
    world.finish()


@pytest.mark.parametrize("pressed", ["meanwhile", "afterwards"])
def test_the_offer_holds_when_the_controller_dies(pressed: str) -> None:
    """Who was told of the key may press it while nobody controls, and need not be told anew afterwards."""
    world = World()
    world.call(digits="1")
    world.run(5)
    world.kill(down_ms=1000)
    if pressed == "meanwhile":
        world.switch.press(CALLER, "9")
    world.run(1.5)
    if pressed == "afterwards":
        world.switch.press(CALLER, "9")
        world.run(0.1)
    assert len(world.events(e.CallBackPromised)) == 1
    world.run(10)
    world.ready("1001")
    world.run(60)
    world.finish()


def test_no_offer_is_taken_for_made_that_was_not() -> None:
    """Who has waited for a moment only when the controller dies is told first."""
    world = World()
    world.call(digits="1")
    world.run(0.5)
    world.kill(down_ms=500)
    world.run(0.6)
    world.switch.press(CALLER, "9")
    world.run(0.1)
    assert not world.events(e.CallBackPromised)
    world.hang_up(f"c{CALLER}")
    world.finish()
