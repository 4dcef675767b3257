"""Takes in a call: recorded on the caller's leg apart from the call's recording, checked, kept as prompts."""

from __future__ import annotations

from callcenter.controller.floor import Floor
from callcenter.controller.messages import (
    FinishTake,
    KeepTake,
)
from callcenter.domain.call import Call
from callcenter.domain.switch import StartRecording, StopRecording
from ivr_flows.effects import BeginTake, EndTake, KeepPrompt

DIRECTORY = "takes"
"""Below the recordings, as long as the switch writes."""


def carry_out(floor: Floor, call: Call, effect: BeginTake | EndTake | KeepPrompt) -> None:
    """Do what the flow asks. Recording ids of takes are none of a call's recording."""
    match effect:
        case BeginTake(token=token):
            stem = f"{floor.config.recordings_dir}/{_stem(call, token)}"
            floor.order(StartRecording(call.leg_id, _recording_id(call, token), stem, call.wideband))
        case EndTake(token=token):
            floor.order(StopRecording(call.leg_id, _recording_id(call, token)))
            floor.ask(FinishTake(call.call_id, token, _stem(call, token), call.wideband))
        case KeepPrompt(number=number, take=take):
            floor.ask(KeepTake(call.call_id, number, take))


def _stem(call: Call, token: str) -> str:
    """A file name without dots, as suffixes begin with one."""
    return f"{DIRECTORY}/{call.call_id.replace('.', '_')}-{token}"


def _recording_id(call: Call, token: str) -> str:
    return f"t-{call.call_id}-{token}"
