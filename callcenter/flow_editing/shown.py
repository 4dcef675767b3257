"""What is written and published, in the shapes of the wire. Pure."""

from __future__ import annotations

from callcenter.domain.flow_stage import StageTally, StageWatch
from callcenter.flow_editing.service import Overview, content_shown
from callcenter.flow_versions.model import StagedVersion, hash_of
from callcenter.flow_versions.service import Entry
from callcenter.settings import Settings
from callcenter.web import wire_flows as wire
from callcenter.web.wire import instant
from callcenter.web.wire_flows import FlowAction, FlowFileState


def overview_on_wire(known: Overview, settings: Settings, watch: StageWatch) -> wire.FlowsAnswer:
    """Everything that the page begins with."""
    names = [*known.flows, *(known.in_force.keys() - known.flows.keys())]
    differs = known.state.number == 0 or dict(known.flows) != dict(known.in_force)
    return wire.FlowsAnswer(
        files=[_file(known, settings, name) for name in names],
        tests=[
            wire.FlowTestsWritten(
                name=name, text=_text(source), hash=hash_of(source), flow=known.flow_of.get(name, "")
            )
            for name, source in known.tests.items()
        ],
        content=content_shown(known),
        in_force=_in_force(known),
        stage=_stage(known, known.state.staged, watch) if known.state.staged else None,
        running=watch.number,
        differs=differs,
        allowed_actions=_allowed(known, differs=differs),
    )


def entry_on_wire(entry: Entry) -> wire.FlowLogEntry:
    """One line of the publishing log."""
    action = entry.action
    return wire.FlowLogEntry(
        action=action.action,
        at=instant(action.at),
        deed=action.deed,
        number=action.number,
        percent=action.percent,
        author=action.author,
        note=action.note,
        changes=entry.changes,
    )


def _file(known: Overview, settings: Settings, name: str) -> wire.FlowWritten:
    source = known.flows.get(name)
    flow = known.flow_of.get(name, "")
    return wire.FlowWritten(
        name=name,
        text=_text(source or b""),
        hash=hash_of(source or b""),
        state=_state(known, name),
        flow=flow,
        numbers=[did for did, number in settings.numbers.items() if flow and number.flow == flow],
        any_number=bool(flow) and settings.any_number.flow == flow,
    )


def _state(known: Overview, name: str) -> FlowFileState:
    written, in_force, staged = (files.get(name) for files in (known.flows, known.in_force, known.staged))
    if not known.state.number:
        return FlowFileState.UNPUBLISHED
    if written is None:
        return FlowFileState.REMOVED
    if written == in_force:
        return FlowFileState.IN_FORCE
    if written == staged:
        return FlowFileState.STAGED
    return FlowFileState.NEW if in_force is None else FlowFileState.CHANGED


def _in_force(known: Overview) -> wire.FlowsInForceShown | None:
    state = known.state
    if not state.number:
        return None
    since = known.actions[state.since - 1]
    return wire.FlowsInForceShown(
        number=state.number, since_at=instant(since.at), author=since.author, note=since.note
    )


def _stage(known: Overview, staged: StagedVersion, watch: StageWatch) -> wire.FlowStage:
    began = known.actions[staged.began - 1]
    under_way = watch.stage is not None and watch.stage.began == staged.began
    ours, theirs = (watch.staged, watch.in_force) if under_way else (StageTally(), StageTally())
    guards = staged.guards
    return wire.FlowStage(
        number=staged.number,
        percent=staged.percent,
        began_at=instant(began.at),
        author=began.author,
        note=began.note,
        withdrawn=watch.withdrawn == staged.began,
        guards=wire.FlowGuards(
            min_calls=guards.min_calls,
            containment_drop=guards.containment_drop,
            abandonment_rise=guards.abandonment_rise,
            error_rise=guards.error_rise,
        ),
        staged=_fare(staged.number, ours),
        in_force=_fare(known.state.number, theirs),
    )


def _fare(number: int, tally: StageTally) -> wire.FlowCallersFare:
    return wire.FlowCallersFare(
        number=number,
        calls=tally.calls,
        contained=tally.share(tally.contained),
        abandoned=tally.share(tally.abandoned),
        errors=tally.share(tally.errors),
    )


def _allowed(known: Overview, *, differs: bool) -> list[FlowAction]:
    """What the rules of ``flow_versions.model`` would not refuse now."""
    state = known.state
    allowed = [FlowAction.SAVE] if state.number else []
    if state.staged is not None:
        return [*allowed, FlowAction.STAGE, FlowAction.FINISH, FlowAction.WITHDRAW, FlowAction.ROLL_BACK]
    if differs:
        allowed += [FlowAction.PUBLISH, *([FlowAction.STAGE_NEW] if state.number else [])]
    return [*allowed, *([FlowAction.ROLL_BACK] if len(state.were_in_force) > 1 else [])]


def _text(source: bytes) -> str:
    return source.decode("utf-8", errors="replace")
