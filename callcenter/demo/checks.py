"""Does everything hold? Compares what the simulated people did with what the centre recorded of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from asr.text import character_error_rate
from callcenter.demo.evidence import Evidence
from callcenter.demo.report import CallReport, Problem, RecordingReport, TranscriptReport
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Outcome, Plot, Side
from callcenter.domain import events as e
from callcenter.domain.call import TRANSCRIBED_LEGS, Call
from callcenter.domain.kpi import TOTAL
from callcenter.domain.kpi_catalogue import KpiUnit, queue_figures, total_figures
from callcenter.phones import PhoneCall
from callcenter.phones.audio import FLOOR_DBFS
from callcenter.phones.protocol import EndedBy
from heard_text import comparable_text

AUDIBLE_DBFS = -50.0
WIDEBAND_HZ = 16_000
TICKETED = frozenset({Plot.COMPLAINT, Plot.OUTSIDE_HOURS, Plot.TURNED_AWAY})
"""Plots whose flow opens a ticket even when nobody answers."""

Found = Iterator[tuple[str, str]]
"""The check that does not hold, and what is wrong."""


def problems(scenes: Sequence[Scene], found: Evidence, orphans: int) -> list[Problem]:
    """Every check that does not hold."""
    whole = [
        Problem(check=check, call=None, call_id=None, told=told) for check, told in _whole(found, orphans)
    ]
    often = Counter(scene.story.caller for scene in scenes)
    single = [
        Problem(
            check=check,
            call=scene.story.number,
            call_id=call.call_id if (call := found.call_of(scene.story)) else None,
            told=told,
        )
        for scene in scenes
        for check, told in _single(scene, found, often[scene.story.caller])
    ]
    return whole + single


def identity_ok(found: Evidence) -> bool:
    """The identity held after every event, nobody waits any more, and the live figures are the journal's."""
    return not list(_identity(found))


def lost(scene: Scene, found: Evidence) -> str | None:
    """Why this call, or the call-back that was promised in it, counts as lost; None when neither does."""
    calls = found.calls_of(scene.story)
    if not calls:
        return None if scene.call is None else "the centre knows nothing of it"
    legs = (scene.call, scene.called_back)
    told = (_lost(call, leg, found) for call, leg in zip(calls, legs, strict=False))
    return next((reason for reason in told if reason is not None), None)


def _lost(call: Call, leg: PhoneCall | None, found: Evidence) -> str | None:
    """``leg`` is the call as the caller's phone had it."""
    ended = found.ended.get(call.call_id)
    if ended is None:
        return "the centre never saw its end"
    if ended.by is e.EndedBy.SYSTEM:
        return f"the centre ended it: {ended.reason}"
    end = leg.end if leg is not None else None
    if end is not None and end.by is EndedBy.REMOTE and ended.by is e.EndedBy.CALLER:
        return f"the caller's phone was cut off ({end.sip_code} {end.reason})"
    return None


def call_reports(scene: Scene, found: Evidence) -> list[CallReport]:
    """The call as the report shows it, and then the call-back that was promised in it; nothing for a call
    that the centre does not know."""
    return [_call_report(call, scene, found) for call in found.calls_of(scene.story)]


def _call_report(call: Call, scene: Scene, found: Evidence) -> CallReport:
    ended = found.ended.get(call.call_id)
    return CallReport(
        call_id=call.call_id,
        story=scene.story.plot.value,
        trunk=call.trunk,
        did=call.did,
        language=call.language,
        flow_path=list(call.path),
        queue=call.queue,
        outcome=call.outcome.value if call.outcome else (ended.reason if ended else "unknown"),
        wait_ms=call.wait_ms,
        talk_ms=call.talk_ms,
        agent_id=call.agent_id,
        recording=_recording(call, found),
        transcripts=_transcripts(call, scene),
        ticket_id=call.ticket_id,
        scores={one.question: one.score for one in call.history if isinstance(one, e.SurveyAnswered)},
        decisions=[event.decision for event in call.history if isinstance(event, e.OfferMade)],
        call_back_of=call.back.of if call.back is not None else None,
    )


def _recording(call: Call, found: Evidence) -> RecordingReport | None:
    stored, file = call.recording_result, found.files.get(call.call_id)
    if not isinstance(stored, e.RecordingStored) or file is None or len(file.rms_dbfs) != 2:
        return None
    return RecordingReport(
        path=str(file.path),
        sha256=stored.sha256,
        duration_ms=stored.duration_ms,
        channel_rms_dbfs=(file.rms_dbfs[0], file.rms_dbfs[1]),
    )


def _transcripts(call: Call, scene: Scene) -> list[TranscriptReport]:
    heard = []
    for leg in TRANSCRIBED_LEGS:
        stored = call.transcripts.get(leg)
        if isinstance(stored, e.TranscriptStored):
            reference = " ".join(scene.said[Side(leg)])
            rate = character_error_rate(reference, stored.text, stored.language) if reference else None
            heard.append(
                TranscriptReport(
                    leg=leg,
                    engine=stored.engine,
                    model=stored.model,
                    text=stored.text,
                    reference=reference,
                    cer=None if rate is None else round(rate, 3),
                )
            )
    return heard


def _whole(found: Evidence, orphans: int) -> Found:
    yield from _identity(found)
    for told in found.impossible:
        yield "journal", told
    if orphans:
        yield "orphan legs", f"{orphans} channels are left in the switch"


def _identity(found: Evidence) -> Found:
    board = found.board
    assert board is not None
    if board.broken is not None:
        yield "identity", f"offered = outcomes + waiting broke at {board.broken}"
    if board.total.waiting:
        yield "identity", f"{len(board.total.waiting)} calls still count as waiting"
    live = {(figure["scope"], figure["key"]): figure["value"] for figure in found.kpi}
    scopes = {TOTAL: total_figures(board, 0)} | {
        name: queue_figures(tally, 0) for name, tally in board.queues.items()
    }
    for scope, figures in scopes.items():
        for figure in figures:
            if figure.unit is KpiUnit.COUNT and live.get((scope, figure.key)) != figure.value:
                told = f"{scope} {figure.key}: live {live.get((scope, figure.key))}, journal {figure.value}"
                yield "identity", told


def _single(scene: Scene, found: Evidence, often: int) -> Found:
    """``often`` is how many calls were placed from its number."""
    for fault in scene.faults:
        yield "story", fault
    if scene.call is not None and (scene.heard_dbfs is None or scene.heard_dbfs <= AUDIBLE_DBFS):
        yield "sound", f"the caller heard nothing ({scene.heard_dbfs or FLOOR_DBFS:.0f} dBFS)"
    counted = len(found.calls.get(scene.story.caller, []))
    if counted > often:
        yield "counted once", f"the centre counts {counted} calls of its number, {often} were placed"
    if (reason := lost(scene, found)) is not None:
        yield "lost call", reason
    call = found.call_of(scene.story)
    if call is None:
        return
    yield from _ending(scene, call)
    yield from _called_back(scene, call, found)
    for known in found.calls_of(scene.story):
        yield from _on_record(known, found)
        if known.agent_id is not None:
            yield from _recorded(known, found, TRANSCRIBED_LEGS)
            yield from _transcribed(known, scene)
        elif scene.story.plot is Plot.OUTSIDE_HOURS:
            yield from _recorded(known, found, (Side.CALLER,))
            yield from _transcribed(known, scene)
        if known.agent_id is not None or scene.story.plot in TICKETED:
            yield from _ticketed(known, found)
        if not known.after_work_done:
            yield "after-work", "recording, transcript or ticket did not come to an end in time"


def _ending(scene: Scene, call: Call) -> Found:
    meant, came = scene.story.outcome, call.outcome.value if call.outcome else None
    if meant in (Outcome.CLOSED, Outcome.LEFT_FLOW):
        if came is not None:
            yield "outcome", f"was not meant to be queued, is {came}"
    elif came != meant.value:
        yield "outcome", f"meant to be {meant.value}, is {came or 'never queued'}"
    if meant is Outcome.CLOSED and "night" not in call.path:
        yield "outcome", "did not hear that the lines are closed"
    if scene.story.plot is Plot.TRANSFER and scene.connections != 2:
        yield "transfer", f"{scene.connections} agents talked with the caller, not 2"
    if scene.story.plot in (Plot.DECLINED, Plot.UNANSWERED) and scene.offers < 2:
        yield "next agent", "no second agent was offered the call"


def _called_back(scene: Scene, call: Call, found: Evidence) -> Found:
    """Whoever was meant to be called back must have been reached, and nobody else promised anything."""
    meant, back = scene.story.outcome is Outcome.CALLED_BACK, found.call_backs.get(call.call_id)
    if meant is not (back is not None):
        yield "call-back", "was not promised" if meant else "was promised to who did not ask for it"
    if back is not None and (back.agent_id is None or scene.called_back is None):
        ended = found.ended.get(back.call_id)
        yield "call-back", f"did not come about: {ended.reason if ended else 'nobody was dialled'}"


def _on_record(call: Call, found: Evidence) -> Found:
    """What anybody who asks the centre for this call is told."""
    record = found.records.get(call.call_id)
    told = {
        "outcome": call.outcome.value if call.outcome else None,
        "queue": call.queue,
        "wait_ms": call.wait_ms,
        "talk_ms": call.talk_ms,
        "flow_path": call.path,
        "ticket_id": call.ticket_id,
    }
    if record is None:
        yield "record", "the API does not know the call"
        return
    for name, value in told.items():
        if record[name] != value:
            yield "record", f"{name} is {record[name]}, in the journal {value}"


def _recorded(call: Call, found: Evidence, speak: Sequence[str]) -> Found:
    """``speak`` are the sides that must be heard."""
    stored, file = call.recording_result, found.files.get(call.call_id)
    if not isinstance(stored, e.RecordingStored):
        yield "recording", stored.reason if stored is not None else "there is none"
    elif file is None:
        yield "recording", f"{stored.path} cannot be read as a WAV file"
    else:
        if call.wideband != (stored.sample_rate == WIDEBAND_HZ):
            yield (
                "recording",
                f"has {stored.sample_rate} Hz on a {'wide' if call.wideband else 'narrow'}band call",
            )
        if file.sha256 != stored.sha256:
            yield "recording", f"{stored.path} is not the file that was checksummed"
        if len(file.rms_dbfs) != 2:
            yield "recording", f"{len(file.rms_dbfs)} channels, not 2"
        for leg, level in zip(TRANSCRIBED_LEGS, file.rms_dbfs, strict=False):
            if leg in speak and level <= AUDIBLE_DBFS:
                yield "recording", f"the {leg} cannot be heard ({level:.0f} dBFS)"


def _transcribed(call: Call, scene: Scene) -> Found:
    for leg in TRANSCRIBED_LEGS:
        if not scene.said[Side(leg)]:
            continue
        heard = call.transcripts.get(leg)
        if not isinstance(heard, e.TranscriptStored):
            yield "transcript", f"{leg}: {heard.reason if heard is not None else 'there is none'}"
        elif not (heard.engine and heard.model):
            yield "transcript", f"{leg}: nobody knows which engine and model heard it"
        elif not comparable_text(heard.text, heard.language):
            yield "transcript", f"{leg}: {heard.engine} ({heard.model}) heard no word"


def _ticketed(call: Call, found: Evidence) -> Found:
    links = [event for event in call.history if isinstance(event, e.TicketLinked)]
    if call.ticket_id is None:
        yield "ticket", "there is none"
        return
    if len(links) != 1:
        yield "ticket", f"linked {len(links)} times"
    ticket = found.tickets.get(call.ticket_id)
    if ticket is None or call.call_id not in ticket["call_ids"]:
        yield "ticket", f"{call.ticket_id} does not name this call"
