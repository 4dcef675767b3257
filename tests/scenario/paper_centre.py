"""The settings of the scenarios: one flow, two queues, three agents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from acd.model import (
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowReason,
    OverflowTarget,
    QueueConfig,
    SkillRequirement,
)
from callcenter.controller.floor import CentreConfig, NumberRoute, OtherCentre, QueuePolicy
from callcenter.domain.dial_out import DialOutPolicy
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.domain.numbering import Numbering, NumberingPlan
from callcenter.domain.queue_policy import CallBackPolicy
from callcenter.domain.waiting_room import WaitingPolicy
from ivr_flows.calendars import Calendar
from ivr_flows.loader import load_flow

FLOW = load_flow((Path(__file__).parent / "line.yaml").read_bytes(), "line.yaml")
ALWAYS = Calendar.model_validate({"weekly": {"mon-sun": ["00:00-24:00"]}})
NEVER = Calendar.model_validate({"weekly": {}})
OPEN_NUMBER, CLOSED_NUMBER = "12345", "54321"
NOON = 1_763_697_600_000
"""2025-11-21 12:00 in Shanghai."""
AGENTS = {"1001": "2001", "1002": "2002", "1003": "2003"}
"""Agents, and the phones at which they work."""
CALL_BACK = CallBackPolicy(key="9", ring_sec=20, attempts=2, retry_sec=30, within_sec=300)
POLICY = KpiPolicy({TOTAL: 15_000}, "Asia/Shanghai")


def acd_config(**support: Any) -> AcdConfig:
    """Two queues for three agents; ``support`` changes the first one's settings."""
    queues = {
        "support": QueueConfig(
            "support",
            wrap_up_sec=10,
            **{"max_wait_sec": 120, "overflow": {OverflowReason.TIMEOUT: flow_branch("timeout")}, **support},
        ),
        "sales": QueueConfig("sales", requirements=(SkillRequirement("sales", 5),), wrap_up_sec=0),
    }
    agents = {
        "1001": AgentConfig("1001", {"sales": 8}),
        "1002": AgentConfig("1002", {}),
        "1003": AgentConfig("1003", {}),
    }
    return AcdConfig("v1", queues, agents)


def flow_branch(name: str) -> OverflowTarget:
    """Back to the flow, to the branch of this name."""
    return OverflowTarget(OverflowKind.FLOW, name)


def centre_config(acd: AcdConfig | None = None) -> CentreConfig:
    """The settings of the scenarios."""
    acd = acd or acd_config()
    return CentreConfig(
        version=acd.version,
        acd=acd,
        flows={FLOW.name: FLOW},
        numbers={CLOSED_NUMBER: NumberRoute(FLOW.name, "zh", {"office": NEVER})},
        any_number=NumberRoute(FLOW.name, "zh", {"office": ALWAYS}),
        queues={
            name: QueuePolicy(f"about_{name}", call_back=CALL_BACK if name == "support" else None)
            for name in acd.queues
        },
        waiting=WaitingPolicy(2, comfort={"zh": ("请稍候",)}, call_back={"zh": "回电请按九"}),
        audio=lambda prompt: f"/prompts/{prompt.text}.wav",
        recordings_dir="/recordings",
        outbound_trunk="city",
        dial_out=DialOutPolicy("support", OPEN_NUMBER, frozenset({"1001", "1003"})),
        centres={"province": OtherCentre("77", None, "X-Ticket-Id")},
        numbering=Numbering(NumberingPlan("CN"), {"pbx": NumberingPlan("CN", "900", "9")}),
    )
