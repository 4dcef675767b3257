"""Random days: whatever callers, agents, the switch and the power do, in whatever order, the rules hold."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paper_centre import AGENTS, acd_config, centre_config, flow_branch
from supervised import DESK
from world import World

from acd.model import OverflowReason
from callcenter.adapters.memory_switch import Behaviour, Reaction
from callcenter.domain import commands as c
from callcenter.domain.events import TransferKind
from callcenter.domain.overhearing import SupervisionMode

DELAYS_MS = st.sampled_from([0, 1, 10, 300, 1000, 5000, 20_000, 60_000])
AGENT_IDS = st.sampled_from(sorted(AGENTS))
REACTIONS = st.sampled_from(
    [Behaviour(), Behaviour(after_ms=2000), Behaviour(Reaction.IGNORE), Behaviour(Reaction.DECLINE, 100)]
)
TARGETS = st.sampled_from(
    [
        (TransferKind.QUEUE, "sales"),
        (TransferKind.QUEUE, "support"),
        (TransferKind.AGENT, "1002"),
        (TransferKind.NUMBER, "66"),
        (TransferKind.NUMBER, "not a number"),
    ]
)
WHAT = {
    "call": 4,
    "press": 2,
    "ask_back": 3,
    "at_home": 1,
    "hang_up": 2,
    "agent_leg": 1,
    "phone_hold": 1,
    "hold": 1,
    "ready": 3,
    "pause": 1,
    "log_out": 1,
    "end_wrap_up": 1,
    "transfer": 1,
    "consult": 2,
    "dial_out": 2,
    "control": 3,
    "agent_hang_up": 1,
    "decline": 1,
    "reaction": 1,
    "phone_lost": 1,
    "phone_found": 1,
    "kill": 1,
    "link_down": 1,
    "link_up": 1,
    "restart": 1,
    "tickets_away": 1,
    "supervise": 3,
    "stop_supervising": 1,
    "pick": 1,
    "supervisor_hangs_up": 1,
}
"""What can happen, and how often."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something happens ``after_ms``; ``which`` chooses among what there is to do it to."""

    what: str
    after_ms: int
    which: int
    agent_id: str
    target: tuple[TransferKind, str]
    reaction: Behaviour


ACTS = st.builds(
    Act,
    st.sampled_from([what for what, weight in WHAT.items() for _ in range(weight)]),
    DELAYS_MS,
    st.integers(0, 9),
    AGENT_IDS,
    TARGETS,
    REACTIONS,
)


def carry_out(world: World, act: Act) -> None:  # noqa: PLR0912  (one branch per act)
    """Let it happen, if there is anything to do it to."""
    callers = world.caller_legs()
    phones = world.agent_legs()
    caller = callers[act.which % len(callers)] if callers else None
    phone = phones[act.which % len(phones)] if phones else None
    agent = world.centre.queueing.router.agent(act.agent_id)
    call_id = (agent.call_id if agent else None) or "none"
    match act.what:
        case "call":
            world.call(digits=str(act.which % 5), caller=f"0211234567{act.which % 3}")
        case "press" if caller:
            world.switch.press(caller, str(act.which))
        case "ask_back" if caller:
            world.switch.press(caller, "9")
        case "at_home":
            world.switch.numbers[f"0211234567{act.which % 3}"] = act.reaction
        case "hang_up" if caller:
            world.switch.hang_up(caller)
        case "agent_leg" if phone:
            world.switch.hang_up(phone)
        case "phone_hold" if phone:
            world.switch.hold(phone, held=act.which % 2 == 0)
        case "hold":
            ask = c.Hold if act.which % 2 else c.Retrieve
            world.ask(ask(act.agent_id, call_id))
        case "ready":
            world.ask(c.LogIn(act.agent_id, AGENTS[act.agent_id]))
            world.ask(c.Ready(act.agent_id))
        case "pause":
            world.ask(c.Pause(act.agent_id, "break"))
        case "log_out":
            world.ask(c.LogOut(act.agent_id))
        case "end_wrap_up":
            world.ask(c.EndWrapUp(act.agent_id))
        case "transfer":
            world.ask(c.Transfer(act.agent_id, call_id, *act.target))
        case "dial_out":
            world.ask(c.DialOut(act.agent_id, "66"))
        case "consult":
            world.ask(c.Consult(act.agent_id, call_id, *act.target))
        case "control":
            kinds = (c.Swap, c.Confer, c.CompleteTransfer, c.EndConsult)
            world.ask(kinds[act.which % len(kinds)](act.agent_id, call_id))
        case "agent_hang_up":
            world.ask(c.HangUp(act.agent_id, call_id))
        case "decline" if agent is not None and agent.offer_id is not None:
            world.ask(c.Decline(act.agent_id, agent.offer_id))
        case "reaction":
            reachable = world.switch.phones[AGENTS[act.agent_id]].reachable
            changed = Behaviour(act.reaction.reaction, act.reaction.after_ms, reachable)
            world.switch.phones[AGENTS[act.agent_id]] = changed
        case "phone_lost":
            world.switch.set_reachable(AGENTS[act.agent_id], False)
        case "phone_found":
            world.switch.set_reachable(AGENTS[act.agent_id], True)
        case "kill":
            world.kill(down_ms=act.which * 300)
        case "link_down":
            world.link_down()
        case "link_up":
            world.link_up()
        case "restart":
            world.restart_switch()
        case "tickets_away":
            world.tickets.away_until = world.now + 20_000
        case _:
            supervise(world, act)


def supervise(world: World, act: Act) -> None:
    """A supervisor, who is an agent as well, does something about a call."""
    calls = [call for call in world.centre.floor.calls.values() if call.live]
    talks = [call for call in calls if call.conversation is not None] or calls
    if not talks:
        return
    call_id = talks[act.which % len(talks)].call_id
    match act.what:
        case "supervise":
            mode = list(SupervisionMode)[act.which % len(SupervisionMode)]
            phone = None if act.which > 4 or mode is SupervisionMode.TAKE_OVER else DESK
            world.ask(c.LogIn(act.agent_id, AGENTS[act.agent_id]))
            world.ask(c.Pause(act.agent_id, "break"))
            world.ask(c.Supervise(call_id, mode, "sue", act.agent_id, phone))
        case "stop_supervising":
            world.ask(c.StopSupervising(call_id, "sue"))
        case "pick":
            waiting = [call.call_id for call in calls if call.offers or call.conversation is None]
            world.ask(c.PickWaiting((waiting or [call_id])[-1], act.agent_id, "sue"))
        case "supervisor_hangs_up":
            world.ask(c.HangUpCall(call_id, "sue"))
        case _:
            pass


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, min_size=5, max_size=60))
def test_whatever_happens_the_rules_hold(acts: list[Act]) -> None:
    """Every call ends and settles, no leg outlives its call, no agent is on two calls, each ticket exists
    once, and the figures always add up; restarts of controller and switch included."""
    config = centre_config(
        acd_config(
            max_waiting=4,
            max_wait_sec=60,
            overflow={
                OverflowReason.TIMEOUT: flow_branch("timeout"),
                OverflowReason.FULL: flow_branch("full"),
            },
        )
    )
    support = replace(config.queues["support"], resume_within_sec=60)
    config = replace(config, queues={**config.queues, "support": support})
    numbers = {"66": Behaviour(after_ms=500), "02112345670": Behaviour(after_ms=2000)}
    world = World(config, {DESK: Behaviour(after_ms=300)}, numbers, check_recovery=False)
    world.ready("1001")
    for act in acts:
        world.run(act.after_ms / 1000)
        carry_out(world, act)
        world.run(0)
        if act.which == 0:
            world.check_recovery()
    world.bring_home()
    world.finish()
