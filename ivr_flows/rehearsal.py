"""A flow rehearsed in virtual time: a scripted caller, scripted queues, tickets and look-ups, and what came
of it."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ivr_flows.calendars import Calendar
from ivr_flows.coming import Act, Away, Begins, Coming, acts_of, nth
from ivr_flows.effects import (
    AskLookUp,
    AskTicket,
    BeginListening,
    BeginMessage,
    CallerListed,
    DeadlineReached,
    DialOutside,
    DigitReceived,
    EndCall,
    EndListening,
    EndTake,
    EnterQueue,
    FlowEffect,
    FlowEvent,
    HeardWord,
    KeepPrompt,
    LanguageChosen,
    LeaveQueue,
    LeftByKey,
    LookUpDone,
    LookUpOutcome,
    NodeEntered,
    PlayEnded,
    PlayPrompts,
    PromptKept,
    PromptText,
    QueueLeft,
    QueueOutcome,
    Send,
    SpeechHeard,
    SpeechUnavailable,
    StopDialling,
    StopPrompts,
    SurveyAnswered,
    TakeDone,
    TicketDone,
    TransferAnswered,
    TransferEnd,
    TransferEnded,
    UpdateTicket,
)
from ivr_flows.interpreter import CallFacts, FlowSession
from ivr_flows.model import Flow
from ivr_flows.script import (
    ANSWER_MS,
    KEY_MS,
    SAYING_MS,
    HangUp,
    Happening,
    Heard,
    LookUpAnswer,
    OutsideParty,
    Press,
    QueueStay,
    Rehearsal,
    Script,
    Step,
    TicketAnswer,
)
from ivr_flows.ways import SEAL, WayFinder

__all__ = [
    "KEY_MS", "HangUp", "Happening", "Heard", "LookUpAnswer", "OutsideParty", "Press", "QueueStay",
    "Rehearsal", "Script", "Step", "TicketAnswer", "rehearse",
]  # fmt: skip


def rehearse(
    flow: Flow,
    script: Script | None = None,
    facts: CallFacts | None = None,
    calendars: Mapping[str, Calendar] | None = None,
    at: int = 0,
) -> Rehearsal:
    """Run one call that begins at the instant ``at`` to its end, or until nothing more can happen."""
    known, open_hours = facts or CallFacts(caller="", did=""), calendars or {}
    session = FlowSession(flow, known, open_hours, seal=SEAL)
    finder = WayFinder(flow, known, open_hours)
    return _Stage(script or Script(), session, finder, at).run()


class _Stage:
    """The virtual clock, and everything around the session."""

    def __init__(self, script: Script, session: FlowSession, finder: WayFinder, at: int) -> None:
        self.script = script
        self.session = session
        self.finder = finder
        self.began_at = self.now = at
        self.result = Rehearsal()
        self.coming: list[tuple[int, int, Coming]] = []
        self.order = itertools.count()
        self.visits: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.node = ""
        self.playing = ""
        self.hearing: Heard | None = None
        self.listening = ""
        self.acts = [act for step in script.steps for act in acts_of(step)]
        self.awaited: Act | None = None
        self.away = 0
        """Counts the stays elsewhere; what is planned of an earlier one does not come any more."""
        self.takes = self.keeps = 0
        self.talks = False
        """The present stay in a queue is one with an agent, who hangs up in the end."""

    def run(self) -> Rehearsal:
        self._enter("")
        self._await_next_act()
        self._carry_out(self.session.start(self.now))
        while self.result.ended is None and (event := self._next_event()) is not None:
            match event:
                case HangUp():
                    self._end("caller")
                case Act():
                    self._act(event)
                case Begins():
                    self._begin_text(event)
                case Away(stay, news):
                    if stay == self.away:
                        self._tell(news)
                case _:
                    self._tell(event)
        self.result.language = self.session.language
        return self.result

    def _next_event(self) -> Coming | None:
        deadline = self.session.next_deadline()
        if self.coming and (deadline is None or self.coming[0][0] <= deadline):
            self.now, _, event = heapq.heappop(self.coming)
            return event
        if deadline is None:
            return None
        self.now = deadline
        return DeadlineReached()

    def _plan(self, after_ms: int, event: Coming) -> None:
        heapq.heappush(self.coming, (self.now + after_ms, next(self.order), event))

    def _note(self, kind: Happening, word: str) -> None:
        self.result.trace.append((self.now - self.began_at, kind, word))

    def _tell(self, event: FlowEvent) -> None:
        match event:
            case DigitReceived(digit=digit):
                self._note(Happening.PRESSES, digit)
                event = self._as_heard(event)
            case QueueLeft(outcome=outcome):
                self._note(Happening.BACK, outcome.value)
            case TicketDone(ticket_id=ticket_id):
                self._note(Happening.ANSWER, "opened" if ticket_id else "refused")
            case LookUpDone(outcome=outcome):
                self._note(Happening.FINDS, outcome.value)
            case TransferAnswered():
                self._note(Happening.HANDED, "answered")
            case TransferEnded(end=end):
                self._note(Happening.HANDED, end.value)
            case PlayEnded(token=token) if token == self.playing:
                self.playing, self.hearing = "", None
        self.finder.told(event)
        self._carry_out(self.session.handle(event, self.now))

    def _as_heard(self, pressed: DigitReceived) -> DigitReceived | LeftByKey:
        """While the caller waits the centre listens for the keys of the queue's node."""
        queue = self.session.queue_node
        if queue is None or pressed.digit not in queue.keys:
            return pressed
        self.away += 1
        return LeftByKey(pressed.digit)

    def _carry_out(self, effects: Sequence[FlowEffect]) -> None:
        for effect in effects:
            self.result.effects.append((self.now - self.began_at, effect))
            match effect:
                case NodeEntered(node=node):
                    if way := self.finder.entered(effect, self.now):
                        self.result.ways.append(way)
                    self.result.path.append(node)
                    self._note(Happening.NODE, node)
                    self._enter(node)
                case PlayPrompts():
                    self.finder.waits()
                    self._play(effect)
                case StopPrompts(token=token) if token == self.playing:
                    self._cut()
                case EnterQueue() | AskTicket() | BeginMessage() | DialOutside() | BeginListening():
                    self._meet(effect)
                case EndListening():
                    self.listening = ""
                case AskLookUp() | EndTake() | KeepPrompt():
                    self._answer(effect)
                case LeaveQueue() | StopDialling():
                    self._come_away(effect)
                case UpdateTicket() | Send() | CallerListed() | SurveyAnswered():
                    self._take_note(effect)
                case LanguageChosen(language=language):
                    self.finder.speaks(language)
                    self._note(Happening.LANGUAGE, language)
                case EndCall(reason=reason):
                    self._end(reason)

    def _come_away(self, effect: LeaveQueue | StopDialling) -> None:
        if isinstance(effect, StopDialling):
            self.away += 1
        elif not self.talks:
            self._plan_away((0, QueueLeft(QueueOutcome.TIMEOUT)))

    def _plan_away(self, *news: tuple[int, FlowEvent]) -> None:
        """The next stay elsewhere, with what comes of it and when; the one before, if it lasts, is over."""
        self.away += 1
        for after_ms, one in news:
            self._plan(after_ms, Away(self.away, one))

    def _meet(self, effect: EnterQueue | AskTicket | BeginMessage | DialOutside | BeginListening) -> None:
        """What the centre does about it is in the script."""
        match effect:
            case EnterQueue():
                self.result.queued.append(effect)
                self._note(Happening.QUEUE, effect.queue)
                stay = nth(self.script.queue, len(self.result.queued))
                self.talks = stay is not None and stay.outcome is QueueOutcome.AGENT_DONE
                if stay and stay.outcome:
                    self._plan_away((stay.after_ms, QueueLeft(stay.outcome)))
            case AskTicket():
                self.result.tickets.append(effect)
                self._note(Happening.TICKET, effect.category)
                if answer := nth(self.script.tickets, len(self.result.tickets)):
                    self._plan(answer.after_ms, TicketDone(answer.ticket_id))
            case DialOutside():
                self.result.dialled.append(effect)
                self._note(Happening.DIALS, effect.centre or effect.number)
                if party := nth(self.script.outside, len(self.result.dialled)):
                    self._ring(party)
            case BeginMessage():
                self._note(Happening.MESSAGE, effect.category)
            case BeginListening(token=token) if self.script.deaf:
                self._plan(0, SpeechUnavailable(token))
            case BeginListening(token=token):
                self.listening = token

    def _look_up(self, effect: AskLookUp) -> None:
        self.asked[effect.look_up] += 1
        self._note(Happening.ASKS, effect.look_up)
        scripted = nth(self.script.look_ups.get(effect.look_up, ()), self.asked[effect.look_up])
        answer = scripted or LookUpAnswer(LookUpOutcome.FAILED)
        self._plan(answer.after_ms, LookUpDone(effect.token, answer.outcome, answer.results))

    def _take_note(self, effect: UpdateTicket | Send | CallerListed | SurveyAnswered) -> None:
        match effect:
            case SurveyAnswered(question=question, score=score):
                self.result.ratings.append(effect)
                self._note(Happening.RATES, f"{question}: {score}")
            case UpdateTicket():
                self.result.updates.append(effect)
                self._note(Happening.UPDATE, effect.text)
            case Send():
                self.result.sent.append(effect)
                self._note(Happening.SENDS, effect.webhook)
            case CallerListed():
                self._note(Happening.LISTED, effect.list)

    def _ring(self, party: OutsideParty) -> None:
        """Whoever talks has picked up soon."""
        news: list[tuple[int, FlowEvent]] = []
        if party.end in (None, TransferEnd.DONE):
            news.append((min(ANSWER_MS, party.after_ms), TransferAnswered()))
        if party.end is not None:
            news.append((party.after_ms, TransferEnded(party.end)))
        self._plan_away(*news)

    def _answer(self, effect: AskLookUp | EndTake | KeepPrompt) -> None:
        """A take is checked, a prompt kept, in no time."""
        match effect:
            case AskLookUp():
                self._look_up(effect)
            case EndTake(token=token):
                self.takes += 1
                fault = nth(self.script.takes, self.takes)
                self._note(Happening.TAKES, fault.value if fault else "good")
                self._plan(ANSWER_MS, TakeDone(token, "" if fault else f"take-{self.takes}", fault))
            case KeepPrompt(number=number):
                self.keeps += 1
                self._note(Happening.KEEPS, number)
                self._plan(ANSWER_MS, PromptKept(nth(self.script.keeps, self.keeps) is not False))

    # --- the caller ----------------------------------------------------------------------------------------

    def _enter(self, node: str) -> None:
        self.node = node
        self.visits[node] += 1
        for act in self.script.caller:
            if (act.node, act.visit) != (node, self.visits[node]):
                continue
            if isinstance(act, HangUp):
                self._plan(act.after_ms, act)
            else:
                for i, key in enumerate(act.keys):
                    self._plan(act.after_ms + i * KEY_MS, DigitReceived(key))
        if self.awaited and node and self.awaited.step.node == node:
            self._due()

    def _await_next_act(self) -> None:
        """The next act is planned as soon as what it waits for is so."""
        self.awaited = self.acts.pop(0) if self.acts else None
        if self.awaited is None:
            return
        step = self.awaited.step
        heard = self.hearing.text if self.hearing else ""
        if step.at_ms is not None:
            self._due(max(0, step.at_ms - (self.now - self.began_at)))
        elif step.node in ("", self.node) and step.heard in heard:
            self._due()

    def _due(self, from_now_ms: int = 0) -> None:
        assert self.awaited is not None
        self._plan(from_now_ms + self.awaited.step.after_ms, self.awaited)
        self.awaited = None

    def _act(self, act: Act) -> None:
        self.result.steps_done += act.ends_step
        if act.step.hangs_up:
            self._end("caller")
            return
        if act.step.keys:
            self._tell(DigitReceived(act.step.keys))
        if act.step.says:
            self._say(act.step)
        self._await_next_act()

    def _say(self, step: Step) -> None:
        """Words that nobody listens to at their beginning are not heard."""
        self._note(Happening.SAYS, step.says)
        if token := self.listening:
            words = tuple(HeardWord(word, step.confidence) for word in step.says.split())
            self._plan(SAYING_MS, SpeechHeard(token, words))
            self._tell(SpeechHeard(token, words[:1], final=False))

    # --- what is heard -------------------------------------------------------------------------------------

    def _play(self, play: PlayPrompts) -> None:
        self.playing, self.hearing = play.token, None
        after_ms = 0
        for prompt in play.prompts:
            if prompt.text in self.script.failed_texts:
                continue
            begins = Begins(play.token, prompt)
            if after_ms:
                self._plan(after_ms, begins)
            else:
                self._begin_text(begins)
            after_ms += self.script.text_ms(prompt)
        texts = {prompt.text for prompt in play.prompts}
        if not texts & self.script.endless_texts:
            self._plan(after_ms, PlayEnded(play.token, failed=bool(texts & self.script.failed_texts)))

    def _begin_text(self, begins: Begins) -> None:
        """What was stopped before it began is not heard."""
        if begins.token != self.playing:
            return
        prompt = begins.prompt
        self.hearing = Heard(self.now - self.began_at, prompt.text, prompt.language)
        self.result.heard.append(self.hearing)
        self._note(Happening.HEARS, prompt.text)
        if self.awaited and self.awaited.step.heard and self.awaited.step.heard in prompt.text:
            self._due()

    def _cut(self) -> None:
        """Nothing of the present play is heard beyond now."""
        if self.hearing is not None:
            self.result.heard[-1] = replace(self.hearing, cut=self._lasts_on(self.hearing))
        self.playing, self.hearing = "", None

    def _lasts_on(self, heard: Heard) -> bool:
        length_ms = self.script.text_ms(PromptText(heard.text, heard.language))
        endless = heard.text in self.script.endless_texts
        return endless or heard.at_ms + length_ms > self.now - self.began_at

    def _end(self, reason: str) -> None:
        self._cut()
        self._note(Happening.ENDS, reason)
        self.result.ended = reason
        self.result.ended_ms = self.now - self.began_at
