"""The desk beside a call: the screen pop, the ticket's form, the agent's own day; and who may have them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import ValidationError
from web_twin import NUMBER, T0, Twin, arrival, build_page, ended, offered, presence, queued

from acd.model import Presence
from callcenter.desk.model import Earlier, EarlierCall, EarlierTicket
from callcenter.desk.store import MemoryCallers
from callcenter.domain import events as e
from callcenter.domain.kpi_catalogue import agent_figures
from callcenter.domain.kpi_tally import AgentTime, Tally
from callcenter.ports import StoreAway, TicketRequest
from callcenter.settings.desk import DeskSection, LinkSection
from callcenter.tickets.model import Demand, TicketState
from callcenter.web.auth import CSRF_HEADER

DAY = 86_400_000
FORM = {
    "demand": "complaint",
    "category": "complaint",
    "text": "夜间施工扰民",
    "address": "幸福路12号",
    "requester": "张三",
    "unit": "",
}


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    build_page(tmp_path / "console")
    async with Twin(tmp_path).serving() as twin:
        yield twin


def node(name: str) -> e.NodeEntered:
    return e.NodeEntered(T0, "c9", "citizen_hotline", "1", name)


def connected(twin: Twin) -> None:
    """The agent 1001 has the call c9."""
    left = e.QueueLeft(T0 + 4_000, "c9", "general", e.QueueOutcome.ANSWERED, 4_000)
    met = e.AgentConnected(T0 + 4_000, "c9", "1001", "l1", "general")
    twin.emit(left, met, presence("1001", Presence.ON_CALL, "c9"))


async def has_ticket(twin: Twin) -> str:
    request = TicketRequest("c9", NUMBER, "consultation", "", "general", "zh", T0)
    return (await twin.tickets.open_or_join(request)).ticket_id


async def told(client: ClientSession, path: str, status: int = 200) -> dict[str, Any]:
    async with client.get(path) as response:
        assert response.status == status, await response.text()
        answer: dict[str, Any] = await response.json()
        return answer


async def saved(client: ClientSession, status: int = 200, **form: object) -> dict[str, Any]:
    async with client.post("/api/calls/c9/ticket", json={**FORM, **form}) as response:
        assert response.status == status, await response.text()
        answer: dict[str, Any] = await response.json()
        return answer


# The columns: nobody, ada (admin), sue (supervisor), amy (agent 1001, who is rung for c9), bob (agent 1002).
WHO = (None, "ada", "sue", "amy", "bob")
MATRIX = {
    ("GET", "/api/calls/c9/pop"): (401, 200, 200, 200, 403),
    ("GET", "/api/calls/c9/ticket"): (401, 200, 200, 200, 403),
    ("POST", "/api/calls/c9/ticket"): (401, 409, 409, 409, 403),
    ("GET", "/api/calls/c8/pop"): (401, 404, 404, 404, 404),
    ("POST", "/api/calls/c8/ticket"): (401, 404, 404, 404, 404),
    ("GET", "/api/agents/1001/day"): (401, 200, 200, 200, 403),
    ("GET", "/api/agents/4711/day"): (401, 404, 404, 403, 403),
}


@pytest.mark.parametrize("column", range(len(WHO)), ids=[str(who) for who in WHO])
async def test_matrix(twin: Twin, column: int) -> None:
    """Whoever is rung for the call, and who supervises, may know; there is no ticket yet."""
    twin.emit(arrival(), queued(), offered())
    async with twin.caller(WHO[column]) as client:
        for (method, path), expected in MATRIX.items():
            body = {**FORM, "version": 1} if method == "POST" else None
            async with client.request(method, path, json=body) as response:
                assert response.status == expected[column], (method, path, await response.text())
    assert {(route.method, route.path) for route in twin.desk.table()} == {
        (method, path.replace("c9", "{call_id}").replace("1001", "{agent_id}"))
        for method, path in MATRIX
        if "c8" not in path and "4711" not in path
    }


async def test_the_right_begins_and_ends_with_the_offer(twin: Twin) -> None:
    """Before the ring and after a refused one the call is none of the agent's business; after a talk it is,
    also when the call is over, or only the record knows it."""
    async with twin.caller("amy") as client:
        twin.emit(arrival(), queued())
        await told(client, "/api/calls/c9/pop", 403)
        twin.emit(offered())
        await told(client, "/api/calls/c9/pop")
        twin.emit(e.OfferEnded(T0, "c9", "o1", "general", "1001", "declined"))
        await told(client, "/api/calls/c9/pop", 403)
        connected(twin)
        await told(client, "/api/calls/c9/pop")
        call = twin.centre.calls["c9"]
        twin.emit(e.AgentReleased(T0, "c9", "1001", "general", 1, 0), ended())
        await told(client, "/api/calls/c9/pop")
        call.call_id = "old"
        twin.callers.past["old"] = call
        await told(client, "/api/calls/old/pop")
    async with twin.caller("bob") as client:
        await told(client, "/api/calls/old/ticket", 403)


async def test_what_is_known_at_the_first_ring(twin: Twin) -> None:
    """Number, region, lists, the way in the flow's words, skills; earlier calls and tickets."""
    calls = [
        EarlierCall(f"e{n}", T0 - n * 5 * DAY, "general", "answered", "1002", 60_000, "T1")
        for n in range(1, 8)
    ]
    ticket = EarlierTicket("T1", TicketState.DISPATCHED, "complaint", Demand.REPORT, T0 - DAY, "噪音")
    twin.callers.known[NUMBER] = Earlier(calls, [ticket], 0, None)
    path = ("known_caller", "welcome", "english_offer", "main_menu")
    pressed = e.KeyPressed(T0, "c9", "2")
    twin.emit(arrival(), *map(node, path), pressed, node("complaint_notice"), node("complaints"), queued())
    twin.emit(offered())
    async with twin.caller("amy") as client:
        pop = await told(client, "/api/calls/c9/pop")
        assert (await told(client, "/api/calls/c9/pop?lang=en"))["region"] == "Beijing"
        await told(client, "/api/calls/c9/pop?lang=fr", 422)
    assert (pop["caller"], pop["caller_name"], pop["region"]) == (NUMBER, "张三", "北京市")
    assert (pop["shown_number"], pop["lists"], pop["dialled_out"]) == ("", {"vip": "重要来电人"}, False)
    assert (pop["queue"], pop["queue_title"], pop["skills"]) == ("general", "综合受理", {"zh": 5})
    assert (pop["repeats"], pop["repeat_days"], pop["waited_ms"]) == (1, 7, None)
    assert [call["call_id"] for call in pop["earlier_calls"]] == ["e1", "e2", "e3", "e4", "e5"]
    assert pop["earlier_tickets"][0]["demand"] == "report"
    menu, queue = pop["way"]
    assert (menu["kind"], menu["key"], menu["choice"]) == ("menu", "2", "投诉举报")
    assert menu["asked"].startswith("咨询请按一")
    assert (queue["kind"], queue["choice"]) == ("queue", "complaints")


async def test_a_forwarded_call_and_one_without_a_number(twin: Twin) -> None:
    """The caller is whom the forwarding told; what the trunk showed stands beside. Nothing is known of who
    shows no number."""
    forwarded = e.CallArrived(T0, "c9", "l", "t", "12345", NUMBER, "02155500000", "", False, "zh", "hotline")
    twin.emit(forwarded, queued(), offered(), arrival("c7", ""), queued("c7"), offered("c7"))
    async with twin.caller("amy") as client:
        pop = await told(client, "/api/calls/c9/pop")
        assert (pop["caller"], pop["shown_number"]) == (NUMBER, "02155500000")
        pop = await told(client, "/api/calls/c7/pop")
        assert (pop["caller"], pop["region"], pop["earlier_calls"], pop["repeats"]) == ("", "", [], 0)


async def test_a_call_that_the_agent_makes(twin: Twin) -> None:
    """It waited in no queue and asked for no skill; the number is the one that they see."""
    twin.emit(e.CallDialledOut(T0, "c9", "1001", "a-c9", NUMBER, "12345", "city", "general", "zh"))
    async with twin.caller("amy") as client:
        pop = await told(client, "/api/calls/c9/pop")
    assert (pop["dialled_out"], pop["caller"], pop["did"]) == (True, NUMBER, "12345")
    assert (pop["queued_at"], pop["waited_ms"], pop["skills"]) == (None, None, {})


async def test_keys_are_read_where_they_were_pressed(twin: Twin) -> None:
    """In the language the caller had chosen; the human key anywhere; what is pressed elsewhere is not."""
    twin.emit(arrival(), node("main_menu"), e.KeyPressed(T0, "c9", "9"), e.LanguageChosen(T0, "c9", "en"))
    twin.emit(node("main_menu"), e.KeyPressed(T0, "c9", "7"), e.KeyPressed(T0, "c9", "1"))
    twin.emit(node("consultation"), e.KeyPressed(T0, "c9", "0"), node("nowhere"), node("general"))
    twin.emit(queued(), e.KeyPressed(T0, "c9", "2"), offered())
    async with twin.caller("amy") as client:
        way = (await told(client, "/api/calls/c9/pop"))["way"]
    assert [(step["kind"], step["key"], step["choice"]) for step in way] == [
        ("menu", "9", ""),
        ("menu", "1", "For information"),
        ("human_key", "0", ""),
        ("queue", "", "general"),
    ]


async def test_links_to_other_systems(twin: Twin) -> None:
    """Values stand quoted in the address; a link that lacks one is not there."""
    twin.emit(e.CallArrived(T0, "c9", "l", "t", "1", "+86138", "+86138", "../a b&c", False, "zh", "hotline"))
    twin.emit(queued(), offered())
    async with twin.caller("amy") as client:
        link = {"title": "CRM", "automatic": False}
        url = "https://crm.example/..%2Fa%20b%26c?phone=%2B86138&by=1001"
        assert (await told(client, "/api/calls/c9/pop"))["links"] == [{**link, "url": url}]
        connected(twin)
        ticket = await has_ticket(twin)
        twin.emit(e.TicketLinked(T0, "c9", ticket, opened=True))
        second = (await told(client, "/api/calls/c9/pop"))["links"][1]
        assert second == {"title": "Orders", "url": f"https://orders.example/{ticket}", "automatic": True}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("javascript:alert(1)", "http://"),
        ("file:///etc/passwd", "http://"),
        ("https://{caller}/", "not in the host"),
        ("https://a.example/{password}", "there is no '{password}'; there are: caller,"),
        ("https://a.example/{caller", "written {name}"),
        ("https://me:pw@a.example/", "no user or password"),
    ],
)
def test_links_that_are_refused(url: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told.replace("{", r"\{")):
        DeskSection(links=(LinkSection(title="x", url=url),))


async def test_the_pop_comes_without_the_record(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the store is away the call is shown all the same; it is told that nothing is known."""

    async def away(*_: object) -> Earlier:
        raise StoreAway("PostgreSQL does not answer")

    monkeypatch.setattr(MemoryCallers, "earlier", away)
    twin.emit(arrival(), queued(), offered())
    async with twin.caller("amy") as client:
        pop = await told(client, "/api/calls/c9/pop")
    assert (pop["repeats"], pop["earlier_calls"], pop["caller"]) == (None, [], NUMBER)


async def test_a_ticket_is_written_beside_the_call(twin: Twin) -> None:
    """It is there when the call is answered; each write is upon a version, and answers the next."""
    twin.emit(arrival(), queued(), offered())
    async with twin.caller("amy") as client:
        nothing = await told(client, "/api/calls/c9/ticket")
        assert nothing == {"ticket": None, "categories": ["consultation", "complaint"]}
        assert (await saved(client, 409, version=1))["code"] == "no_ticket_yet"
        connected(twin)
        ticket_id = await has_ticket(twin)
        first = (await told(client, "/api/calls/c9/ticket"))["ticket"]
        assert (first["ticket_id"], first["version"], first["demand"]) == (ticket_id, 1, None)
        assert first["next_states"] == ["dispatched", "resolved", "closed"]
        twin.clock.now += 60_000
        after = (await saved(client, version=1))["ticket"]
        assert {**after, **FORM} == after
        assert (after["version"], after["changed_by"], after["open"]) == (2, "amy", True)
        assert after["changed_at"] == "2023-11-14T22:14:20.000Z"
        assert (await saved(client, 409, version=2, state="dispatched"))["code"] == "ticket_unit_missing"
        assert (await saved(client, 409, version=2, state="followed_up"))["code"] == "ticket_step"
        assert (await saved(client, version=2, state="closed"))["ticket"]["next_states"] == []
        assert (await saved(client, 409, version=3))["code"] == "ticket_closed"


async def test_two_who_write_at_once(twin: Twin) -> None:
    """The second is told by whom, and nothing of theirs is lost or overwrites anything."""
    twin.emit(arrival(), queued(), offered())
    await has_ticket(twin)
    async with twin.caller("amy") as client, twin.caller("sue") as supervisor:
        await saved(supervisor, version=1, text="one")
        problem = await saved(client, 409, version=1, text="two")
        assert (problem["code"], "sue" in problem["what"]) == ("ticket_changed", True)
        assert (await told(client, "/api/calls/c9/ticket"))["ticket"]["text"] == "one"


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 0},
        {"version": "1"},
        {"version": 1, "demand": "wish"},
        {"version": 1, "category": ""},
        {"version": 1, "text": "x" * 2001},
        {"version": 1, "text": "a\x00b"},
        {"version": 1, "state": "lost"},
        {"version": 1, "by": "sue"},
    ],
)
async def test_nonsense_is_not_written(twin: Twin, wrong: dict[str, object]) -> None:
    twin.emit(arrival(), queued(), offered())
    ticket = await has_ticket(twin)
    async with twin.caller("amy") as client:
        await saved(client, 422, **wrong)
    assert twin.tickets.tickets[ticket].version == 1


async def test_a_page_proves_that_it_writes_itself(twin: Twin) -> None:
    """The cookie alone writes nothing."""
    twin.emit(arrival(), queued(), offered())
    await has_ticket(twin)
    async with twin.browser() as client:
        login = {"name": "amy", "password": "amy-secret", "client": "page"}
        async with client.post("/api/login", json=login) as response:
            token = (await response.json())["csrf_token"]
        assert (await saved(client, 403, version=1))["code"] == "csrf"
        client.headers[CSRF_HEADER] = token
        await saved(client, version=1)


async def test_the_longest_text_fits_into_a_request(twin: Twin) -> None:
    twin.emit(arrival(), queued(), offered())
    await has_ticket(twin)
    async with twin.caller("amy") as client:
        assert len((await saved(client, version=1, text="龘" * 2000))["ticket"]["text"]) == 2000


def test_the_figures_of_a_day() -> None:
    """Ended talks and after-call work, and the running Presence up to now."""
    day = AgentTime("ready", T0, {"on_call": 90_000, "not_ready": 5_000}, 2, 60_000, 20_000, 10_000)
    figures = {figure.key: figure.value for figure in agent_figures(day.tally, day.at(T0 + 3_000))}
    assert (
        figures.items()
        >= {
            "handled": 2,
            "talk_ms": 60_000,
            "hold_ms": 20_000,
            "wrap_up_ms": 10_000,
            "available_ms": 3_000,
            "paused_ms": 5_000,
            "aht_ms": 45_000,
        }.items()
    )
    nothing = {figure.key: figure.value for figure in agent_figures(Tally(), {})}
    assert nothing["aht_ms"] is None
