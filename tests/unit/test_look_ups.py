"""Look-ups: addresses, answers, and real requests to a system on loopback."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from outside_system import OutsideSystem, outside_system

from callcenter.look_ups.model import OWN_SHAPES, UnfitValue, address, results_in
from callcenter.look_ups.service import LookUpService
from callcenter.look_ups.store import MemoryKnowledge
from callcenter.outgoing import MAX_ANSWER_BYTES, Outgoing
from callcenter.ports import LookUpFailed, Question
from callcenter.settings.outside import LookUpSection
from ivr_flows.expressions import Value

ANSWER = {"data": {"name": "王芳", "level": 2.5, "vip": True, "cards": [{"no": "7"}], "none": None}}
PATHS = {"name": "data.name", "level": "data.level", "vip": "data.vip", "card": "data.cards.0.no"}


@pytest.fixture
async def system() -> AsyncIterator[OutsideSystem]:
    """The other system."""
    async with outside_system() as running:
        yield running


@pytest.fixture
async def outgoing() -> AsyncIterator[Outgoing]:
    """The centre's connections."""
    made = Outgoing()
    yield made
    await made.close()


def service(
    outgoing: Outgoing,
    system: OutsideSystem,
    environment: Mapping[str, str] = {},
    **written: Any,
) -> LookUpService:
    """A service with one look-up, ``citizen``, at the system."""
    made = LookUpService(MemoryKnowledge(), outgoing, environment)
    url = f"{system.base}{written.pop('path', '/citizens/{number}')}"
    section = LookUpSection.model_validate({"url": url, "results": PATHS, "timeout_ms": 300, **written})
    made.reconfigure({"citizen": section})
    return made


def question(**given: Value) -> Question:
    return Question("c1", "13800000000", "citizen", given)


@pytest.mark.parametrize(
    ("template", "given", "url"),
    [
        ("http://h/a/{n}", {"n": "a/b?c#d%e 王"}, "http://h/a/a%2Fb%3Fc%23d%25e%20%E7%8E%8B"),
        ("http://h/a?q={n}&r={n}", {"n": "1&r=2"}, "http://h/a?q=1%26r%3D2&r=1%26r%3D2"),
        ("http://h/{a}/{b}", {"a": 2.0, "b": True}, "http://h/2/true"),
        ("http://h/a?q={n}", {"n": ""}, "http://h/a?q="),
    ],
)
def test_a_value_stays_the_one_part_that_it_stands_for(
    template: str, given: dict[str, Value], url: str
) -> None:
    """Whatever a caller may press or a system may have answered."""
    assert address(template, given) == url


@pytest.mark.parametrize("value", ["", ".", "..", " "])
def test_a_value_that_would_lead_elsewhere_is_refused(value: str) -> None:
    """Without showing it."""
    with pytest.raises(UnfitValue, match="'n' is empty, or means another place in the path"):
        address("http://h/a/{n}?x=1", {"n": value})
    with pytest.raises(UnfitValue, match="'n' is not given"):
        address("http://h/a/{n}", {})


def test_results_are_found_by_dotted_paths() -> None:
    """In objects and lists; what is no text, number, true or false is left out."""
    paths = {**PATHS, "none": "data.none", "whole": "data", "far": "data.cards.9.no", "deep": "data.name.x"}
    assert results_in(ANSWER, paths) == {"name": "王芳", "level": 2.5, "vip": True, "card": "7"}
    assert results_in([], paths) == {}


async def test_a_get_is_answered(outgoing: Outgoing, system: OutsideSystem) -> None:
    """With its headers and secrets; the results are those of the settings."""
    system.answer("/citizens/138", (200, ANSWER))
    asked = service(
        outgoing,
        system,
        {"TOKEN": "s3cret"},
        headers={"X-Centre": "1"},
        secret_headers={"Authorization": "TOKEN"},
    )
    assert await asked.ask(question(number="138")) == {"name": "王芳", "level": 2.5, "vip": True, "card": "7"}
    (request,) = system.asked
    assert (request.method, request.headers["X-Centre"]) == ("GET", "1")
    assert request.headers["Authorization"] == "s3cret"


async def test_a_post_tells_json(outgoing: Outgoing, system: OutsideSystem) -> None:
    """Of the values named."""
    system.answer("/balance", (200, ANSWER))
    asked = service(outgoing, system, path="/balance", method="POST", body={"account_no": "account"})
    await asked.ask(question(account="12"))
    (request,) = system.asked
    assert (request.method, request.json()) == ("POST", {"account_no": "12"})


async def test_not_found_is_no_failure(outgoing: Outgoing, system: OutsideSystem) -> None:
    """404, or what the settings say."""
    assert await service(outgoing, system).ask(question(number="1")) is None
    system.answer("/citizens/2", (410, b""))
    with pytest.raises(LookUpFailed, match="it answered with status 410"):
        await service(outgoing, system).ask(question(number="2"))
    assert await service(outgoing, system, not_found=[410]).ask(question(number="2")) is None


async def test_it_is_tried_again_as_often_as_the_settings_say(
    outgoing: Outgoing, system: OutsideSystem
) -> None:
    """After no answer in time, or one of 500 and above; not after others."""
    system.answer("/citizens/1", None, (503, b""), (200, ANSWER))
    assert await service(outgoing, system, retries=2).ask(question(number="1"))
    assert len(system.asked) == 3
    system.answer("/citizens/1", (500, b""))
    with pytest.raises(LookUpFailed, match="status 500"):
        await service(outgoing, system, retries=1).ask(question(number="1"))
    assert len(system.asked) == 5
    system.answer("/citizens/1", (400, b""))
    with pytest.raises(LookUpFailed, match="status 400"):
        await service(outgoing, system, retries=3).ask(question(number="1"))
    assert len(system.asked) == 6


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "no answer within 300 ms"),
        ((302, b""), "status 302"),
        ((200, b"<html>"), "no JSON"),
        ((200, b"x" * (MAX_ANSWER_BYTES + 1)), "longer than"),
    ],
)
async def test_what_is_no_answer_fails_without_quoting_it(
    outgoing: Outgoing, system: OutsideSystem, answer: Any, words: str
) -> None:
    """Silence, redirections (never followed), other formats, floods."""
    system.answer("/citizens/777", answer)
    with pytest.raises(LookUpFailed, match=words) as failed:
        await service(outgoing, system, retries=0).ask(question(number="777"))
    assert "777" not in str(failed.value)
    assert len(system.asked) == 1


async def test_nobody_there_a_secret_missing_and_an_unknown_name(
    outgoing: Outgoing, system: OutsideSystem
) -> None:
    """Each is told with what to do, and without the address."""
    nobody = LookUpService(MemoryKnowledge(), outgoing, {})
    section = {"url": "http://127.0.0.1:9/{number}", "results": PATHS, "retries": 0}
    nobody.reconfigure({"citizen": LookUpSection.model_validate(section)})
    with pytest.raises(LookUpFailed, match=r"^it cannot be reached \(ClientConnectorError\)$"):
        await nobody.ask(question(number="138"))
    with pytest.raises(LookUpFailed, match="set the environment variable TOKEN"):
        await service(outgoing, system, secret_headers={"A": "TOKEN"}).ask(question(number="1"))
    nobody.reconfigure({})
    with pytest.raises(LookUpFailed, match="there is no look-up 'citizen'"):
        await nobody.ask(question(number="1"))
    assert system.asked == []


async def test_the_centre_is_asked_under_its_own_names(outgoing: Outgoing) -> None:
    """What they give is what flows may take."""
    knowledge = MemoryKnowledge(
        {"138": dict.fromkeys(OWN_SHAPES["caller"].gives, 1)},
        {
            "20260101000007": {
                "state": "accepted",
                "category": "x",
                "opened_on": "2026-01-01",
                "caller": "138",
            }
        },
    )
    asked = LookUpService(knowledge, outgoing, {})
    known = await asked.ask(Question("c1", "138", "caller", {}))
    assert known is not None
    assert known.keys() == OWN_SHAPES["caller"].gives.keys()
    ticket = await asked.ask(Question("c1", "138", "ticket", {"number": "20260101000007"}))
    assert ticket is not None
    assert ticket.keys() == OWN_SHAPES["ticket"].gives.keys()
    assert ticket["own"] is True
    for caller in ("139", ""):
        other = await asked.ask(Question("c1", caller, "ticket", {"number": "20260101000007"}))
        assert other is not None
        assert other["own"] is False
    assert await asked.ask(Question("c1", "138", "ticket", {"number": "1"})) is None
    assert await asked.ask(Question("c1", "", "caller", {})) is None
