"""Digits in a whole centre: kept through a kill, in the clear nowhere, and what is heard while waiting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from paper_centre import ALWAYS, centre_config
from world import World

from callcenter.controller.floor import NumberRoute
from callcenter.domain import events as e
from ivr_flows.loader import load_flow, load_flows
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


WITHIN = load_flows(
    {
        "outer.yaml": """
flow: outer
languages: [zh]
start: ask
nodes:
  ask: {menu: {zh: 请选择}, digits: {1: inner}, no_input: bye, no_match: bye}
  inner: {flow: number_of, next: bye}
  bye: {hang_up: done}
""",
        "number_of.yaml": """
flow: number_of
languages: [zh]
start: kind
nodes:
  kind: {menu: {zh: 请选择号码种类}, digits: {2: ask}, no_input: back, no_match: back}
  ask: {collect: {zh: 请输入}, digits: 6, into: number, next: back, no_input: back, no_match: back}
  back: {return: {}}
""",
    }
)


def test_keys_within_a_sub_flow_are_told_by_its_own_nodes() -> None:
    """A choice is journaled, a number is not, though the flow around has a menu by the same name."""
    number = NumberRoute("outer", "zh", {"office": ALWAYS})
    world = World(replace(centre_config(), flows=WITHIN, any_number=number))
    call_id = world.call(digits="12735184")
    world.run(5)
    pressed = [event.digit for event in world.events(e.KeyPressed, call_id)]
    assert pressed == ["1", "2", *"??????"]
    world.hang_up(call_id)
    world.finish()
