"""Why a call went where it went, told over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from web_twin import T0, Twin, call_record, offered

from acd.agent import Rule
from acd.explain import Candidate, ChosenBy, Decision, Removal, WaitReason
from acd.model import SkillRequirement
from callcenter.domain.events import CallWaits, OfferMade
from callcenter.ports import StoreAway
from callcenter.web.wire import instant

DECISION = Decision(
    call_id="c1",
    agent_id="1001",
    queue="general",
    at=T0 + 4_000,
    config_version="v1",
    chosen_by=ChosenBy.CALL,
    strategy="longest_idle",
    queued_at=T0,
    order_at=T0,
    relaxed=0,
    requirements=(SkillRequirement("zh", 3),),
    candidates=(Candidate("1001", (1, T0 - 9_000)), Candidate("1003", (1, T0 - 5_000))),
    candidate_count=2,
    removed=(Removal(Rule.NOT_READY, "meal", 1, ("1002",)),),
    competing=(),
    competing_count=0,
    call_choice="priority",
)
WAIT = WaitReason(
    call_id="c1",
    queue="general",
    at=T0 + 1_000,
    queued_at=T0,
    ahead=0,
    offered_to=(),
    removed=(Removal(Rule.LEVEL_TOO_LOW, "zh >= 3", 1, ("1002",)),),
    relaxes_at=None,
)
URL = "/api/calls/c1/decisions"


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    async with Twin(tmp_path).serving() as twin:
        twin.history.lives["c1"] = [
            CallWaits(WAIT.at, "c1", "general", WAIT.to_dict()),
            OfferMade(DECISION.at, "c1", "c1.o1", "general", "1001", "c1.1001", DECISION.to_dict()),
        ]
        yield twin


async def _told(twin: Twin, url: str = URL, **query: str) -> dict[str, Any]:
    async with twin.caller("sue") as client, client.get(url, params=query) as response:
        assert response.status == 200
        told: dict[str, Any] = await response.json()
        return told


async def test_every_reason_is_told_in_words(twin: Twin) -> None:
    """Each Offer and each wait comes with what the journal has of it and with its explanation."""
    assert await _told(twin) == {
        "call_id": "c1",
        "decisions": [
            {
                "offer_id": "c1.o1",
                "at": instant(DECISION.at),
                "decision": DECISION.to_dict(),
                "explanation": DECISION.explain(),
                "for_agent": None,
            }
        ],
        "waits": [
            {
                "at": instant(WAIT.at),
                "reason": WAIT.to_dict(),
                "explanation": WAIT.explain(),
                "for_agent": None,
            }
        ],
    }


async def test_in_chinese(twin: Twin) -> None:
    """``lang=zh`` gives the words in Chinese."""
    told = await _told(twin, lang="zh", agent="1002")
    (decision,), (wait,) = told["decisions"], told["waits"]
    assert decision["explanation"] == DECISION.explain("zh")
    assert decision["for_agent"] == DECISION.explain_agent("1002", "zh")
    assert wait["explanation"] == WAIT.explain("zh")
    assert "坐席" in decision["explanation"]


@pytest.mark.parametrize("agent_id", ["1001", "1002", "1003", "4711"])
async def test_what_would_have_made_an_agent_get_the_call(twin: Twin, agent_id: str) -> None:
    """Whoever is asked about: the chosen agent, one removed, one who came after, one never heard of."""
    told = await _told(twin, agent=agent_id)
    assert told["decisions"][0]["for_agent"] == DECISION.explain_agent(agent_id)
    assert agent_id in told["decisions"][0]["for_agent"]
    assert told["waits"][0]["for_agent"] == WAIT.explain_agent(agent_id)


async def test_a_call_without_routing(twin: Twin) -> None:
    """A call that asked for no human has no reasons."""
    twin.history.records["c2"] = call_record("c2", ())
    told = await _told(twin, "/api/calls/c2/decisions")
    assert told == {"call_id": "c2", "decisions": [], "waits": []}


async def test_what_cannot_be_read_hides_nothing_else(twin: Twin) -> None:
    """A reason in another shape is told as it is, without words, and the others with theirs."""
    older = DECISION.to_dict() | {"candidates": [["1001", []]]}
    twin.history.lives["c1"] += [
        offered("c1"),
        OfferMade(T0, "c1", "c1.o2", "general", "1001", "c1.1001", older),
        CallWaits(T0, "c1", "general", {"queue": "general"}),
    ]
    told = await _told(twin, agent="1002")
    assert [bool(one["explanation"]) for one in told["decisions"]] == [True, False, False]
    assert [bool(one["explanation"]) for one in told["waits"]] == [True, False]
    assert told["decisions"][1]["for_agent"] is None
    assert told["waits"][1]["reason"] == {"queue": "general"}


@pytest.mark.parametrize("name", ["amy", "bob"])
async def test_agents_may_not(twin: Twin, name: str) -> None:
    """Reasons name other agents: even whoever talked in the call does not read them."""
    async with twin.caller(name) as client, client.get(URL) as response:
        assert (response.status, (await response.json())["code"]) == (403, "forbidden")


async def test_every_mistake_is_told(twin: Twin) -> None:
    """A query with mistakes is refused with all of them."""
    query = {"lang": "ko", "agent": "", "why": "x"}
    async with twin.caller("sue") as client, client.get(URL, params=query) as response:
        problem = await response.json()
    assert (response.status, problem["code"]) == (422, "bad_request")
    assert [told.partition(":")[0] for told in problem["what"].split("; ")] == ["lang", "agent", "why"]


async def test_an_unknown_call(twin: Twin) -> None:
    """It is 404 with a cure."""
    async with twin.caller("sue") as client, client.get("/api/calls/c9/decisions") as response:
        assert response.status == 404
        assert (await response.json())["cure"]


async def test_store_away(twin: Twin) -> None:
    """While the record cannot be read the answer is 503."""

    async def away(_: str) -> None:
        raise StoreAway("PostgreSQL does not answer")

    twin.history.routing = away  # type: ignore[method-assign,assignment]
    async with twin.caller("sue") as client, client.get(URL) as response:
        assert response.status == 503
