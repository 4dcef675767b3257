"""Real callers in a version that is tried on some of them: each guard ends it when they fare worse."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from centre_rig import CALLER_ADDRESS, CentreRig, callcenter, hotline_file

from callcenter.domain import events as e
from callcenter.phones import RawCaller, RtpBehaviour

pytestmark = pytest.mark.integration
AT_ONCE = 24
PATIENCE_S = 1.5
FLOW = """\
flow: citizen_hotline
languages: [zh, xx]
start: hello
nodes:
  hello: {{split: [{shares}]}}
  english: {{play: {{xx: nobody speaks this}}, speak_in: xx, next: end}}
  hold: {{wait: 20, next: end}}
  human: {{queue: korean, otherwise: end}}
  end: {{hang_up: done}}
"""
GOOD = "end"
WORSE = {"errors": "english", "abandonment": "hold", "containment": "human"}


def write_flow(centre: CentreRig, leads_to: str) -> None:
    """A hotline all of whose callers come to this node."""
    weights = {name: int(name == leads_to) for name in (GOOD, *WORSE.values())}
    shares = ", ".join(f"{{weight: {weight}, next: {name}}}" for name, weight in weights.items())
    hotline_file(centre).write_text(FLOW.format(shares=shares), encoding="utf-8")


async def one_call(centre: CentreRig, number: int) -> None:
    """A caller who hangs up when nothing happens."""
    call = RawCaller.call(
        ("127.0.0.1", centre.sip_port), "12345",
        rtp=RtpBehaviour.SILENCE, bind=CALLER_ADDRESS, caller=f"1395{number:04d}",
    )  # fmt: skip
    async with call as caller:
        with contextlib.suppress(TimeoutError):
            await caller.ended(timeout_sec=PATIENCE_S)


@pytest.mark.parametrize("guard", WORSE)
async def test_a_worse_version_is_withdrawn(own_flows_centre: CentreRig, guard: str) -> None:
    """For prompts that nobody hears, for callers who hang up, for callers who need a human after all."""
    centre = own_flows_centre
    publish = ("flows", "publish", "--note", guard)
    write_flow(centre, GOOD)
    assert "Refused" not in await asyncio.to_thread(callcenter, centre, *publish)
    write_flow(centre, WORSE[guard])
    assert "In force" in await asyncio.to_thread(callcenter, centre, *publish, "--percent", "50")
    before = len([event for event in centre.events() if isinstance(event, e.FlowStageWithdrawn)])
    for batch in range(5):
        await asyncio.gather(*(one_call(centre, 100 * batch + at) for at in range(AT_ONCE)))
        withdrawn = [event for event in centre.events() if isinstance(event, e.FlowStageWithdrawn)][before:]
        if withdrawn:
            break
    assert [event.guard for event in withdrawn] == [guard]
    assert withdrawn[0].staged_share != withdrawn[0].in_force_share
    assert "withdrawn" in await asyncio.to_thread(callcenter, centre, "flows", "log")
