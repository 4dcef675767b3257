"""Routing on real components: settings changed under way, several phones that ring, supervisors' words."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from typing import Any

import pytest
from centre_rig import CALLER_ADDRESS, ROOT, CentreRig, changed_settings, desks, to_queue

from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.domain import events as e
from callcenter.phones import AnswerAction, AnswerPolicy, Phone
from callcenter.settings import load_settings
from callcenter.web.wire import AgentAction

pytestmark = pytest.mark.integration


def general_queue(centre: CentreRig, settings: str) -> AbstractContextManager[str]:
    """The centre with these settings of its general queue."""
    return changed_settings(centre, ("  general: {", f"  general: {{{settings}, "))


async def test_settings_change_while_a_call_waits(centre: CentreRig) -> None:
    """A caller waits, the queue is set to ring all, and every phone rings; the first answer wins, the other
    phone stops and its agent is free."""
    async with desks(centre, "1001", "1002") as (first, second), Phone.start(bind=CALLER_ADDRESS) as phone:
        for desk in (first, second):
            await desk.phone.set_answer_policy(AnswerPolicy(AnswerAction.MANUAL))
            await desk.api.agent(desk.agent_id, AgentAction.PAUSE, {"reason": "break"})
        call = await phone.call(centre.uri("12345"), caller="139101")
        await to_queue(call)
        call_id = centre.call_of("139101")
        await centre.happened(call_id, e.CallQueued)
        with general_queue(centre, "strategy: ring_all, ring_step_sec: 1") as said:
            assert "In force now" in said
            for desk in (first, second):
                await desk.api.agent(desk.agent_id, AgentAction.READY)
            rings = [await desk.next_call() for desk in (first, second)]
            await rings[1].answer()
            await rings[1].confirmed()
            assert (await rings[0].ended(3.0)).sip_code != 200
            await centre.happened(call_id, e.AgentConnected)
            await call.hang_up()
            life = await centre.happened(call_id, e.CallSettled)
    ends = {event.agent_id: event.end for event in life if isinstance(event, e.OfferEnded)}
    assert ends == {"1001": "revoked", "1002": "accepted"}


async def test_faulty_settings_change_nothing(centre: CentreRig) -> None:
    """The command tells every mistake with its place, and the centre goes on as it was."""
    with general_queue(centre, "strategy: loudest") as said:
        assert f"{centre.overlay}:" in said
        assert "'loudest' is no strategy" in said
    with changed_settings(centre, ("flow: prompt_studio", "flow: nowhere")) as said:
        assert "numbers.12349: no flow 'nowhere'" in said
        assert "refuses these settings and goes on as before" in said
        assert "In force now" not in said


async def test_a_supervisor_steps_in(centre: CentreRig) -> None:
    """Over the API: a waiting call gets another priority, moves to another queue and is answered there."""
    async with Phone.start(bind=CALLER_ADDRESS) as phone:
        call = await phone.call(centre.uri("12345"), caller="139102")
        await to_queue(call)
        call_id = centre.call_of("139102")
        await centre.happened(call_id, e.CallQueued)
        async with CentreApi(f"http://127.0.0.1:{centre.web_port}") as api:
            await api.log_in("admin", centre.admin)
            await api.change_waiting(call_id, priority=3)
            await api.move_waiting(call_id, "complaints")
        async with desks(centre, "1002") as (desk,):
            answering = await desk.next_call()
            await answering.confirmed()
            await centre.happened(call_id, e.AgentConnected)
            await call.hang_up()
            life = await centre.happened(call_id, e.CallSettled)
    changed = [event.priority for event in life if isinstance(event, e.CallChanged)]
    assert changed == [3]
    outcomes = [event.outcome for event in life if isinstance(event, e.QueueLeft)]
    assert outcomes == [e.QueueOutcome.TRANSFERRED, e.QueueOutcome.ANSWERED]


async def test_what_the_page_is_shown_of_a_real_centre(centre: CentreRig) -> None:
    """A closed queue, how evenly work is spread, the dispositions of the settings; and an agent whose phone
    goes away, or who has logged out, is not offered to be ready."""
    async with desks(centre, "1001", "1002") as (first, second):
        api = first.api

        async def agent() -> dict[str, Any]:
            return next(shown for shown in (await api.view())["agents"] if shown["agent_id"] == "1002")

        def lost() -> bool:
            told = [event.event for event in centre.events() if isinstance(event, e.RoutingInput)]
            of_phone = [one for one in told if one["kind"] == "phone_reachable" and one["agent_id"] == "1002"]
            return not of_phone[-1]["reachable"]

        view = await api.view()
        assert view["dispositions"] == dict(load_settings(ROOT / "config").dispositions)
        assert view["fairness"]["agents"] == 2
        assert view["fairness"]["idle_spread_ms"] > 0
        try:
            await api.set_open("complaints", is_open=False)
            shown = {queue["name"]: queue["is_open"] for queue in (await api.view())["queues"]}
            assert shown == {name: name != "complaints" for name in shown}
        finally:
            await api.set_open("complaints", is_open=True)
        await api.agent("1002", AgentAction.PAUSE, {"reason": "break"})
        assert "ready" in (await agent())["allowed_actions"]
        await second.phone.close()
        async with asyncio.timeout(15):  # until the switch has told of it
            while not lost():
                await asyncio.sleep(0.1)
        assert "ready" not in (await agent())["allowed_actions"]
        with pytest.raises(ApiRefused, match="cannot be rung"):
            await api.agent("1002", AgentAction.READY)


async def test_a_reload_journals_what_the_figures_are_measured_by(centre: CentreRig) -> None:
    """At the start, by the new settings, and by the old ones again."""

    def thresholds() -> list[int]:
        found = [event for event in centre.events() if isinstance(event, e.KpiPolicyInForce)]
        return [event.threshold_ms["general"] for event in found]

    async def told(count: int) -> None:
        async with asyncio.timeout(15):
            while len(thresholds()) < count:
                await asyncio.sleep(0.1)

    before = thresholds()
    assert before
    with general_queue(centre, "answer_within_sec: 7"):
        await told(len(before) + 1)
    await told(len(before) + 2)
    assert thresholds()[-3:] == [before[-1], 7000, before[-1]]
