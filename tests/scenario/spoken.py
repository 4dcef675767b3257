"""Callers who say what they want, and what must have come of it."""

from __future__ import annotations

from world import World

from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q

CALLER = "ccaller-1"


def _at_the_menu(world: World) -> None:
    world.ready("1001")
    world.call(digits="A")
    world.run(1)


def _at_the_question(world: World) -> None:
    world.ready("1001")
    world.call(digits="#")
    world.run(1)


def _then_talks(world: World) -> None:
    world.run(15)
    world.hang_up(CALLER)


def says_it(world: World) -> None:
    _at_the_menu(world)
    world.say(CALLER, "我要", "人", "工")
    _then_talks(world)


def came_where_they_wanted(world: World) -> None:
    """Said once, journaled as the key it stands for, without the words, and acted upon as soon as said."""
    spoken = world.one(e.ChoiceSpoken, CALLER)
    assert (spoken.choice, spoken.confidence) == ("1", 0.9)
    path = {event.node: event.at for event in world.events(e.NodeEntered, CALLER)}
    assert path["support"] - path["spoken"] < 2000
    assert not any("人工" in str(line) or "我要" in str(line) for line in world.journal.lines)
    assert world.outcomes(CALLER) == [Q.ANSWERED]


def says_something_else(world: World) -> None:
    """First too unsurely, then what nobody offers."""
    _at_the_menu(world)
    world.say(CALLER, "销售", confidence=0.3)
    world.run(4)
    world.say(CALLER, "天气", "真好")
    _then_talks(world)


def was_not_understood(world: World) -> None:
    assert not world.events(e.ChoiceSpoken)
    assert [event.node for event in world.events(e.NodeEntered, CALLER)][-2:] == ["farewell", "end"]


def presses_instead(world: World) -> None:
    """In the middle of a sentence."""
    _at_the_menu(world)
    world.say(CALLER, "人工")
    world.switch.press(CALLER.removeprefix("c"), "2")
    _then_talks(world)


def the_key_counted(world: World) -> None:
    assert not world.events(e.ChoiceSpoken)
    assert [event.queue for event in world.events(e.CallQueued, CALLER)] == ["sales"]


def recogniser_dies(world: World) -> None:
    """While the caller speaks; the caller then presses a key."""
    _at_the_menu(world)
    world.say(CALLER, "人工")
    world.lose_recogniser()
    world.run(2)
    world.switch.press(CALLER.removeprefix("c"), "2")
    _then_talks(world)


def nobody_listens(world: World) -> None:
    world.deaf = True
    _at_the_menu(world)
    world.say(CALLER, "人工")
    world.switch.press(CALLER.removeprefix("c"), "2")
    _then_talks(world)


def leaves_while_speaking(world: World) -> None:
    _at_the_menu(world)
    world.say(CALLER, "人工")
    world.hang_up(CALLER)
    world.run(5)


def had_chosen_nothing(world: World) -> None:
    assert not world.events(e.ChoiceSpoken)
    assert world.one(e.CallEnded, CALLER).by is e.EndedBy.CALLER


def speaks_out_of_sight(world: World) -> None:
    """The link to the switch breaks; the audio has a connection of its own."""
    _at_the_menu(world)
    world.link_down()
    world.say(CALLER, "人工")
    world.run(2)
    world.link_up()
    _then_talks(world)


def was_answered(world: World) -> None:
    assert world.outcomes(CALLER) == [Q.ANSWERED]


def tells_a_story(world: World) -> None:
    """What is no choice is kept, and decides; a kill may take it, but shows it to nobody."""
    _at_the_question(world)
    world.say(CALLER, "门口", "的", "路灯", "坏了")
    _then_talks(world)


def story_was_understood(world: World) -> None:
    assert [event.choice for event in world.events(e.ChoiceSpoken, CALLER)] == [""]
    assert world.one(e.TicketAsked, CALLER).category == "complaint"
    assert not any("路灯" in str(line) for line in world.journal.lines)


def is_asked_back(world: World) -> None:
    _at_the_question(world)
    world.say(CALLER, "买", confidence=0.4)
    world.run(2)
    world.say(CALLER, "是")
    _then_talks(world)


def was_sure_in_the_end(world: World) -> None:
    assert world.one(e.ChoiceSpoken, CALLER).choice == "buy"
    assert any("您说的是买吗" in media[0] for _, media in world.heard)
    assert [event.queue for event in world.events(e.CallQueued, CALLER)] == ["sales"]


def nobody_hears_the_answer(world: World) -> None:
    world.deaf = True
    _at_the_question(world)
    _then_talks(world)


def went_the_other_way(world: World) -> None:
    assert world.one(e.TicketAsked, CALLER).category == "complaint"
