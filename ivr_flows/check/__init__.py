"""Proofs that a flow does right by every caller: each way leads somewhere, and every call comes to an end.

The ways that need no person make no circle but one that a counter ends (``loops``), and only ``hang_up`` and
``return`` have none of them (``queue`` has them for every outcome but the agent's): so no caller is ever
stuck, whatever they press or do not press. Whatever an expression or a text uses has a value on every way
(``variables``), and every wait has its time-out (by the shape of the nodes).
"""

from __future__ import annotations

from ivr_flows.check.graph import unknown_targets, unreachable, ways_of
from ivr_flows.check.loops import endless_loops
from ivr_flows.check.nodes import node_mistakes
from ivr_flows.check.outside import LookUpShape, Outside
from ivr_flows.check.spoken import speech_mistakes
from ivr_flows.check.surroundings import surroundings_mistakes
from ivr_flows.check.texts import language_mistakes, prompts_of
from ivr_flows.check.variables import used_before_set, variable_mistakes
from ivr_flows.model import Flow
from located_yaml import Mistake

__all__ = [
    "LookUpShape",
    "Outside",
    "prompts_of",
    "structure_mistakes",
    "surroundings_mistakes",
    "ways_of",
]


def structure_mistakes(flow: Flow) -> list[Mistake]:
    """Everything wrong with the flow in itself."""
    found = list(unknown_targets(flow))
    if not found:
        found += [*unreachable(flow), *endless_loops(flow), *used_before_set(flow)]
    return [
        *found,
        *node_mistakes(flow),
        *speech_mistakes(flow),
        *language_mistakes(flow),
        *variable_mistakes(flow),
    ]
