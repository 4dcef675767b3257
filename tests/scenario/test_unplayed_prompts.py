"""What a caller hears while a prompt is made, and instead of one that cannot be had."""

from dataclasses import replace

from paper_centre import centre_config
from world import World

from callcenter.controller.flows import MUSIC_AFTER_MS
from callcenter.domain import events as e

SLOW = ("/prompts/现说得慢的号码.wav",)
BEEPS = "/prompts/beeps.wav"


def test_music_plays_until_a_slow_prompt_is_made() -> None:
    """Not for the moment that most take; then to the words, which stop it."""
    world = World(replace(centre_config(), prompt_wait_ms=60_000))
    leg_id = world.call(digits="6").removeprefix("c")
    world.run((MUSIC_AFTER_MS - 100) / 1000)
    assert world.switch.hears(leg_id) == set()
    world.run(0.2)
    assert world.switch.hears(leg_id) == {"music"}
    while SLOW not in [media for _, media in world.heard]:
        assert world.switch.hears(leg_id) == {"music"}
        world.run(0.5)
    assert "music" not in world.switch.hears(leg_id)
    assert world.events(e.PromptFailed) == []
    world.hang_up(f"c{leg_id}")
    world.finish()


def test_beeps_are_heard_instead_of_words_that_cannot_be_had() -> None:
    """And the failure is a fact, for the guards of a staged version."""
    world = World(replace(centre_config(), beeps=BEEPS))
    call_id = world.call(digits="4")
    world.run(3)
    assert (BEEPS,) in [media for _, media in world.heard]
    assert [event.node for event in world.events(e.PromptFailed, call_id)] == ["unheard"]
    assert [event.node for event in world.events(e.NodeEntered, call_id)][-1] == "support"
    world.hang_up(call_id)
    world.finish()
