"""The interpreter: one caller's way through a flow.

``session`` is told what happened and asks for what is to be done; ``state`` is all that a session knows; the
other modules each know one family of nodes. Of a node, two things are said: what happens on entry
(``ENTRIES``), and what happens on an event while it waits (``REACTIONS``); both answer the name of the node
to go to, or None to stay and wait.
"""

from ivr_flows.facts import CallFacts
from ivr_flows.interpreter.session import MAX_INSTANT_NODES, MAX_NODES, FlowSession
from ivr_flows.interpreter.state import Phase

__all__ = ["MAX_INSTANT_NODES", "MAX_NODES", "CallFacts", "FlowSession", "Phase"]
