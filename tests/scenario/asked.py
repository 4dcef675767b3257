"""Flows that ask and tell other systems in the scenarios, and what must have come of it."""

from __future__ import annotations

from world import World

from callcenter.domain import events as e
from callcenter.domain.caller_lists import CallerLists, ListEntry
from callcenter.domain.numbering import NumberingPlan

CALLER = "ccaller-1"
NUMBER = "02112345678"
VIPS = CallerLists([ListEntry("e1", "vip", "0211*", "议员", "sue", 0)], NumberingPlan("CN"))


def _path(world: World) -> list[str]:
    return [event.node for event in world.events(e.NodeEntered, CALLER)]


def asks_and_tells(world: World) -> None:
    world.ready("1001")
    world.call(digits="B")
    world.run(20)
    world.hang_up(CALLER)


def was_asked_and_told(world: World) -> None:
    """In the order of the flow; what is heard meanwhile is heard to its end."""
    assert _path(world)[2:] == ["citizen", "tell", "advice", "level", "important", "listed", "support"]
    assert world.one(e.LookUpEnded, CALLER).took_ms == 300
    entered = {event.node: event.at for event in world.events(e.NodeEntered, CALLER)}
    assert 1500 <= entered["tell"] - entered["citizen"] < 1600
    (told,) = world.elsewhere.told.values()
    assert told == [{"number": NUMBER, "level": 3}]
    (ticket,) = world.ticket_store.tickets.values()
    assert (ticket.text, ticket.category) == ("咨询\n等级3\n请优先", "important")


def is_on_a_list(world: World) -> None:
    """The lists change while the call is there: it goes by what they said when it came. They have the number
    otherwise than the trunk shows it."""
    world.list_callers(VIPS)
    world.ready("1001")
    world.call(digits="B", caller="+862112345678")
    world.list_callers(CallerLists())
    world.run(20)
    world.hang_up(CALLER)


def went_the_way_of_the_list(world: World) -> None:
    assert _path(world)[-1] == "sales"
    assert world.one(e.CallerListed, CALLER).list == "vip"


def looks_up_nobody(world: World) -> None:
    world.elsewhere.level = None
    world.call(digits="B")
    world.run(20)
    world.hang_up(CALLER)


def was_not_found(world: World) -> None:
    assert _path(world)[-2:] == ["citizen", "support"]
    assert world.one(e.LookUpEnded, CALLER).outcome == "not_found"
    assert not world.elsewhere.told


def is_answered_too_late(world: World) -> None:
    """What is to be added to a ticket is added to the one that comes with the agent."""
    world.elsewhere.answers_after_ms = 20_000
    world.ready("1001")
    world.call(digits="B")
    world.run(30)
    world.hang_up(CALLER)


def went_on_without_it(world: World) -> None:
    entered = {event.node: event.at for event in world.events(e.NodeEntered, CALLER)}
    assert entered["unknown"] - entered["citizen"] == 8000
    (ticket,) = world.ticket_store.tickets.values()
    assert ticket.text.endswith("查询失败")


def is_answered_wrongly(world: World) -> None:
    world.elsewhere.level = "high"
    world.call(digits="B")
    world.run(10)
    world.hang_up(CALLER)


def wrong_kind_failed(world: World) -> None:
    """Without a ticket there is nothing to add to."""
    assert _path(world)[-2:] == ["unknown", "support"]
    assert not world.ticket_store.tickets


def webhook_is_away(world: World) -> None:
    world.elsewhere.away_until = world.now + 60_000
    world.ready("1001")
    world.call(digits="B")
    world.run(10)
    world.hang_up(CALLER)
    world.run(80)


def was_told_later(world: World) -> None:
    """After the caller has long gone; only then is the call settled."""
    delivered = world.one(e.WebhookDelivered, CALLER)
    assert delivered.at > world.one(e.CallEnded, CALLER).at + 40_000
    assert world.one(e.CallSettled, CALLER).at >= delivered.at
    assert [len(told) for told in world.elsewhere.told.values()] == [1]


def webhook_never_answers(world: World) -> None:
    world.elsewhere.away_until = world.now + 3_600_000
    world.call(digits="B")
    world.run(10)
    world.hang_up(CALLER)
    world.run(200)


def was_given_up(world: World) -> None:
    given_up = world.one(e.WebhookGivenUp, CALLER)
    assert given_up.at - world.one(e.WebhookAsked, CALLER).at >= 120_000
    assert world.one(e.CallSettled, CALLER).at >= given_up.at


def link_breaks_meanwhile(world: World) -> None:
    """The answer comes while the switch is out of sight."""
    world.ready("1001")
    world.call(digits="B")
    world.link_down()
    world.run(3)
    world.link_up()
    world.run(20)
    world.hang_up(CALLER)


def was_asked_and_told_late(world: World) -> None:
    assert _path(world)[-1] == "support"
    assert [len(told) for told in world.elsewhere.told.values()] == [1]
