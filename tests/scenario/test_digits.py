"""Digits in a whole centre: kept through a kill, in the clear nowhere, and what is heard while waiting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from paper_centre import ALWAYS, centre_config
from world import World

from callcenter.controller.floor import NumberRoute
from callcenter.domain import events as e
from ivr_flows.loader import load_flow
from ivr_flows.sealing import Seal

CARD_LINE = load_flow(
    """
flow: card_line
languages: [zh]
start: card
nodes:
  card:
    collect: {zh: 请输入}
    digits: 6
    sensitive: true
    into: pin
    next: hold
    no_input: refused
    no_match: refused
  hold: {wait: 10, prompt: {zh: 请稍候}, music: true, next: sort}
  sort: {branch: [{when: "starts_with(pin, '73')", next: support}], otherwise: refused}
  support: {queue: support, otherwise: refused}
  refused: {hang_up: refused, cause: rejected}
""",
    "card_line.yaml",
)
CONFIG = replace(
    centre_config(),
    flows={CARD_LINE.name: CARD_LINE},
    any_number=NumberRoute(CARD_LINE.name, "zh", {"office": ALWAYS}),
    seal=Seal(b"the key of this installation"),
)


@pytest.mark.parametrize("killed", [False, True])
def test_sensitive_digits_outlive_the_controller_and_are_in_no_fact(killed: bool) -> None:
    """The journal has them sealed only; after a kill the branch still knows them."""
    world = World(CONFIG)
    call_id = world.call(digits="735184")
    world.run(1)
    if killed:
        world.kill()
    assert world.until(e.CallQueued, call_id).queue == "support"
    assert not any("735184" in str(line) for line in world.journal.lines)
    assert any("sealed1:" in str(line) for line in world.journal.lines)
    world.hang_up(call_id)
    world.finish()


def test_a_waiting_caller_hears_words_and_then_music() -> None:
    """And is let go with the flow's reason when the digits are wrong."""
    world = World(CONFIG)
    call_id = world.call(digits="123456")
    (leg_id,) = world.caller_legs()
    assert "music" not in world.switch.hears(leg_id)
    world.run(3)
    assert world.switch.hears(leg_id) == {"music"}
    assert world.until(e.CallEnded, call_id).reason == "refused"
    world.finish()
