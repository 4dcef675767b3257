"""SwitchCommands as ARI requests: our ids, nothing that could break out of a path or a list."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.adapters.asterisk import requests
from callcenter.adapters.asterisk.requests import ImpossibleCommand
from callcenter.domain.overhearing import StopSilence
from callcenter.domain.switch import (
    Connect,
    DialNumber,
    DialPhone,
    HangUp,
    LegEndCause,
    Play,
    StopPlay,
)


def dial_phone(**changes: Any) -> DialPhone:
    """Ring phone 1001."""
    fields: dict[str, Any] = {
        "leg_id": "a1",
        "call_id": "c1",
        "phone": "1001",
        "caller": "0211",
        "caller_name": "张三",
        "ring_timeout_sec": 20,
        "variables": {"call": "c1"},
    }
    return DialPhone(**(fields | changes))


def test_a_phone_is_dialled_as_a_leg_with_our_id() -> None:
    """It carries our variables from the start and leaves transfers to us."""
    request = requests.dial(dial_phone(), "centre")
    assert (request.method, request.path) == ("POST", "/channels")
    assert request.query == {
        "endpoint": "PJSIP/1001",
        "app": "centre",
        "appArgs": "dialled",
        "channelId": "a1",
        "callerId": '"张三" <0211>',
        "timeout": "20",
    }
    assert request.body is not None
    variables = request.body["variables"]
    assert orjson.loads(variables["CC_LEG"]) == {"call": "c1"}
    assert variables["PJSIP_TRANSFER_HANDLING()"] == "ari-only"


@pytest.mark.parametrize(("name", "value"), [("X Id", "1"), ("X-Id", "1\r\nX-Other: 2"), ("X-Id", "")])
def test_a_header_that_cannot_be_sent_is_refused(name: str, value: str) -> None:
    """Neither name nor value can break out of their line."""
    with pytest.raises(ImpossibleCommand):
        requests.dial(DialNumber("o1", "c1", "city", "+86139", "12345", 30, {}, {name: value}), "centre")


def test_a_number_is_dialled_over_its_trunk() -> None:
    """The trunk stands behind the number."""
    request = requests.dial(DialNumber("o1", "c1", "city", "+86139", "12345", 30), "centre")
    assert request.query["endpoint"] == "PJSIP/+86139@city"


@given(name=st.text(max_size=30), caller=st.text(max_size=30))
def test_no_caller_name_breaks_out_of_its_quotes(name: str, caller: str) -> None:
    """The display name stays between one pair of quotes, the number between one pair of brackets."""
    caller_id = requests.dial(dial_phone(caller_name=name, caller=caller), "centre").query["callerId"]
    assert caller_id.count('"') == 2
    assert caller_id.count("<") == caller_id.count(">") == 1
    assert "\n" not in caller_id
    assert "\r" not in caller_id


@pytest.mark.parametrize("phone", ["1001/x", "1001@trunk", "", "a b", "1001&1002"])
def test_a_phone_name_cannot_name_something_else(phone: str) -> None:
    """Dial strings know forks and trunks; our names do not."""
    with pytest.raises(ImpossibleCommand):
        requests.dial(dial_phone(phone=phone), "centre")


@pytest.mark.parametrize("number", ["1@trunk", "1&PJSIP/2", "sip:1", "", "1 2"])
def test_only_dialable_numbers_are_dialled(number: str) -> None:
    """Anything else is refused without telling it."""
    with pytest.raises(ImpossibleCommand) as refused:
        requests.dial(DialNumber("o1", "c1", "city", number, "12345", 30), "centre")
    assert not number or number not in str(refused.value)


@pytest.mark.parametrize("leg_id", ["", "a/b", "a?b", "a b", "a,b", "ä", "x" * 121])
def test_an_id_cannot_leave_its_path(leg_id: str) -> None:
    """Ids of ours are plain words."""
    for make in (
        lambda: requests.hang_up(HangUp(leg_id)),
        lambda: requests.start_music(leg_id),
        lambda: requests.connect(Connect("b1", (leg_id,))),
        lambda: requests.stop_play(StopPlay("l1", leg_id)),
    ):
        with pytest.raises(ImpossibleCommand):
            make()


@pytest.mark.parametrize(
    ("item", "uri"),
    [
        ("/prompts/welcome.wav", "sound:/prompts/welcome"),
        ("/prompts/welcome.wav16", "sound:/prompts/welcome"),
        ("/prompts/v1.2/hello", "sound:/prompts/v1.2/hello"),
        ("/提示/欢迎 光临.wav", "sound:/提示/欢迎 光临"),
        ("digits:123", "digits:123"),
        ("tone:ring", "tone:ring"),
    ],
)
def test_media_are_files_without_their_suffix(item: str, uri: str) -> None:
    """Asterisk chooses the suffix that costs least."""
    assert requests.media_uri(item) == uri


@pytest.mark.parametrize("media", [("relative.wav",), ("/a\nb",), ("http://x/y.wav",), ()])
def test_other_media_are_refused(media: tuple[str, ...]) -> None:
    """A relative name would be looked up somewhere in Asterisk."""
    with pytest.raises(ImpossibleCommand):
        requests.play(Play("l1", "p1", media))


def test_connecting_makes_the_bridge_first() -> None:
    """And adds all legs in one request."""
    make, add = requests.connect(Connect("b1", ("l1", "l2")))
    assert (make.path, make.query) == ("/bridges/b1", {"type": "mixing,proxy_media"})
    assert (add.path, add.query) == ("/bridges/b1/addChannel", {"channel": "l1,l2"})


def test_silence_ends_outside_the_bridge() -> None:
    """In it Asterisk now and then goes on with it for good; a supervised agent heard nothing any more."""
    asked = requests.stop_silence(StopSilence("a1", "b1"))
    assert [(request.method, request.path) for request in asked] == [
        ("POST", "/bridges/b1/removeChannel"),
        ("DELETE", "/channels/a1/silence"),
        ("POST", "/bridges/b1/addChannel"),
    ]
    assert [request.query.get("channel") for request in asked] == ["a1", None, "a1"]


def test_every_cause_has_a_reason() -> None:
    """HangUp knows them all."""
    reasons = {requests.hang_up(HangUp("l1", cause)).query["reason"] for cause in LegEndCause}
    assert {"normal", "busy", "rejected", "no_answer"} <= reasons


def test_variables_travel_as_one_text() -> None:
    """Whatever they hold, it is one JSON text without a line break."""
    variables = {"a": '"; $(x)\r\n', "b": "热线"}
    text = requests.packed(variables)
    assert orjson.loads(text) == variables
    assert text.isprintable()


def test_too_many_variables_are_refused() -> None:
    """They would be cut off on their way."""
    with pytest.raises(ImpossibleCommand):
        requests.packed({"a": "热" * 300})
