"""A whole centre in virtual time: callers, phones, switch, jobs and journal, with no Asterisk and no waiting.

After every message that the controller takes in, ``World.check`` proves what must hold at every step; a
controller can be killed at any step and goes on out of its journal.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from around import WEBHOOK_MS, Elsewhere, Tickets
from paper_centre import AGENTS, NOON, OPEN_NUMBER, POLICY, centre_config
from witness import Witness

from callcenter.adapters.memory import MemoryJournal, ScriptedRecordingFiles
from callcenter.adapters.memory_exchange import Agenda
from callcenter.adapters.memory_switch import Behaviour, MemorySwitch
from callcenter.controller import memory
from callcenter.controller.admission import AdmissionGate, AdmissionLimit
from callcenter.controller.centre import Centre
from callcenter.controller.floor import CentreConfig
from callcenter.controller.flow_set import StagedFlows
from callcenter.controller.jobs import ticket_request
from callcenter.controller.messages import (
    CallerListsChanged,
    DeadlineReached,
    FinishRecording,
    FinishTake,
    FlowsChanged,
    ForgetTalks,
    Job,
    JobDone,
    KeepTake,
    Listen,
    ListenToTalk,
    LookUp,
    LookUpAnswered,
    MakePrompts,
    Message,
    NoLongerListen,
    OpenTicket,
    Outcome,
    PromptAnswered,
    PromptsMade,
    RecordingUnfinished,
    SpeechJob,
    SpeechReady,
    SpeechTold,
    Started,
    TakeChecked,
    TalkAudioLost,
    TalkAudioWanted,
    TalkOver,
    TellWebhook,
    TicketDelayed,
    Transcribe,
    UpdateTicket,
)
from callcenter.controller.shell import Controller
from callcenter.domain import commands as c
from callcenter.domain import events as e
from callcenter.domain.call import CallPhase
from callcenter.domain.caller_lists import CallerLists
from callcenter.domain.kpi import KpiBoard
from callcenter.domain.switch import (
    LegAnswered,
    Play,
    RecordingFailed,
    StartRecording,
    SwitchCommand,
    SwitchEvent,
)
from callcenter.ports import NothingRecorded, RecordingUnusable, TicketAddition
from callcenter.replay.history import wrong_in
from callcenter.tickets.store import MemoryTicketStore
from ivr_flows.effects import (
    HeardWord,
    LookUpOutcome,
    PromptText,
    SpeechHeard,
    SpeechUnavailable,
    TakeFault,
)
from ivr_flows.model import Flow

JOB_MS = 50
SLOW_JOB_MS = 9000
SAYING_MS = 800
TALK_AGAIN_MS = 5000
E_ = TypeVar("E_", bound=e.DomainEvent)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kill:
    """The controller dies at this step (counted from 1): with its facts journaled, before or after its
    commands went out; a new one is there ``down_ms`` later. The last ``torn`` facts of the step are lost, or
    (``forgotten``) all that was ever stored."""

    step: int
    before_commands: bool = False
    torn: int = 0
    down_ms: int = 700
    forgotten: bool = False


class DrivenController(Controller):
    """The Controller, whose timer is the world's."""

    def _arm(self) -> None:
        pass


class World(Witness):
    """See the module's text. Instants are ``int`` milliseconds since the Unix epoch, UTC."""

    def __init__(
        self,
        config: CentreConfig | None = None,
        phones: Mapping[str, Behaviour] | None = None,
        numbers: Mapping[str, Behaviour] | None = None,
        *,
        kill: Kill | None = None,
        check_recovery: bool = True,
        limit: AdmissionLimit | None = None,
    ) -> None:
        self.config = replace(config or centre_config(), audio=self._audio)
        self.made_prompts: set[str] = set()
        """The texts made during calls that the living controller knows."""
        self.kept: dict[str, str] = {}
        """The takes that were kept, by the numbers of prompts."""
        self.heard: list[tuple[int, tuple[str, ...]]] = []
        """What the switch was asked to play, and when."""
        self.versions: dict[int, Mapping[str, Flow]] = {}
        """The flows of every version that was published."""
        self.agenda = Agenda(NOON)
        self.journal = MemoryJournal()
        self.board = KpiBoard(POLICY)
        self.tickets = Tickets()
        self.ticket_store = self.tickets.store
        self.elsewhere = Elsewhere()
        self.files = ScriptedRecordingFiles()
        self.switch = MemorySwitch(
            deliver=self._post,
            now=NOON,
            phones={phone: Behaviour(after_ms=300) for phone in AGENTS.values()} | dict(phones or {}),
            numbers=numbers,
            media_ms=lambda media: 300_000 if media.startswith("tone:") else 1500,
        )
        self.steps = 0
        self.power_cut = False
        self.longest_away_ms = 0
        self.unrecorded: set[str] = set()
        """Calls whose queue is not recorded."""
        self._before_step = 0
        self._kill = kill
        self.check_recovery_always = check_recovery
        self._limit = limit or AdmissionLimit(100.0, 100)
        self.defects: list[Exception] = []
        self._life = 0
        self.refusals = 0
        self._owed: set[Job] = set()
        self.deaf = False
        """Nobody recognises speech."""
        self.listened: dict[str, Listen] = {}
        """By the id of the listening: those that the living controller has recognised."""
        self.talks: dict[str, ListenToTalk] = {}
        """By the call: the talks that the living controller wants to be read."""
        self.read: set[str] = set()
        """The calls of which somebody may read something."""
        self._linked = False
        self._switch_back_at = 0
        self.controller: Controller
        self._new_controller()
        self.link_up()
        self.run(0.01)

    @property
    def now(self) -> int:
        """The virtual instant."""
        return self.agenda.now

    # --- the controller ----------------------------------------------------------------------------------

    def _new_controller(self) -> None:
        self._life += 1
        self._owed.clear()
        self.listened.clear()
        self.talks.clear()
        self.read.clear()
        self.made_prompts.clear()
        centre = memory.remembered(self.config, self.journal.recall())
        for number in centre.published.unknown_numbers() & self.versions.keys():
            centre.published.keep(number, self.versions[number])
        self._watch(centre)
        gate = AdmissionGate(self._limit)
        controller = DrivenController(centre, gate, self.journal, lambda: self.agenda.now, self._begin_job)
        controller.attach(_Line(self._send))
        controller.subscribe(lambda _, event: self.board.apply(event))
        self.controller = controller
        self._post(Started())

    def _watch(self, centre: Centre) -> None:
        """The Controller survives a defect of the Centre; here it fails the test."""
        handle = centre.handle

        def watched(message: Message, now: int) -> Outcome:
            try:
                return handle(message, now)
            except Exception as error:
                self.defects.append(error)
                raise

        centre.handle = watched  # type: ignore[method-assign]

    @property
    def _dying(self) -> bool:
        return self._kill is not None and self._kill.step == self.steps

    def _post(self, message: Message) -> None:
        self.steps += 1
        self._before_step = self.journal.last_seq
        self.controller.post(message)
        self._after_step()

    def _after_step(self) -> None:
        self.check()
        if self._kill is not None and self._dying:
            dying = self._kill
            self._tear(dying.torn)
            self.kill(down_ms=dying.down_ms)
            if dying.forgotten:
                self.forget()

    def _send(self, command: SwitchCommand) -> None:
        if self._kill is not None and self._dying and self._kill.before_commands:
            return
        if isinstance(command, StartRecording) and self.refusals:
            self.refusals -= 1
            failed = RecordingFailed(self.now, command.leg_id, command.recording_id, "no space left")
            self.agenda.after(5, partial(self._tell, failed, self._life))
        else:
            if isinstance(command, Play):
                self.heard.append((self.now, command.media))
            self.switch.send(command)

    def _tell(self, event: SwitchEvent, life: int) -> None:
        if life == self._life:
            self._post(event)

    def _tear(self, torn: int) -> None:
        """A power cut takes the end of what the last message brought about."""
        lost = min(torn, self.journal.last_seq - self._before_step)
        if lost:
            self.power_cut = True
            del self.journal.lines[-lost:]
            self.board = KpiBoard(POLICY)
            for _, event in self.journal.recall().events:
                self.board.apply(event)

    def kill(self, *, down_ms: int = 700) -> None:
        """The controller, if there is one, is gone without a word; a new one follows."""
        if not self.alive:
            return
        self._life += 1
        self._kill = None
        self._linked = False
        self.longest_away_ms = max(self.longest_away_ms, down_ms)
        self.switch.disconnect(told=False)
        self.controller = _Nobody(self.controller)
        self.agenda.after(down_ms, self._revive)

    def forget(self) -> None:
        """Journal and tickets are lost, with the controller that is dead."""
        self.tickets.store = self.ticket_store = MemoryTicketStore()
        self.elsewhere.told.clear()
        self.journal.lines.clear()
        self.board = KpiBoard(POLICY)

    def _revive(self) -> None:
        board = KpiBoard(POLICY)
        for _, event in self.journal.recall().events:
            board.apply(event)
        assert board.to_dict() == self.board.to_dict()
        self._new_controller()
        self.link_up()

    # --- the switch's bad days -----------------------------------------------------------------------------

    def publish(self, number: int, flows: Mapping[str, Flow], staged: StagedFlows | None = None) -> None:
        """New callers take these flows from now on; without a controller, from its next start."""
        self.versions[number] = flows
        if staged is not None:
            self.versions[staged.stage.number] = staged.flows
        action = self.config.flows_action + 1
        known = self.config = replace(
            self.config, flows=flows, flows_number=number, flows_action=action, staged=staged
        )
        if self.alive:
            self._post(FlowsChanged(number, action, flows, staged, known.numbers, known.any_number))

    def list_callers(self, lists: CallerLists) -> None:
        """These are the lists of callers from now on; without a controller, from its next start."""
        self.config = replace(self.config, caller_lists=lists)
        if self.alive:
            self._post(CallerListsChanged(lists))

    def link_down(self) -> None:
        """The controller loses sight of the switch."""
        if self.now >= self._switch_back_at:
            self._linked = False
            self.switch.disconnect(told=self.alive)

    def link_up(self) -> None:
        """The controller sees the switch again, unless it does already; a switch that restarts connects by
        itself."""
        if self.alive and not self._linked:
            self._linked = True
            if self.now >= self._switch_back_at:
                self.switch.connect(self._post)

    def restart_switch(self, *, down_ms: int = 1000) -> None:
        """The switch dies and comes back without its calls."""
        if self.now >= self._switch_back_at:
            self._linked = self.alive
            self._switch_back_at = self.now + down_ms + 1
            self.switch.restart(down_ms=down_ms)

    def loses_control(self, *, told: bool) -> None:
        """For a moment nobody controls the calls: the link is lost, of which the controller is ``told``, or
        the controller dies."""
        if told:
            self.link_down()
            self.run(1)
            self.link_up()
        else:
            self.kill(down_ms=500)
        self.run(1)

    # --- jobs --------------------------------------------------------------------------------------------

    def _begin_job(self, job: Job | SpeechJob) -> None:
        lost = self._kill is not None and self._dying and self._kill.before_commands
        if isinstance(job, SpeechJob):
            if not lost:
                self._listen(job)
        elif not lost and job not in self._owed:
            self._owed.add(job)
            takes_ms = JOB_MS
            if isinstance(job, MakePrompts) and "慢" in job.prompts[0].text:
                takes_ms = SLOW_JOB_MS
            elif isinstance(job, LookUp):
                self.elsewhere.asked += 1
                takes_ms = self.elsewhere.answers_after_ms
            self.agenda.after(takes_ms, partial(self._do, job, self._life))

    def _listen(self, job: SpeechJob) -> None:
        match job:
            case Listen() if self.deaf:
                told = SpeechTold(job.call_id, SpeechUnavailable(job.token))
                self.agenda.after(JOB_MS, partial(self._recognise, told, self._life))
            case Listen():
                self.listened[job.listening_id] = job
                ready = SpeechReady(job.call_id, job.token)
                self.agenda.after(JOB_MS, partial(self._recognise, ready, self._life))
            case NoLongerListen(listening_id):
                self.listened.pop(listening_id, None)
            case ListenToTalk():
                self.talks[job.call_id] = job
                self.read.add(job.call_id)
                self._want_audio(job, JOB_MS)
            case TalkAudioLost(call_id):
                self._want_audio(self.talks[call_id], TALK_AGAIN_MS)
            case TalkOver(call_id):
                del self.talks[call_id]
            case ForgetTalks(call_id):
                self.read.remove(call_id)

    def _want_audio(self, job: ListenToTalk, after_ms: int) -> None:
        def tell() -> None:
            if self.talks.get(job.call_id) is job and not self.deaf:
                self._post(TalkAudioWanted(job.call_id, job.talk_id, wanted=True))

        self.agenda.after(after_ms, tell)

    def _recognise(self, message: Message, life: int) -> None:
        if life == self._life:
            self._post(message)

    def say(self, call_id: str, *words: str, confidence: float = 0.9) -> None:
        """The caller says this; it is recognised where the switch hands their audio on to somebody."""
        leg_id = call_id.removeprefix("c")
        for listening_id, heard_leg in list(self.switch.listenings.items()):
            job = self.listened.get(listening_id)
            if heard_leg == leg_id and job is not None:
                heard = tuple(HeardWord(word, confidence) for word in words)
                begun = SpeechTold(call_id, SpeechHeard(job.token, heard[:1], final=False))
                self._recognise(begun, self._life)
                said = SpeechTold(call_id, SpeechHeard(job.token, heard))
                self.agenda.after(SAYING_MS, partial(self._recognise, said, self._life))

    def lose_recogniser(self) -> None:
        """Whoever recognises speech is gone, in the middle of it."""
        self.deaf = True
        for job in list(self.listened.values()):
            self._recognise(SpeechTold(job.call_id, SpeechUnavailable(job.token)), self._life)
        self.listened.clear()
        for talk in list(self.talks.values()):
            self._recognise(TalkAudioWanted(talk.call_id, talk.talk_id, wanted=False), self._life)

    def find_recogniser(self) -> None:
        """It is back, for the talks that go on."""
        self.deaf = False
        for talk in self.talks.values():
            self._want_audio(talk, JOB_MS)

    def _audio(self, prompt: PromptText) -> str | None:
        """Texts with 缺失 have no audio at all, those with 现说 only once they were made."""
        known = "现说" not in prompt.text or prompt.text in self.made_prompts
        return f"/prompts/{prompt.text}.wav" if known and "缺失" not in prompt.text else None

    def _do(self, job: Job, life: int, attempt: int = 0) -> None:
        if life != self._life:
            return
        if isinstance(job, OpenTicket) and self.now < self.tickets.away_until:
            self.agenda.after(1000, partial(self._do, job, life, attempt + 1))
            if attempt == 0:
                self._post(TicketDelayed(job.call_id))
            return
        if isinstance(job, TellWebhook) and self.now < self.elsewhere.away_until:
            if self.now - job.asked_at < WEBHOOK_MS:
                self.agenda.after(1000, partial(self._do, job, life, attempt + 1))
                return
            self._owed.discard(job)
            self._post(JobDone(e.WebhookGivenUp(self.now, job.call_id, job.send_id, "away")))
            return
        self._owed.discard(job)
        if isinstance(job, LookUp):
            level = self.elsewhere.level
            outcome = LookUpOutcome.NOT_FOUND if level is None else LookUpOutcome.FOUND
            results = {} if level is None else {"level": level}
            self._post(LookUpAnswered(job.call_id, job.token, outcome, results))
        elif isinstance(job, FinishTake):
            made = self.switch.recordings.get(f"t-{job.call_id}-{job.token}")
            good = made is not None and made.ended_at is not None and made.duration_ms > 1000
            name = job.path_stem.rpartition("/")[2] if good else ""
            self._post(TakeChecked(job.call_id, job.token, name, None if good else TakeFault.SILENT))
        elif isinstance(job, KeepTake):
            self.kept[job.number] = job.take
            self._post(PromptAnswered(job.call_id, job.number, kept=True))
        elif isinstance(job, MakePrompts):
            self.made_prompts.update(prompt.text for prompt in job.prompts)
            self._post(PromptsMade(job.call_id, job.token))
        elif isinstance(job, FinishRecording):
            self._post(self._finished(job))
        else:
            self._post(JobDone(self._result(job)))

    def _result(self, job: Job) -> e.TicketLinked | e.TicketUpdated | e.WebhookDelivered | e.TranscriptStored:
        match job:
            case UpdateTicket():
                addition = TicketAddition(job.update_id, job.ticket_id, job.text, job.category, self.now)
                at_once(self.tickets.store.add(addition))
                return e.TicketUpdated(self.now, job.call_id, job.update_id)
            case TellWebhook():
                self.elsewhere.told.setdefault(job.send_id, []).append(dict(job.body))
                return e.WebhookDelivered(self.now, job.call_id, job.send_id, 200, 1)
            case OpenTicket():
                link = at_once(self.tickets.store.open_or_join(ticket_request(job, self.now)))
                return e.TicketLinked(self.now, job.call_id, link.ticket_id, link.opened)
            case Transcribe():
                return e.TranscriptStored(
                    self.now, job.call_id, job.recording_id, job.leg, job.language, "none", "none", "", []
                )

    def _finished(self, job: FinishRecording) -> JobDone | RecordingUnfinished:
        made = self.switch.recordings.get(job.recording_id)
        try:
            if made is None:
                raise NothingRecorded("the switch wrote nothing")
            if made.ended_at is None:
                raise RecordingUnusable("the switch still writes")
            done = at_once(self.files.finish(job.path_stem, wideband=job.wideband))
        except RecordingUnusable as error:
            return RecordingUnfinished(job.call_id, str(error), isinstance(error, NothingRecorded))
        return JobDone(
            e.RecordingStored(
                self.now,
                job.call_id,
                job.recording_id,
                done.path,
                done.sha256,
                made.duration_ms,
                done.sample_rate,
                done.channel_rms_dbfs,
            )
        )

    # --- what people do ----------------------------------------------------------------------------------

    def call(self, *, did: str = OPEN_NUMBER, caller: str = "02112345678", digits: str = "") -> str:
        """A caller comes in and presses the digits; the id of the call."""
        leg_id = self.switch.arrive("city", did, caller)
        self.run(0.05)
        if digits:
            self.switch.press(leg_id, digits)
            self.run(0.05)
        return f"c{leg_id}"

    def hang_up(self, call_id: str) -> None:
        """The caller hangs up."""
        self.switch.hang_up(call_id.removeprefix("c"))
        self.run(0.05)

    def agent_hangs_up(self, call_id: str) -> None:
        """The phone of the agent who talks on this call, if one does, goes on the hook."""
        call = self.centre.floor.calls.get(call_id)
        if call is not None and call.conversation is not None:
            self.switch.hang_up(call.conversation.leg_id)
        self.run(0.05)

    def agent_legs(self) -> list[str]:
        """The legs of agents' phones in the switch, the oldest first."""
        return [leg.leg_id for leg in self.switch.truth().legs if leg.leg_id.startswith("a-")]

    def caller_legs(self) -> list[str]:
        """The legs of callers in the switch, the oldest first; of those called back, once they answered."""
        return [
            leg.leg_id
            for leg in self.switch.truth().legs
            if leg.arrival is not None or (leg.leg_id.startswith("k-") and leg.answered)
        ]

    def deliver_answered(self, leg_id: str) -> None:
        """The switch tells (perhaps once more, or too late) that the leg was picked up."""
        self._post(LegAnswered(self.now, leg_id))

    def fail_recording_starts(self, times: int) -> None:
        """So many times the switch will refuse to record."""
        self.refusals = times

    def fail_finishing(self, times: int) -> None:
        """So many times the finished file cannot be made."""
        self.files = ScriptedRecordingFiles(["disk full"] * times)

    def refused(self, command: c.AgentCommand | c.SupervisorCommand) -> str:
        """Why it is refused; nothing is journaled and nobody is asked anything."""
        before = self.journal.last_seq
        answer = self.ask(command)
        assert isinstance(answer, c.Refused), answer
        assert answer.cure
        assert self.journal.last_seq == before
        return answer.reason

    def ask(self, command: c.AgentCommand | c.SupervisorCommand) -> c.CommandResult:
        """An agent or a supervisor asks for something; while there is no controller, until there is one."""
        while not self.alive:
            self.run(0.1)
        self.steps += 1
        self._before_step = self.journal.last_seq
        result = self.controller.ask(command)
        self._after_step()
        return result

    def ready(self, *agents: str) -> None:
        """These agents log in at their phones and take calls."""
        for agent_id in agents:
            for _ in range(50):
                self.ask(c.LogIn(agent_id, AGENTS[agent_id]))
                if self.ask(c.Ready(agent_id)) == c.Accepted():
                    break
                self.run(0.1)
        self.run(0.01)

    # --- time --------------------------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.run_until(lambda: False, self.now + round(seconds * 1000))

    def run_until(self, done: Callable[[], bool], deadline: int) -> bool:
        """Let time pass until ``done``, at most until ``deadline``; whether it was done."""
        stuck = 0
        while stuck < 1000:
            if done():
                return True
            due = min((at for at in self._next() if at is not None), default=deadline + 1)
            if due > deadline:
                self.switch.advance(deadline)
                self.agenda.advance(deadline)
                return done()
            due = max(due, self.now)
            stuck = stuck + 1 if due == self.now else 0
            self.agenda.now = due
            self.switch.advance(due)
            self.agenda.advance(due)
            wanted = self.controller.next_deadline()
            if wanted is not None and wanted <= due:
                self._post(DeadlineReached())
        raise AssertionError("time does not pass: something is due again and again")

    def until(self, kind: type[E_], call_id: str | None = None, *, within_sec: float = 60) -> E_:
        """The next such fact (about this call), from now on."""
        begin = self.journal.last_seq

        def found() -> E_ | None:
            for event in self.events(kind, after=begin):
                if call_id is None or getattr(event, "call_id", None) == call_id:
                    return event
            return None

        if not self.run_until(lambda: found() is not None, self.now + round(within_sec * 1000)):
            raise AssertionError(f"no {kind.__name__} of {call_id} within {within_sec} s")
        event = found()
        assert event is not None
        return event

    def _next(self) -> tuple[int | None, ...]:
        return self.agenda.next_deadline(), self.switch.next_deadline(), self.controller.next_deadline()

    # --- the end -----------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """There is a controller."""
        return not isinstance(self.controller, _Nobody)

    def bring_home(self) -> None:
        """The power is back, the link is up, and whoever still holds on hangs up."""
        while not self.alive:
            self.run(0.1)
        self.run(max(0, self._switch_back_at - self.now) / 1000)
        self.link_up()
        self.run(1)
        for leg_id in self.caller_legs():
            self.switch.hang_up(leg_id)
        self.run(1)

    def finish(self, *, within_sec: int = 600) -> None:
        """All callers are gone; let the centre come to rest and prove that nothing was lost or left over."""
        deadline = self.now + within_sec * 1000
        while self.run_until(lambda: self._at_rest() or bool(self._called_back()), deadline):
            if self._at_rest():
                break
            self.run(2)
            for leg_id in self._called_back():
                self.switch.hang_up(leg_id)
        self.check_nothing_is_left()
        if not self.power_cut:  # which takes facts away
            assert wrong_in(event for _, event in self.journal.since(0, 1_000_000) or []) == []

    def _called_back(self) -> list[str]:
        return [leg_id for leg_id in self.caller_legs() if leg_id.startswith("k-")]

    def _at_rest(self) -> bool:
        calls = self.centre.floor.calls.values()
        return (
            not self.switch.truth().legs
            and self.agenda.next_deadline() is None
            and all(call.phase is CallPhase.SETTLED for call in calls)
            and all(agent.until_at is None for agent in self.centre.queueing.router.agents())
        )


class _Line:
    """The switch's line for one controller."""

    def __init__(self, send: Callable[[SwitchCommand], None]) -> None:
        self.send = send

    async def start(self) -> None:
        """See the port."""

    async def close(self) -> None:
        """See the port."""


class _Nobody(DrivenController):
    """A controller that is dead: nothing reaches it, it wants nothing."""

    def __init__(self, last: Controller) -> None:
        self.centre = last.centre

    def post(self, message: Message) -> None:
        """Nobody is there."""

    def ask(self, command: c.AgentCommand | c.SupervisorCommand) -> c.CommandResult:
        """Nobody is there."""
        return c.Refused("no controller", "wait")

    def next_deadline(self) -> int | None:
        """Nothing."""
        return None


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """The answer of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as answer:
        result: T = answer.value
        return result
    raise AssertionError("it waits")
