"""What effects of a flow come to as orders to the switch and steps of the Centre."""

from __future__ import annotations

from callcenter.controller.steps import (
    LeaveQueue,
    LetOutsideGo,
    MessageDone,
    Step,
    ToMessage,
    ToOutside,
    ToQueue,
)
from callcenter.domain.call import Call
from callcenter.domain.switch import StartMusic, StopMusic, StopPlay
from ivr_flows import effects as f


def sound_command(
    call: Call, effect: f.StopPrompts | f.PlayMusic | f.StopMusic
) -> StopPlay | StartMusic | StopMusic:
    match effect:
        case f.StopPrompts(token=token):
            return StopPlay(call.leg_id, f"{call.call_id}.p.{token}")
        case f.PlayMusic():
            return StartMusic(call.leg_id)
        case f.StopMusic():
            return StopMusic(call.leg_id)


def queue_step(call_id: str, effect: f.EnterQueue, now: int) -> ToQueue:
    return ToQueue(
        call_id,
        effect.queue,
        now,
        effect.priority,
        dict(effect.skills),
        agent_id=effect.agent_id,
        at_once=effect.agent_id is not None,
    )


def step_of(
    call_id: str, effect: f.BeginMessage | f.EndMessage | f.LeaveQueue | f.DialOutside | f.StopDialling
) -> Step:
    match effect:
        case f.BeginMessage():
            return ToMessage(call_id, effect.category, effect.text)
        case f.EndMessage():
            return MessageDone(call_id)
        case f.LeaveQueue():
            return LeaveQueue(call_id)
        case f.DialOutside():
            return ToOutside(call_id, effect.number, effect)
        case f.StopDialling():
            return LetOutsideGo(call_id)
