"""The JSON shapes of flows as they are changed and published. See ``wire``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from callcenter.flow_versions.model import Deed
from callcenter.web.wire import WHOLE, Instant, Wire
from callcenter.web.wire_flow_graph import FlowChange, FlowGraph

FileName = Annotated[str, Field(pattern=r"^(tests/)?[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.yaml$")]
Text = Annotated[str, Field(max_length=400_000)]
Note = Annotated[str, Field(min_length=1, max_length=400, pattern=r"\S")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Percent = Annotated[int, Field(ge=1, le=99), WHOLE]
VersionNumber = Annotated[int, Field(ge=1, le=999_999), WHOLE]


class FlowAction(StrEnum):
    """What may be done with the flows: the last part of POST /api/flows/{action}."""

    SAVE = "save"
    PUBLISH = "publish"
    STAGE_NEW = "stage-new"
    """Publish for some of the callers: ``publish`` with ``percent``."""
    STAGE = "stage"
    FINISH = "finish"
    WITHDRAW = "withdraw"
    ROLL_BACK = "rollback"


class FlowFileState(StrEnum):
    """A written file beside what is published."""

    IN_FORCE = "in_force"
    STAGED = "staged"
    CHANGED = "changed"
    NEW = "new"
    REMOVED = "removed"
    UNPUBLISHED = "unpublished"
    """Nothing was published yet: the controller runs what was written when it started."""


# --- requests ----------------------------------------------------------------------------------------------


class FlowText(Wire):
    """The text of a file of flows, or (``tests/...``) of tests."""

    name: FileName
    text: Text


Files = Annotated[list[FlowText], Field(max_length=200)]


class FlowCheckRequest(Wire):
    """Texts, of each name the last, instead of those saved; ``shown``: the file whose graph is wanted."""

    files: Files
    shown: FileName | None = None


class FlowTestRequest(Wire):
    """Texts of flows and tests, of each name the last, instead of those that are saved."""

    files: Files


class FlowChangeRequest(Wire):
    """A change of the flow in the file ``name``; ``files`` are texts instead of those that are saved."""

    files: Files
    name: FileName
    change: FlowChange


class FlowSaveRequest(Wire):
    """``seen`` is the hash of the text that the writer began with; null: the file is new."""

    name: FileName
    text: Text
    seen: Hash | None


class FlowNewRequest(Wire):
    """A new flow of this name is written into a file of its own: small, and sound as it stands."""

    name: Annotated[str, Field(min_length=1, max_length=64)]


class FlowDiffRequest(Wire):
    """What differs from a version (none given: the one in force) to another (none given: what is written)."""

    old: VersionNumber | None = None
    new: VersionNumber | None = None


class FlowPublishRequest(Wire):
    """``content`` is the hash of all the written flows that the publisher has looked at; ``percent``: only
    for this share of new callers."""

    note: Note
    content: Hash
    percent: Percent | None = None


class FlowStageRequest(Wire):
    """The share of new callers that takes the staged version from now on."""

    note: Note
    percent: Percent


class FlowNoteRequest(Wire):
    """Why."""

    note: Note


class FlowRollBackRequest(Wire):
    """``number``: this version; null: the one that was in force before."""

    note: Note
    number: VersionNumber | None = None


# --- answers -----------------------------------------------------------------------------------------------


class FlowWritten(Wire):
    """A file that is written; of one that was REMOVED the text is empty. ``flow`` is the name of its flow
    (empty: what is written has none), ``numbers`` are those that lead to it; ``any_number``: all
    others do."""

    name: str
    text: str
    hash: str
    state: FlowFileState
    flow: str
    numbers: list[str]
    any_number: bool


class FlowTestsWritten(Wire):
    """A file of tests; ``flow`` is the name of the flow they are of."""

    name: str
    text: str
    hash: str
    flow: str


class FlowsInForceShown(Wire):
    """The version in force, since when, by whom, and why."""

    number: int
    since_at: Instant
    author: str
    note: str


class FlowCallersFare(Wire):
    """How the callers of one version fared, as shares of them: the flow ended the call, they hung up, the
    flow broke off or a prompt was missing."""

    number: int
    calls: int
    contained: float
    abandoned: float
    errors: float


class FlowGuards(Wire):
    """What the staged version may do worse, as differences of shares, from so many callers of each on."""

    min_calls: int
    containment_drop: float
    abandonment_rise: float
    error_rise: float


class FlowStage(Wire):
    """The version that a share of new callers takes. ``withdrawn``: a guard has ended it already, and no new
    caller takes it."""

    number: int
    percent: int
    began_at: Instant
    author: str
    note: str
    withdrawn: bool
    guards: FlowGuards
    staged: FlowCallersFare
    in_force: FlowCallersFare


class FlowsAnswer(Wire):
    """The written flows and tests beside what is published. ``content`` is the hash of all of the flows;
    ``running`` the version that the controller runs (0: what was written when it started)."""

    files: list[FlowWritten]
    tests: list[FlowTestsWritten]
    content: str
    in_force: FlowsInForceShown | None
    stage: FlowStage | None
    running: int
    differs: bool
    allowed_actions: list[FlowAction]


class FlowMistake(Wire):
    """A mistake or a warning; line and column count from 1, ``node`` is empty where it is in none."""

    file: str
    line: int
    column: int
    node: str
    message: str


class FlowCheckAnswer(Wire):
    """All that is wrong, and what callers would not like; with the graph of the file shown, unless what is
    written has not the shape of a flow."""

    mistakes: list[FlowMistake]
    warnings: list[FlowMistake]
    graph: FlowGraph | None


class FlowChanged(Wire):
    """The texts that are others then, of the flow and of its tests. Nothing is saved."""

    files: list[FlowText]


class FlowCase(Wire):
    """What came of one test; ``trace`` is the whole call, line by line, where one failed."""

    flow: str
    name: str
    file: str
    line: int
    outcome: Literal["passed", "failed", "skipped"]
    failures: list[FlowMistake]
    trace: list[str]


class FlowMissedWay(Wire):
    """A way out of a node that no test goes; ``line`` is that of the flow's file."""

    node: str
    word: str
    target: str
    line: int


class FlowCoverage(Wire):
    """How much of a flow its tests go through; percent from 0 to 100."""

    flow: str
    file: str
    nodes: int
    ways: int
    node_percent: float
    way_percent: float
    covered: list[str]
    missed_ways: list[FlowMissedWay]


class FlowTestAnswer(Wire):
    """What came of all tests; with mistakes in flows or tests nothing was run."""

    mistakes: list[FlowMistake]
    cases: list[FlowCase]
    coverage: list[FlowCoverage]
    took_ms: int


class FlowSaved(Wire):
    """The file's text is on the disk, with this hash."""

    name: str
    hash: str


class FlowLogEntry(Wire):
    """An entry of the publishing log; ``changes`` is what it changed for callers, in a few words."""

    action: int
    at: Instant
    deed: Deed
    number: int
    percent: int
    author: str
    note: str
    changes: str


class FlowVersionsAnswer(Wire):
    """The publishing log, the newest entry first."""

    entries: list[FlowLogEntry]


class FlowDiffAnswer(Wire):
    """A unified diff, line by line; empty when nothing differs."""

    lines: list[str]


class FlowsDone(Wire):
    """What was done is in force. ``number`` is the version it is about (null: nothing was to be done, the
    version in force has the very same files); ``unspoken``: texts that could not be spoken, where callers
    hear a tone."""

    number: int | None
    unspoken: list[str]
