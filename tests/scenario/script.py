"""The scenarios: what happens in each, and what must have come of it when nothing was killed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import asked
import called_back as back
import consulted as con
import dialled_out as out
import elsewhere as far
import handed_on as on
import impromptu as said
import lost_phones as gone
import people as near
import read_live as read
import spoken as word
import supervised as sup
from paper_centre import acd_config, centre_config, flow_branch
from world import World

from acd.model import OverflowKind, OverflowReason, OverflowTarget
from callcenter.adapters.memory_switch import Behaviour, Reaction
from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q
from callcenter.domain.events import TransferKind

IGNORES = Behaviour(Reaction.IGNORE)
SLOW = Behaviour(after_ms=60_000)
SUES = {sup.DESK: Behaviour(after_ms=300)}
AT_HOME = {"02112345678": Behaviour(after_ms=2000)}


@dataclass(frozen=True, slots=True)
class Scenario:
    """``happens`` drives the world and never looks at it; ``came_of_it`` looks."""

    happens: Callable[[World], None]
    came_of_it: Callable[[World], None]
    support: Mapping[str, Any] = field(default_factory=dict)
    phones: Mapping[str, Behaviour] = field(default_factory=dict)
    numbers: Mapping[str, Behaviour] = field(default_factory=dict)
    resume_within_sec: int = 0
    live_transcript: bool = False

    def world(self, **options: Any) -> World:
        """A new world for it."""
        config = centre_config(acd_config(**self.support))
        support = replace(
            config.queues["support"],
            resume_within_sec=self.resume_within_sec,
            live_transcript=self.live_transcript,
        )
        config = replace(config, queues={**config.queues, "support": support})
        return World(config, self.phones, self.numbers, **options)


SCENARIOS: Mapping[str, Scenario] = {
    "caller hangs up": Scenario(near.caller_hangs_up, near.caller_hung_up),
    "agent hangs up, survey follows": Scenario(near.agent_hangs_up, near.agent_hung_up),
    "the caller rates the service": Scenario(near.rates_to_the_end, near.was_rated),
    "hangs up in the survey": Scenario(near.hangs_up_in_the_survey, near.was_not_rated),
    "hangs up at the second question": Scenario(near.hangs_up_at_the_second_question, near.took_part),
    "agent hangs up, nothing follows": Scenario(near.agent_hangs_up_without_survey, near.agent_ended_it),
    "agent asks for the end": Scenario(near.agent_asks_for_hang_up, near.agent_asked_for_it),
    "held and retrieved": Scenario(near.held_and_retrieved, near.was_held),
    "the phone holds": Scenario(near.phone_holds, near.phone_held),
    "short abandon": Scenario(lambda w: near.abandons(w, 4), far.outcome(Q.SHORT_ABANDONED)),
    "abandon": Scenario(lambda w: near.abandons(w, 40), far.outcome(Q.ABANDONED)),
    "no answer, next agent": Scenario(
        near.nobody_answers, near.next_agent_answered, phones={"2001": IGNORES}
    ),
    "declined by command": Scenario(
        near.declined_by_command, near.other_agent_answered, phones={"2001": IGNORES}
    ),
    "declined by phone": Scenario(
        near.phone_declines, near.other_agent_answered, phones={"2001": Behaviour(Reaction.DECLINE, 500)}
    ),
    "all busy, in order": Scenario(near.all_busy, near.in_order),
    "late accept": Scenario(near.late_accept, near.was_too_late, phones={"2001": IGNORES}),
    "overflow to the flow": Scenario(far.overflows, far.back_in_the_flow, {"max_wait_sec": 10}),
    "overflow to a queue": Scenario(
        far.overflows_to_sales,
        far.answered_in_sales,
        {
            "max_wait_sec": 10,
            "overflow": {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.QUEUE, "sales")},
        },
    ),
    "the queue is full": Scenario(
        far.queue_is_full,
        far.second_was_sent_back,
        {"max_waiting": 1, "max_wait_sec": None, "overflow": {OverflowReason.FULL: flow_branch("full")}},
    ),
    "a complaint overflows": Scenario(far.complaint_overflows, far.registered_once, {"max_wait_sec": 10}),
    "closed": Scenario(far.closed, far.was_closed),
    "leaves a message": Scenario(far.leaves_a_message, far.message_was_taken),
    "leaves the queue by a key": Scenario(
        far.leaves_by_a_key, far.left_by_a_key, phones={"2001": Behaviour(after_ms=5000)}
    ),
    "hangs up after a message": Scenario(far.hangs_up_after_a_message, far.hung_up_message_was_taken),
    "missing prompt": Scenario(far.missing_prompt, far.went_on),
    "a caller without keys": Scenario(far.no_keys, far.went_on),
    "transfer to an agent": Scenario(
        lambda w: far.transferred(w, TransferKind.AGENT, "1003"), far.to_an_agent
    ),
    "transfer to a queue": Scenario(
        lambda w: far.transferred(w, TransferKind.QUEUE, "support"), far.to_a_queue
    ),
    "transfer to a number": Scenario(
        lambda w: far.transferred(w, TransferKind.NUMBER, "66"), far.to_a_number, numbers={"66": Behaviour()}
    ),
    "consults an agent and hands on": Scenario(con.hands_on(*con.AGENT), con.agent_has_the_caller),
    "consults a number and hands on": Scenario(
        con.hands_on(*con.NUMBER), con.number_has_the_caller, numbers={"66": Behaviour(after_ms=2000)}
    ),
    "confers and leaves": Scenario(con.confers_and_leaves, con.others_talked_on),
    "confers until the other leaves": Scenario(
        con.confers_until_the_other_leaves, con.talked_on_alone, numbers={"66": Behaviour(after_ms=2000)}
    ),
    "ends the consultation": Scenario(con.ends_it, con.has_the_caller_back(e.ConsultEnd.CANCELLED)),
    "consults an agent in vain": Scenario(
        con.asks_in_vain(*con.AGENT),
        con.has_the_caller_back(e.ConsultEnd.NO_ANSWER),
        phones={"2003": IGNORES},
    ),
    "consults a queue in vain": Scenario(
        con.asks_in_vain(*con.QUEUE),
        con.has_the_caller_back(e.ConsultEnd.NO_ANSWER),
        phones={"2003": IGNORES},
    ),
    "consults a number in vain": Scenario(
        con.asks_in_vain(*con.NUMBER),
        con.has_the_caller_back(e.ConsultEnd.BUSY),
        numbers={"66": Behaviour(Reaction.BUSY, 2000)},
    ),
    "leaves while the consulted phone rings": Scenario(
        con.leaves_while_it_rings, con.waited_for_the_other, phones={"2003": IGNORES}
    ),
    "the link breaks during a consultation": Scenario(con.link_breaks, con.went_on_with_the_other),
    "dials out and talks": Scenario(
        out.talks_and_hangs_up, out.talked(e.EndedBy.AGENT), numbers={"66": Behaviour(after_ms=2000)}
    ),
    "dials out until the other hangs up": Scenario(
        out.party_hangs_up, out.talked(e.EndedBy.CALLER), numbers={"66": Behaviour(after_ms=2000)}
    ),
    "dials out to a busy number": Scenario(
        out.dials_in_vain, out.not_reached("busy"), numbers={"66": Behaviour(Reaction.BUSY, 2000)}
    ),
    "dials out to nobody": Scenario(out.dials_in_vain, out.not_reached("no_answer"), numbers={"66": IGNORES}),
    "does not answer the own phone": Scenario(
        out.dials_in_vain,
        out.not_reached("agent_unreached", e.EndedBy.AGENT),
        phones={"2001": IGNORES},
        numbers={"66": Behaviour()},
    ),
    "dials out and calls it off": Scenario(
        out.calls_it_off,
        out.not_reached("agent_hung_up", e.EndedBy.AGENT),
        numbers={"66": IGNORES},
    ),
    "calls back who was missed": Scenario(
        out.calls_back_who_was_missed, out.missed_caller_was_reached, numbers=AT_HOME
    ),
    "hands on who was dialled": Scenario(
        out.hands_the_party_on, out.was_handed_on, numbers={"66": Behaviour(after_ms=2000)}
    ),
    "the phone transfers": Scenario(far.phone_transfers, far.phone_transferred),
    "the number is busy": Scenario(
        far.number_does_not_answer, far.transfer_ended, numbers={"66": Behaviour(Reaction.BUSY)}
    ),
    "the switch restarts": Scenario(far.switch_restarts, far.all_calls_were_marked),
    "the link to the switch breaks": Scenario(far.switch_link_breaks, far.link_was_restored),
    "the ticket store is away": Scenario(far.tickets_are_away, far.one_ticket_joined),
    "recording cannot start": Scenario(far.recording_cannot_start, far.no_recording),
    "recording starts at the second try": Scenario(far.recording_starts_late, far.has_a_recording),
    "finishing fails twice": Scenario(far.finishing_fails_twice, far.has_a_recording),
    "finishing always fails": Scenario(far.finishing_always_fails, far.never_finished),
    "gone before the dial is answered": Scenario(
        far.gone_before_the_dial_is_answered, far.outcome(Q.SHORT_ABANDONED)
    ),
    "everybody at once": Scenario(far.everybody_at_once, far.nothing, phones={"2001": SLOW, "2002": SLOW}),
    "the phone is lost and found": Scenario(far.phone_is_lost_and_found, far.outcome(Q.ANSWERED)),
    "the page is reloaded": Scenario(gone.page_is_reloaded, gone.had_the_call_back),
    "the phone of the talk comes back": Scenario(gone.phone_comes_back, gone.had_the_call_back),
    "it never comes back": Scenario(gone.phone_never_comes_back, gone.went_to_another),
    "it comes back to nobody": Scenario(gone.nobody_takes_the_phone_back, gone.waited_again),
    "the caller leaves meanwhile": Scenario(gone.caller_leaves_meanwhile, gone.was_let_go),
    "the phone is lost in a consultation": Scenario(gone.lost_in_a_consultation, gone.had_the_other_party),
    "the page is reloaded in a consultation": Scenario(
        gone.reloaded_in_a_consultation, gone.had_the_other_party
    ),
    "the agent lets go without a phone": Scenario(gone.agent_lets_go_without_phone, near.agent_asked_for_it),
    "pause and log-out": Scenario(far.pause_and_log_out, far.both_left),
    "a supervisor listens": Scenario(sup.listens, sup.ended_by("call_over"), phones=SUES),
    "a supervisor speaks and is stopped": Scenario(
        sup.speaks_and_stops, sup.ended_by("stopped"), phones=SUES
    ),
    "the supervisor hangs up": Scenario(sup.supervisor_hangs_up, sup.ended_by("normal"), phones=SUES),
    "the supervisor does not answer": Scenario(
        sup.is_not_answered, sup.ended_by("no_answer"), phones={sup.DESK: IGNORES}
    ),
    "gone while the supervisor is rung": Scenario(
        sup.caller_leaves_while_it_rings, sup.ended_by("call_over"), phones={sup.DESK: SLOW}
    ),
    "the supervisor follows a transfer": Scenario(
        sup.follows_a_transfer, sup.followed_the_transfer, phones=SUES
    ),
    "the supervised agent leaves": Scenario(sup.agent_leaves, sup.ended_by("agent_gone"), phones=SUES),
    "a supervisor takes over": Scenario(sup.takes_over, sup.took_over),
    "a supervisor takes over a held call": Scenario(sup.takes_over_while_held, sup.took_over),
    "the supervisor leaves work": Scenario(sup.logs_out, sup.ended_by("logged_out")),
    "a supervisor hangs up": Scenario(sup.hangs_up_both, sup.were_hung_up),
    "called back": Scenario(back.is_reached, back.was_reached, numbers=AT_HOME),
    "asked before it was offered": Scenario(back.presses_too_soon, back.was_answered),
    "never reached": Scenario(
        back.is_never_reached, back.was_never_reached, numbers={"02112345678": IGNORES}
    ),
    "the agent leaves": Scenario(
        back.agent_leaves, back.other_agent_reached, numbers={"02112345678": Behaviour(after_ms=8000)}
    ),
    "the agent calls it off": Scenario(
        back.agent_calls_off,
        back.reached_at_the_second_try,
        numbers={"02112345678": Behaviour(after_ms=8000)},
    ),
    "calls again": Scenario(back.calls_again, back.place_was_found, numbers=AT_HOME),
    "overflow to a call-back": Scenario(
        back.overflows_to_call_back,
        back.was_reached,
        {
            "max_wait_sec": 10,
            "overflow": {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.CALL_BACK)},
        },
        numbers=AT_HOME,
    ),
    "no number to call back": Scenario(
        back.shows_no_number,
        back.went_back_to_the_flow,
        {
            "max_wait_sec": 10,
            "overflow": {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.CALL_BACK)},
        },
    ),
    "nobody comes for the call-back": Scenario(back.nobody_comes, back.was_given_up, numbers=AT_HOME),
    "a prompt is made during the call": Scenario(said.hears_a_number, said.heard_it_in_time),
    "a prompt is made too slowly": Scenario(said.hears_a_slow_number, said.went_on_without_it),
    "a prompt cannot be made": Scenario(said.hears_nothing, said.went_on_at_once),
    "a key while a prompt is made": Scenario(said.presses_on, said.went_on_at_once),
    "gone while a prompt is made": Scenario(said.hangs_up_meanwhile, said.nobody_was_played_to),
    "the link breaks while a prompt is made": Scenario(said.link_breaks_meanwhile, said.was_answered),
    "says what they want": Scenario(word.says_it, word.came_where_they_wanted),
    "says something else": Scenario(word.says_something_else, word.was_not_understood),
    "presses instead of saying it": Scenario(word.presses_instead, word.the_key_counted),
    "the recogniser dies": Scenario(word.recogniser_dies, word.the_key_counted),
    "nobody recognises speech": Scenario(word.nobody_listens, word.the_key_counted),
    "leaves while speaking": Scenario(word.leaves_while_speaking, word.had_chosen_nothing),
    "says it in their own words": Scenario(word.tells_a_story, word.story_was_understood),
    "is asked back": Scenario(word.is_asked_back, word.was_sure_in_the_end),
    "nobody recognises the answer": Scenario(word.nobody_hears_the_answer, word.went_the_other_way),
    "speaks while the link is broken": Scenario(word.speaks_out_of_sight, word.was_answered),
    "asks and tells": Scenario(asked.asks_and_tells, asked.was_asked_and_told),
    "is on a list": Scenario(asked.is_on_a_list, asked.went_the_way_of_the_list),
    "looks up nobody": Scenario(asked.looks_up_nobody, asked.was_not_found),
    "is answered too late": Scenario(asked.is_answered_too_late, asked.went_on_without_it),
    "is answered wrongly": Scenario(asked.is_answered_wrongly, asked.wrong_kind_failed),
    "a webhook is away": Scenario(asked.webhook_is_away, asked.was_told_later),
    "a webhook never answers": Scenario(asked.webhook_never_answers, asked.was_given_up),
    "the link breaks while it is looked up": Scenario(
        asked.link_breaks_meanwhile, asked.was_asked_and_told_late
    ),
    "the flow hands on outside": Scenario(
        on.talks_outside, on.went_on_after_the_talk, numbers={"66": Behaviour(after_ms=2000)}
    ),
    "outside is busy": Scenario(
        on.dials_outside, on.went("busy"), numbers={"66": Behaviour(Reaction.BUSY, 500)}
    ),
    "outside does not answer": Scenario(on.dials_outside, on.went("call_later"), numbers={"66": IGNORES}),
    "outside is not there": Scenario(on.dials_outside, on.went("call_later")),
    "gone while outside rings": Scenario(
        on.hangs_up_while_it_rings, on.caller_ended_it, numbers={"66": IGNORES}
    ),
    "gone while talking outside": Scenario(
        on.hangs_up_outside, on.caller_ended_it, numbers={"66": Behaviour(after_ms=2000)}
    ),
    "the link breaks while talking outside": Scenario(
        on.link_breaks_while_they_talk, on.went_on_after_the_talk, numbers={"66": Behaviour(after_ms=2000)}
    ),
    "to another centre": Scenario(
        on.goes_to_the_province, on.province_knew_the_ticket, numbers={"77": Behaviour(after_ms=2000)}
    ),
    "to another centre without a ticket": Scenario(
        on.goes_without_a_ticket, on.province_was_rung_without_it, numbers={"77": Behaviour(after_ms=2000)}
    ),
    "to one agent": Scenario(on.asks_for_a_colleague, on.colleague_answered),
    "to one agent who does not answer": Scenario(
        on.colleague_is_rung_in_vain, on.waited_in_vain, phones={"2003": IGNORES}
    ),
    "to one agent who pauses": Scenario(on.colleague_pauses, on.colleague_was_not_rung),
    "gone while the agent's number rings": Scenario(
        on.agent_sends_outside_and_caller_leaves, on.nobody_is_rung_any_more, numbers={"66": IGNORES}
    ),
    "gone while the overflow's number rings": Scenario(
        on.overflows_outside_and_leaves,
        on.nobody_is_rung_any_more,
        {
            "max_wait_sec": 10,
            "overflow": {OverflowReason.TIMEOUT: OverflowTarget(OverflowKind.OUTSIDE, "66")},
        },
        numbers={"66": IGNORES},
    ),
    "a prompt is recorded by telephone": Scenario(far.speaks_a_prompt, far.prompt_was_kept),
    "comes back in time": Scenario(
        back.comes_back_in_time, back.stood_where_they_stood, resume_within_sec=60
    ),
    "a talk is read while it is handed on": Scenario(
        read.held_and_handed_on, read.was_handed_on, live_transcript=True
    ),
    "a talk is read, with an interruption": Scenario(
        read.loses_the_recogniser, read.went_on, live_transcript=True
    ),
}
