"""What a waiting caller hears who asks to be called back."""

from __future__ import annotations

from world import World

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
