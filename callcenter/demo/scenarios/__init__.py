"""What `callcenter demo --scenario NAME` can show of routing, each with real calls.

Each scenario is a module with its stories and proofs, and a YAML file of the same name with the settings that
are laid over those of the demo. To add one: write both, and give it a line in ``SCENARIOS``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from callcenter.demo.scenarios.call_back import CALL_BACK
from callcenter.demo.scenarios.overflow import OVERFLOW
from callcenter.demo.scenarios.preferred_agent import PREFERRED_AGENT
from callcenter.demo.scenarios.ring_all import RING_ALL
from callcenter.demo.scenarios.scenario import USUAL, Proof, Scenario, usual
from callcenter.demo.scenarios.skills import SKILLS

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {scenario.name: scenario for scenario in (SKILLS, RING_ALL, OVERFLOW, PREFERRED_AGENT, CALL_BACK)}
)
"""All but the usual one, which is made for a number of calls and agents."""

__all__ = ["SCENARIOS", "USUAL", "Proof", "Scenario", "usual"]
