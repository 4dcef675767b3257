"""The decoder against what a real Asterisk 22.10.1 sent (ari_events.jsonl, ari_truth.json)."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.adapters.asterisk.decode import (
    KNOWN_EVENTS,
    DecodeError,
    LegEnding,
    decode,
    end_cause,
    instant,
    leg_variables,
)
from callcenter.adapters.asterisk.reconcile import QUESTIONS, Reconciliation, Truth, switch_connected
from callcenter.adapters.asterisk.rest import RestRequest, RestResponse
from callcenter.domain.switch import (
    CallerArrived,
    DigitPressed,
    HoldChanged,
    LegAnswered,
    LegEndCause,
    LegEnded,
    PhoneDialled,
    PlaybackEnded,
    TransferAsked,
)

HERE = Path(__file__).parent
EVENTS: list[dict[str, Any]] = [
    json.loads(line) for line in (HERE / "ari_events.jsonl").read_text().splitlines()
]
TRUTH: dict[str, Any] = json.loads((HERE / "ari_truth.json").read_text())


def one(kind: str, **fields: object) -> dict[str, Any]:
    """The first recorded event of this type with these top-level fields."""
    return next(
        event
        for event in EVENTS
        if event["type"] == kind and all(event.get(name) == value for name, value in fields.items())
    )


def started(how: str) -> dict[str, Any]:
    """A recorded StasisStart of a leg that came to be in this way."""
    return next(event for event in EVENTS if event["type"] == "StasisStart" and event["args"][0] == how)


def test_a_trunk_caller_arrives() -> None:
    """Trunk, number dialled, caller and original caller are taken from arguments and variables."""
    event = started("trunk")
    assert decode(event) == CallerArrived(
        at=instant(event["timestamp"]),
        leg_id=event["channel"]["id"],
        trunk="city",
        did="12345",
        caller="02112345678",
        original_caller="+8613912345678",
        wideband=False,
    )


@pytest.mark.parametrize("formats", ["(g722)", "(opus|ulaw)", "(slin16)"])
def test_a_wideband_caller_is_recognised_by_his_formats(formats: str) -> None:
    """16 kHz formats make a wideband leg."""
    event = started("trunk")
    event = {**event, "channel": {**event["channel"], "channelvars": {"CC_FORMATS": formats}}}
    arrival = decode(event)
    assert isinstance(arrival, CallerArrived)
    assert arrival.wideband


def test_our_own_leg_is_answered() -> None:
    """A dialled leg enters the application when it is picked up."""
    event = started("dialled")
    assert decode(event) == LegAnswered(instant(event["timestamp"]), event["channel"]["id"])


def test_a_phone_dials() -> None:
    """Phone and number are the arguments."""
    event = started("phone")
    assert decode(event) == PhoneDialled(instant(event["timestamp"]), event["channel"]["id"], "1001", "9001")


def test_an_arrived_leg_ends_with_its_stay() -> None:
    """StasisEnd ends the leg of a caller; for a leg that we dialled it is no news."""
    for event in EVENTS:
        if event["type"] == "StasisEnd":
            came_to_us = ",dialled" not in event["channel"]["dialplan"]["app_data"]
            assert isinstance(decode(event), LegEnded) == came_to_us


def test_a_dialled_leg_ends_with_its_cause() -> None:
    """The recorded causes are those of cancel, decline, no answer and hang-up."""
    causes = {event["cause"]: decode(event) for event in EVENTS if event["type"] == "ChannelDestroyed"}
    found = {cause: event.cause for cause, event in causes.items() if isinstance(event, LegEnded)}
    assert found == {
        0: LegEndCause.NORMAL,
        16: LegEndCause.NORMAL,
        19: LegEndCause.NO_ANSWER,
        21: LegEndCause.DECLINED,
    }


def test_only_a_soft_hangup_by_the_device_says_why() -> None:
    """That is how lost RTP looks; all other requests to hang up are no news."""
    request = one("ChannelHangupRequest", soft=True)
    assert decode(request) is None
    lost = decode({**request, "cause": 1})
    assert lost == LegEnding(request["channel"]["id"], LegEndCause.MEDIA_LOST)


def test_playbacks_end_done_or_failed() -> None:
    """The state tells which; the leg is the target."""
    ended = [decode(event) for event in EVENTS if event["type"] == "PlaybackFinished"]
    assert {event.failed for event in ended if isinstance(event, PlaybackEnded)} == {True, False}


def test_digit_hold_and_transfer() -> None:
    """The rest of the recorded kinds; the echo of our own transfer progress is no news."""
    digit = decode(one("ChannelDtmfReceived"))
    assert isinstance(digit, DigitPressed)
    assert digit.digit == "1"
    held, unheld = decode(one("ChannelHold")), decode(one("ChannelUnhold"))
    assert isinstance(held, HoldChanged)
    assert isinstance(unheld, HoldChanged)
    assert (held.held, unheld.held) == (True, False)
    asked = decode(one("ChannelTransfer", state=None))
    assert isinstance(asked, TransferAsked)
    assert (asked.leg_id, asked.target) == ("a1", "1002")
    assert decode(one("ChannelTransfer", state="channel_answered")) is None


def test_unknown_events_and_fields_are_ignored() -> None:
    """Another Asterisk may say more."""
    assert decode({"type": "ChannelConnectedLine"}) is None
    assert decode({"type": None}) is None
    assert decode({}) is None
    assert decode({**one("ChannelDtmfReceived"), "news": {"a": 1}}) is not None


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event["type"]))
def test_a_known_event_without_a_field_is_an_error_without_values(event: dict[str, Any]) -> None:
    """Only DecodeError comes out, and its text holds nobody's number."""
    for missing in event:
        if missing == "type":
            continue
        mutilated = {name: value for name, value in event.items() if name != missing}
        if missing == "timestamp" and not isinstance(decode(event), LegEnding | None):
            with pytest.raises(DecodeError):
                decode(mutilated)
        assert "0211" not in complaint(mutilated)


def complaint(event: dict[str, Any]) -> str:
    """What the decoder says against an event; empty when it takes it."""
    try:
        decode(event)
    except DecodeError as error:
        return str(error)
    return ""


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    kind=st.sampled_from(KNOWN_EVENTS),
    fields=st.dictionaries(
        st.sampled_from(
            ["channel", "args", "timestamp", "playback", "cause", "digit", "refer_to", "referred_by"]
        ),
        _JSON,
    ),
)
def test_garbage_never_raises_anything_but_decode_error(kind: str, fields: dict[str, Any]) -> None:
    """Whatever stands in the fields, the connection must survive it."""
    complaint({**fields, "type": kind})


def test_unknown_causes_are_failures() -> None:
    """Q.850 has more values than we tell apart."""
    assert end_cause(95) is LegEndCause.FAILED
    assert end_cause(17) is LegEndCause.BUSY
    assert end_cause(44) is LegEndCause.MEDIA_LOST


def test_a_foreign_variable_is_no_set_of_ours() -> None:
    """Unreadable or never set variables give an empty set and none."""
    assert leg_variables({"channelvars": {"CC_LEG": "{broken"}}) == {}
    assert leg_variables({"channelvars": {"CC_LEG": "[1]"}}) == {}
    assert leg_variables({"channelvars": {"CC_LEG": ""}}) is None
    assert leg_variables({}) is None


def truth() -> Truth:
    """What was recorded, as the switch's truth."""
    return Truth(
        TRUTH["asterisk/info"]["status"]["startup_time"],
        TRUTH["endpoints/PJSIP"],
        TRUTH["bridges"],
        TRUTH["channels"],
    )


def test_the_recorded_truth_becomes_switch_connected() -> None:
    """Two callers, one of whom nobody has heard of yet, and an empty bridge."""
    event = switch_connected(truth(), app="callcenter", lines={"city"}, at=5, restarted=False)
    assert [(leg.leg_id, leg.answered) for leg in event.legs] == [
        (channel["id"], True) for channel in TRUTH["channels"]
    ]
    callers = [leg.arrival.caller for leg in event.legs if leg.arrival is not None]
    assert callers == [channel["caller"]["number"] for channel in TRUTH["channels"]]
    assert [bridge.bridge_id for bridge in event.bridges] == [bridge["id"] for bridge in TRUTH["bridges"]]
    assert "city" not in event.reachable_phones


def test_a_channel_still_in_the_dialplan_is_left_out() -> None:
    """Its arrival is yet to come; a ringing leg of ours is there by its variables."""
    channel = TRUTH["channels"][0]
    early = {
        **channel,
        "id": "early",
        "dialplan": {**channel["dialplan"], "app_name": "Answer", "app_data": ""},
    }
    ringing = {
        **early,
        "id": "ringing",
        "state": "Ringing",
        "channelvars": {"CC_LEG": '{"call":"c1"}'},
    }
    facts = switch_connected(
        Truth("", [], [], [early, ringing]), app="callcenter", lines=(), at=0, restarted=False
    ).legs
    assert [(leg.leg_id, leg.answered, leg.variables) for leg in facts] == [
        ("ringing", False, {"call": "c1"})
    ]


def answers(*statuses: int) -> list[RestResponse]:
    """One answer for each question."""
    bodies = [json.dumps(TRUTH[question.path.lstrip("/")]) for question in QUESTIONS]
    return [RestResponse(status, "", body) for status, body in zip(statuses, bodies, strict=True)]


class Asked:
    """Collects the questions and what came of them."""

    def __init__(self) -> None:
        self.callbacks: list[Any] = []
        self.truths: list[Truth] = []
        self.failures: list[str] = []
        self.reconciliation = Reconciliation(
            self.request, on_truth=self.truths.append, on_failure=self.failures.append
        )
        self.reconciliation.start()

    def request(self, question: RestRequest, on_response: Any) -> None:
        """Remember who wants the answer."""
        self.callbacks.append(on_response)


def test_the_truth_is_complete_when_all_is_answered() -> None:
    """Events are held back from the first answer on."""
    asked = Asked()
    assert not asked.reconciliation.answered
    for callback, answer in zip(asked.callbacks, answers(200, 200, 200, 200), strict=True):
        callback(answer)
        assert asked.reconciliation.answered
    assert asked.truths == [truth()]
    assert asked.failures == []


def test_one_refused_question_fails_the_whole_once() -> None:
    """503 is what a booting Asterisk says."""
    asked = Asked()
    for callback, answer in zip(asked.callbacks, answers(200, 503, 503, 200), strict=True):
        callback(answer)
    assert asked.truths == []
    assert len(asked.failures) == 1


def test_an_abandoned_reconciliation_says_nothing() -> None:
    """The connection was lost before the answers came."""
    asked = Asked()
    asked.reconciliation.abandon()
    for callback, answer in zip(asked.callbacks, answers(200, 200, 200, 200), strict=True):
        callback(answer)
    assert asked.truths == []
    assert asked.failures == []
