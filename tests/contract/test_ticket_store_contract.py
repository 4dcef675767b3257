"""TicketStore: exactly once per call, joined where a demand is already being worked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from embedded_stores import EmbeddedStores

from callcenter.adapters.postgres.pool import Database
from callcenter.ports import StoreAway, TicketAddition, TicketLink, TicketRequest
from callcenter.tickets.model import (
    Demand,
    ImpossibleStep,
    Ticket,
    TicketChanged,
    TicketForm,
    TicketState,
    TicketWrite,
    ticket_id,
)
from callcenter.tickets.store import MemoryTicketStore, PostgresTicketStore

NOON = 1_763_697_600_000
ASKED = TicketRequest("c1", "02112345678", "complaint", "路灯不亮", "complaints", "zh", NOON)
Store = MemoryTicketStore | PostgresTicketStore


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty one."""
    if request.param == "memory":
        yield MemoryTicketStore()
        return
    running: EmbeddedStores = request.getfixturevalue("stores")
    database = Database(await running.new_database())
    yield PostgresTicketStore(database)
    await database.close()


async def test_asked_again_it_answers_the_same(store: Store) -> None:
    """Also with other words: the first asking counts."""
    first = await store.open_or_join(ASKED)
    assert first == TicketLink(ticket_id(1, datetime.fromtimestamp(NOON / 1000, UTC)), opened=True)
    assert await store.open_or_join(ASKED) == first
    assert await store.open_or_join(replace(ASKED, category="other", text="x")) == first
    ticket = await store.ticket(first.ticket_id)
    assert ticket is not None
    assert (ticket.calls, ticket.text, ticket.state) == (("c1",), "路灯不亮", TicketState.ACCEPTED)
    assert int(ticket.opened_at.timestamp() * 1000) == NOON


async def test_the_same_caller_about_the_same_joins(store: Store) -> None:
    """Another caller, another category, or a caller without a number opens another ticket."""
    first = await store.open_or_join(ASKED)
    joined = await store.open_or_join(replace(ASKED, call_id="c2", asked_at=NOON + 5))
    assert (joined.ticket_id, joined.opened) == (first.ticket_id, False)
    assert await store.open_or_join(replace(ASKED, call_id="c2")) == joined
    others = [
        await store.open_or_join(replace(ASKED, call_id="c3", caller="0219")),
        await store.open_or_join(replace(ASKED, call_id="c4", category="advice")),
        await store.open_or_join(replace(ASKED, call_id="c5", caller="")),
        await store.open_or_join(replace(ASKED, call_id="c6", caller="")),
    ]
    assert all(link.opened for link in others)
    assert len({first.ticket_id, *(link.ticket_id for link in others)}) == 5
    ticket = await store.ticket(first.ticket_id)
    assert ticket is not None
    assert ticket.calls == ("c1", "c2")


async def test_a_caller_is_the_same_under_every_spelling(store: Store) -> None:
    """The ticket keeps the number as it was shown first; two at once, shown otherwise, share one; whoever has
    none of these spellings opens another."""
    spelt = replace(ASKED, known_as=("+862112345678", "02112345678", "862112345678"))
    first = await store.open_or_join(ASKED)
    joined = await store.open_or_join(replace(spelt, call_id="c2", caller="862112345678"))
    assert joined == replace(first, opened=False)
    ticket = await store.ticket(first.ticket_id)
    assert ticket is not None
    assert (ticket.caller, ticket.calls) == ("02112345678", ("c1", "c2"))
    again = [
        replace(spelt, call_id=f"d{n}", caller=shown, category="x") for n, shown in enumerate(spelt.known_as)
    ]
    links = await asyncio.gather(*map(store.open_or_join, again))
    assert sorted(link.opened for link in links) == [False, False, True]
    assert len({link.ticket_id for link in links}) == 1
    alone = replace(spelt, call_id="c9", known_as=("+14155550123",), caller="+14155550123")
    assert (await store.open_or_join(alone)).opened


async def test_a_closed_demand_is_not_joined(store: Store) -> None:
    """Once it is resolved the next call begins another; impossible steps are refused."""
    first = await store.open_or_join(ASKED)
    with pytest.raises(ImpossibleStep, match="accepted cannot become followed_up; it can go to: closed"):
        await store.move(first.ticket_id, TicketState.FOLLOWED_UP)
    for step in (TicketState.DISPATCHED, TicketState.RESOLVED):
        assert await store.move(first.ticket_id, step) is step
    second = await store.open_or_join(replace(ASKED, call_id="c2"))
    assert second.opened
    assert second.ticket_id != first.ticket_id


async def test_nobody_knows_a_ticket_that_is_not_there(store: Store) -> None:
    """Reading answers None, moving is an error."""
    assert await store.ticket("T20260101-999999") is None
    with pytest.raises(KeyError):
        await store.move("T20260101-999999", TicketState.CLOSED)


async def test_many_at_once(store: Store) -> None:
    """Two calls of one caller, each asked for several times at the same moment, make one ticket."""
    requests = [replace(ASKED, call_id=f"c{number % 2}") for number in range(12)]
    links = await asyncio.gather(*(store.open_or_join(request) for request in requests))
    assert len({link.ticket_id for link in links}) == 1
    by_call = {request.call_id: link for request, link in zip(requests, links, strict=True)}
    assert all(by_call[request.call_id] == link for request, link in zip(requests, links, strict=True))
    assert sorted(link.opened for link in by_call.values()) == [False, True]


async def test_each_addition_is_there_once(store: Store) -> None:
    """However often it is told; it may change the category."""
    link = await store.open_or_join(ASKED)
    first = TicketAddition("c1.u1", link.ticket_id, "门牌12号", None, NOON + 1000)
    second = TicketAddition("c1.u2", link.ticket_id, "很急", "urgent", NOON + 2000)
    for addition in (first, first, second, first, second):
        await store.add(addition)
    ticket = await store.ticket(link.ticket_id)
    assert ticket is not None
    assert (ticket.text, ticket.category) == ("路灯不亮\n门牌12号\n很急", "urgent")
    assert int(ticket.changed_at.timestamp() * 1000) == NOON + 2000


async def test_one_that_is_refused_keeps_nobody_from_a_ticket(store: Store) -> None:
    """Whatever becomes of a request that the store cannot take, those asked for with it are carried out."""
    texts = ["one", "no text of a database\x00", "two"]
    requests = [replace(ASKED, call_id=f"c{n}", caller=f"021{n}", text=text) for n, text in enumerate(texts)]
    asked = (store.open_or_join(request) for request in requests)
    first, _, third = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(first, TicketLink)
    assert isinstance(third, TicketLink)
    assert first.ticket_id != third.ticket_id


async def test_whoever_is_cancelled_leaves_the_others_an_answer(store: Store) -> None:
    """A ticket, or that they must ask again."""
    first, second = (
        asyncio.create_task(store.open_or_join(replace(ASKED, call_id=call_id))) for call_id in ("c1", "c2")
    )
    await asyncio.sleep(0)
    first.cancel()
    with suppress(StoreAway):
        await second
    assert (await store.open_or_join(replace(ASKED, call_id="c2"))).ticket_id


FORM = TicketForm(Demand.COMPLAINT, "noise", "夜间施工扰民", "幸福路12号", "张三", "城管局")


def change(
    version: int, form: TicketForm = FORM, to: TicketState | None = None, by: str = "amy"
) -> TicketWrite:
    return TicketWrite(version, form, by, datetime.fromtimestamp(NOON / 1000 + 60, UTC), to)


async def opened(store: Store) -> Ticket:
    """The ticket of the call c1."""
    await store.open_or_join(ASKED)
    ticket = await store.of_call("c1")
    assert ticket is not None
    return ticket


async def test_what_is_written_is_there(store: Store) -> None:
    """Every field, who wrote it and when; the ticket is that of the call, of which there is none before."""
    assert await store.of_call("c1") is None
    ticket = await opened(store)
    assert (ticket.version, ticket.demand, ticket.changed_by) == (1, None, "")
    after = await store.write(ticket.ticket_id, change(1))
    assert await store.of_call("c1") == await store.ticket(ticket.ticket_id) == after
    assert (after.version, after.changed_by, after.state) == (2, "amy", TicketState.ACCEPTED)
    assert (
        TicketForm(after.demand, after.category, after.text, after.address, after.requester, after.unit)
        == FORM
    )
    assert after.changed_at.timestamp() * 1000 == NOON + 60_000


async def test_nobody_overwrites_what_they_have_not_seen(store: Store) -> None:
    """Of two who write upon the same version one is told; so is who has not seen what a flow added, or a
    step. Nothing of theirs is there."""
    ticket = (await opened(store)).ticket_id
    ways = (replace(FORM, text="one"), replace(FORM, text="two"))
    done = await asyncio.gather(
        *(store.write(ticket, change(1, form)) for form in ways), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Ticket", "TicketChanged"]
    await store.add(TicketAddition("c1.u1", ticket, "门牌12号", None, NOON))
    with pytest.raises(TicketChanged, match="a flow has changed the ticket"):
        await store.write(ticket, change(2))
    await store.move(ticket, TicketState.RESOLVED)
    with pytest.raises(TicketChanged, match="version 4"):
        await store.write(ticket, change(3))
    found = await store.ticket(ticket)
    assert found is not None
    assert found.text in ("one\n门牌12号", "two\n门牌12号")


async def test_a_ticket_is_handed_over_with_what_is_written(store: Store) -> None:
    """To a unit that is named, and only where the states lead; a closed one is changed no more. Whatever is
    refused changes nothing."""
    ticket = (await opened(store)).ticket_id
    with pytest.raises(ImpossibleStep, match="name the unit"):
        await store.write(ticket, change(1, replace(FORM, unit=""), TicketState.DISPATCHED))
    with pytest.raises(ImpossibleStep, match="cannot become followed_up"):
        await store.write(ticket, change(1, to=TicketState.FOLLOWED_UP))
    dispatched = await store.write(ticket, change(1, to=TicketState.DISPATCHED))
    assert (dispatched.state, dispatched.unit, dispatched.version) == (TicketState.DISPATCHED, "城管局", 2)
    for version, to in enumerate((TicketState.RESOLVED, TicketState.FOLLOWED_UP, TicketState.CLOSED), 2):
        await store.write(ticket, change(version, to=to))
    with pytest.raises(ImpossibleStep, match="closed"):
        await store.write(ticket, change(5))
    with pytest.raises(KeyError):
        await store.write("T20260101-999999", change(1))
