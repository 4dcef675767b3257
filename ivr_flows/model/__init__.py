"""A flow: nodes and the ways between them, frozen once loaded.

The classes are the YAML's shape too: the JSON Schema is made from them, and the word that opens a node in the
file (``play:``, ``menu:`` ...) is the field that makes it that kind.
"""

from ivr_flows.model.asking import MAY_END, HangUpNode, QueueNode, TicketNode, VoicemailNode, WhileWaiting
from ivr_flows.model.deciding import (
    BranchNode,
    Case,
    HoursNode,
    LanguageNode,
    ReturnNode,
    SetNode,
    Share,
    SplitNode,
    SubflowNode,
)
from ivr_flows.model.flow import NODE_KINDS, Flow, FlowFile, Hints, HumanKey, Node, kinds_in
from ivr_flows.model.handing_on import TransferNode, TransferTarget
from ivr_flows.model.listening import Choice, ListenNode
from ivr_flows.model.outside import CallerListNode, LookUpNode, SendNode, UpdateTicketNode
from ivr_flows.model.parts import DIGITS, Confidence, Language, Name, Part, SayTexts, Texts, Variable, Way
from ivr_flows.model.recording import HearNode, KeepNode, RecordNode
from ivr_flows.model.speaking import CONFIRM_KEY, CollectNode, MenuNode, PlayNode, SayNode, WaitNode
from ivr_flows.model.surveying import Question, SurveyNode

__all__ = [
    "CONFIRM_KEY", "DIGITS", "MAY_END", "NODE_KINDS", "BranchNode", "CallerListNode", "Case", "Choice",
    "CollectNode", "Confidence", "Flow", "FlowFile", "HangUpNode", "HearNode", "Hints", "HoursNode",
    "HumanKey", "KeepNode", "Language", "LanguageNode", "ListenNode", "LookUpNode", "MenuNode", "Name",
    "Node", "Part", "PlayNode", "Question", "QueueNode", "RecordNode", "ReturnNode", "SayNode", "SayTexts",
    "SendNode", "SetNode", "Share", "SplitNode", "SubflowNode", "SurveyNode", "Texts", "TicketNode",
    "TransferNode", "TransferTarget", "UpdateTicketNode", "Variable", "VoicemailNode", "WaitNode", "Way",
    "WhileWaiting", "kinds_in",
]  # fmt: skip
