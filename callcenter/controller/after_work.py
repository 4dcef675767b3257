"""What a call leaves behind: recording, transcripts, ticket. It is settled when all are done."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.controller.floor import Floor
from callcenter.controller.flows import ask_ticket
from callcenter.controller.messages import (
    FinishRecording,
    RecordingUnfinished,
    Transcribe,
)
from callcenter.domain import events as e
from callcenter.domain.call import TRANSCRIBED_LEGS, Call, CallPhase
from callcenter.domain.call_parts import Conversation
from callcenter.domain.leg_variables import RECORDING
from callcenter.domain.switch import (
    RecordingFailed,
    RecordingStarted,
    SetVariables,
    StartRecording,
    StopRecording,
)
from recorder import policy
from recorder import session as s

ALARM = "recording"


def talking(call: Call) -> bool:
    """Whether the call has somebody who speaks with the caller, or takes a message."""
    outside = call.outside is not None and call.outside.answered
    return call.conversation is not None or outside or call.leaves_message


class AfterWorkDriver:
    """Runs one RecordingSession per recorded call and begins the jobs that follow it."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._sessions: dict[str, s.RecordingSession] = {}

    def record_talk(self, call: Call, talk: Conversation) -> None:
        """Record the caller's leg from now on, if the queue's calls are recorded."""
        if call.recording is not None or self._floor.config.queue(talk.queue).record:
            self._record(call)

    def record_outside(self, call: Call, *, also_unrecorded: bool) -> None:
        """Record what is spoken with an outside party: of a call recorded so far, or of every one."""
        if call.recording is not None or also_unrecorded:
            self._record(call)

    def take_message(self, call: Call) -> None:
        """The caller leaves a message, which is recorded in any case."""
        self._floor.record(e.MessageBegan(self._floor.now, call.call_id))
        self._record(call)

    def message_done(self, call: Call) -> None:
        """What follows in the flow is no message any more."""
        self._floor.record(e.MessageEnded(self._floor.now, call.call_id))
        self.pause_recording(call)

    def _record(self, call: Call) -> None:
        """All talks and messages of a call are one recording."""
        floor = self._floor
        if call.recording is not None:
            self.resume_recording(call)
            return
        plan = policy.plan(call.call_id, wideband=call.wideband, now=floor.now)
        floor.record(
            e.RecordingBegan(floor.now, call.call_id, plan.recording_id, plan.path_stem, plan.wideband)
        )
        session = self._sessions[call.call_id] = s.RecordingSession()
        self._carry_out(call, session.start(floor.now))

    def resume_recording(self, call: Call) -> None:
        """Somebody is about to speak with the caller of a recorded call again."""
        self.tell(call, s.TalkBegan())

    def pause_recording(self, call: Call) -> None:
        """The caller has left one agent and waits for another. The switch is made to start anew with every
        party: what records a leg keeps the RTP sequence number of the party it heard last, and takes a next
        one with a lower number for late packets and leaves them out (seen with Asterisk 22.10)."""
        self.tell(call, s.TalkEnded())

    def tell(self, call: Call, event: s.RecordingEvent) -> None:
        """Something became known about the call's recording."""
        session = self._sessions.get(call.call_id)
        if session is not None:
            self._carry_out(call, session.handle(event, self._floor.now))

    def switch_told(self, call: Call, event: RecordingStarted | RecordingFailed) -> None:
        """What became of a start; a take of the flow is none of the call's own recording."""
        if call.recording is None or call.recording.recording_id != event.recording_id:
            return
        if isinstance(event, RecordingStarted):
            self._started(call)
        else:
            self.tell(call, s.StartFailed(event.reason))

    def _started(self, call: Call) -> None:
        """The switch records; the leg remembers it for whoever finds it after a restart."""
        session = self._sessions.get(call.call_id)
        self.tell(call, s.Started())
        if call.recording is not None and session is not None and session.state is s.RecordingState.RUNNING:
            self._floor.order(SetVariables(call.leg_id, {RECORDING: call.recording.path_stem}))

    def ensure_recording(self, call: Call, variables: Mapping[str, str]) -> None:
        """Begin again on a leg found after a restart that does not remember to be recorded though it should.
        One that runs nevertheless is stopped first, because two would write to the same files."""
        began = call.recording
        if (
            began is None
            or call.recording_result is not None
            or variables.get(RECORDING)
            or not talking(call)
        ):
            return
        self._floor.order(StopRecording(call.leg_id, began.recording_id))
        session = self._sessions[call.call_id] = s.RecordingSession()
        self._carry_out(call, session.start(self._floor.now))

    def recover(self, call: Call, variables: Mapping[str, str]) -> None:
        """Go on with the recording of which the leg of a recovered call tells. One that runs untold is
        stopped, before another one writes to its files."""
        floor, path_stem = self._floor, variables.get(RECORDING)
        recording_id = policy.plan(call.call_id, wideband=call.wideband, now=floor.now).recording_id
        if path_stem:
            began = e.RecordingBegan(floor.now, call.call_id, recording_id, path_stem, call.wideband)
            floor.record(began)
            self.resume(call)
        elif call.conversation is not None or call.outside is not None:
            floor.order(StopRecording(call.leg_id, recording_id))

    def deadline(self, call: Call) -> None:
        """The recording's own deadline has come."""
        self.tell(call, s.DeadlineReached())

    def call_over(self, call: Call) -> None:
        """The caller's leg is gone."""
        self.tell(call, s.CallOver())
        self.settle(call)

    def recording_unfinished(self, call: Call, message: RecordingUnfinished) -> None:
        """The recording's file could not be made this time."""
        self.tell(call, s.FinishFailed(message.reason, message.final))

    def recording_stored(self, call: Call, event: e.RecordingStored) -> None:
        """The recording's file is there."""
        if call.recording_result is None:
            self._floor.record(event)
            self.tell(call, s.Finished())
            self._transcribe(call, event)

    def transcript_known(self, call: Call, event: e.TranscriptStored | e.TranscriptMissing) -> None:
        """One side's words are known, or why they are not."""
        if event.leg not in call.transcripts:
            self._floor.record(event)
        self.settle(call)

    def ticket_known(self, call: Call, event: e.TicketLinked) -> None:
        """The call's ticket exists."""
        if call.ticket_id is None:
            self._floor.record(event)
        self.settle(call)

    def resume(self, call: Call) -> None:
        """Take up what a controller that died left undone. Every job may be done twice without harm."""
        if call.recording is not None and call.recording_result is None:
            over = call.phase is CallPhase.ENDED
            self._sessions[call.call_id] = s.RecordingSession.resumed(call_over=over, talking=talking(call))
            if over:
                self._ask_finish(call)
        if isinstance(call.recording_result, e.RecordingStored):
            self._transcribe(call, call.recording_result)
        if call.ticket_asked is not None and call.ticket_id is None:
            ask_ticket(self._floor, call, "", "")
        self.settle(call)

    def settle(self, call: Call) -> None:
        """State that nothing more will come of the call, once that is so."""
        if call.phase is CallPhase.ENDED and call.after_work_done:
            self._floor.record(e.CallSettled(self._floor.now, call.call_id))
            self._sessions.pop(call.call_id, None)
            self._floor.alarms.set((ALARM, call.call_id), None)

    def _carry_out(self, call: Call, commands: list[s.RecordingCommand]) -> None:
        floor = self._floor
        for command in commands:
            match command:
                case s.Start():
                    began = call.recording
                    assert began is not None
                    stem = f"{floor.config.recordings_dir}/{began.path_stem}"
                    floor.order(StartRecording(call.leg_id, began.recording_id, stem, began.wideband))
                case s.Stop():
                    assert call.recording is not None
                    floor.order(
                        StopRecording(call.leg_id, call.recording.recording_id),
                        SetVariables(call.leg_id, {RECORDING: ""}),
                    )
                case s.Finish():
                    self._ask_finish(call)
                case s.GiveUp(reason):
                    assert call.recording is not None
                    floor.record(
                        e.RecordingFailed(floor.now, call.call_id, call.recording.recording_id, reason)
                    )
                    self.settle(call)
        session = self._sessions.get(call.call_id)
        if session is not None:
            floor.alarms.set((ALARM, call.call_id), session.next_deadline())

    def _ask_finish(self, call: Call) -> None:
        began = call.recording
        assert began is not None
        self._floor.ask(FinishRecording(call.call_id, began.recording_id, began.path_stem, began.wideband))

    def _transcribe(self, call: Call, stored: e.RecordingStored) -> None:
        for channel, leg in enumerate(TRANSCRIBED_LEGS):
            if leg not in call.transcripts:
                self._floor.ask(
                    Transcribe(call.call_id, stored.recording_id, leg, stored.path, channel, call.language)
                )
