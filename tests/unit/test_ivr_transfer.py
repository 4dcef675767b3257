"""Transfers in a flow: to a queue or an agent, to a number outside, to another centre."""

from __future__ import annotations

import json

import pytest

from ivr_flows.check import surroundings_mistakes
from ivr_flows.check.reach import human_reach
from ivr_flows.effects import (
    DialOutside,
    EnterQueue,
    QueueOutcome,
    StopDialling,
    TransferAnswered,
    TransferEnd,
    TransferEnded,
)
from ivr_flows.interpreter import CallFacts, FlowSession, Phase
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow
from ivr_flows.rehearsal import OutsideParty, Press, QueueStay, Script, TicketAnswer, rehearse
from located_yaml import Mistakes

HEAD = """\
flow: handing_on
languages: [zh]
start: away
human: {key: '0', next: agent}
variables: {office: '021777'}
nodes:
"""
REST = """
  agent: {queue: general, otherwise: end}
  end: {hang_up: done}
"""
WAYS = "ring_sec: 20, next: thanks, busy: busy, no_answer: nobody, failed: lost"


def flow(transfer: str, ways: str = WAYS) -> Flow:
    """A flow that begins with this transfer."""
    words = [name for name in ("thanks", "busy", "nobody", "lost") if f": {name}" in ways]
    said = "".join(f"  {name}: {{play: {{zh: {name}}}, next: end}}\n" for name in words)
    return load_flow(f"{HEAD}  away: {{transfer: {transfer}, {ways}}}{REST}{said}", "handing_on.yaml")


def mistakes(transfer: str, ways: str = WAYS) -> str:
    with pytest.raises(Mistakes) as wrong:
        flow(transfer, ways)
    return str(wrong.value)


@pytest.mark.parametrize(
    ("end", "node"),
    [
        (TransferEnd.DONE, "thanks"),
        (TransferEnd.BUSY, "busy"),
        (TransferEnd.NO_ANSWER, "nobody"),
        (TransferEnd.FAILED, "lost"),
    ],
)
def test_each_end_has_its_way(end: TransferEnd, node: str) -> None:
    """The number is rung, and what comes of it leads on; the way taken is named."""
    done = rehearse(flow("{number: office}"), Script(outside=[OutsideParty(end)]))
    assert done.dialled == [DialOutside("021777", None, None, 20, music=False, record=False)]
    assert done.path == ["away", node, "end"]
    assert done.ways[0][1].word == ("next" if end is TransferEnd.DONE else end.value)


@pytest.mark.parametrize("written", ["0212345", "'0212345'", "'+86139*1#'"])
def test_a_number_stands_for_itself_or_is_worked_out(written: str) -> None:
    """Digits need no second quotes; whatever else is an expression."""
    (dialled,) = rehearse(flow(f"{{number: {written}}}")).dialled
    assert dialled.number == written.strip("'")
    (dialled,) = rehearse(flow('{number: "office + caller"}'), facts=FACTS).dialled
    assert dialled.number == "02177713800000000"


def test_without_a_way_after_the_talk_the_call_ends() -> None:
    """``next`` is left out; the other ends have ``otherwise``."""
    script = Script(outside=[OutsideParty(TransferEnd.DONE)])
    done = rehearse(flow("{number: office}", "otherwise: lost"), script)
    assert (done.path, done.ended) == (["away"], "done")


def test_the_human_key_works_while_it_rings_and_not_while_they_talk() -> None:
    """Pressed in time it stops the ringing."""
    early, late = Script([Press("0", "away", after_ms=500)]), Script([Press("0", "away", after_ms=9000)])
    done = rehearse(flow("{number: office}"), early)
    assert [entered.queue for entered in done.queued] == ["general"]
    assert StopDialling() in [effect for _, effect in done.effects]
    assert rehearse(flow("{number: office}"), late).queued == []


def test_nobody_waits_for_a_switch_that_says_nothing() -> None:
    """Long after the ringing should have ended the flow goes on by itself."""
    done = rehearse(flow("{number: office}"), Script(outside=[]))
    assert done.path == ["away", "nobody", "end"]
    assert done.ended_ms == 20_000 + 10_000 + 3_000


def test_another_centre_is_told_of_a_ticket_that_is_opened_first() -> None:
    """The ticket is asked for, and waited for a while; then the caller goes without."""
    centre = flow("{centre: province}", WAYS + ", category: handed_on")
    done = rehearse(centre, Script(outside=[OutsideParty(TransferEnd.DONE)]))
    assert [ticket.category for ticket in done.tickets] == ["handed_on"]
    assert [dialled.centre for dialled in done.dialled] == ["province"]
    late = rehearse(centre, Script(tickets=[TicketAnswer("T-1", 60_000)], outside=[OutsideParty(None)]))
    assert [at for at, effect in late.effects if isinstance(effect, DialOutside)] == [10_000]


@pytest.mark.parametrize(
    ("outcome", "node"),
    [
        (QueueOutcome.AGENT_DONE, "thanks"),
        (QueueOutcome.FULL, "busy"),
        (QueueOutcome.TIMEOUT, "nobody"),
        (QueueOutcome.NO_AGENT, "lost"),
        (None, "nobody"),
    ],
)
def test_an_agent_is_asked_for_by_way_of_a_queue(outcome: QueueOutcome | None, node: str) -> None:
    """The outcomes of the queue are those of the transfer; the wait ends with ``ring_sec`` at the latest."""
    done = rehearse(flow("{queue: law, agent: 1007}"), Script(queue=[QueueStay(outcome, 5000)]))
    assert done.queued == [EnterQueue("law", agent_id="1007")]
    assert done.path == ["away", node, "end"]


def test_a_restart_neither_rings_twice_nor_loses_the_end() -> None:
    """A transfer under way is waited for again, whether they talk already or not."""
    first = FlowSession(flow("{number: office}"), FACTS, {})
    first.start(0)
    kept = json.loads(json.dumps(first.checkpoint()))
    for talking in (False, True):
        again = FlowSession.resumed(flow("{number: office}"), FACTS, {}, kept, parked=True)
        if talking:
            again.handle(TransferAnswered(), 5000)
        assert again.start(5000) == []
        assert again.phase is (Phase.HANDED_ON if talking else Phase.RINGING)
        again.handle(TransferEnded(TransferEnd.DONE), 9000)
        assert again.path[-1] == "thanks"


FACTS = CallFacts("13800000000", "12345")


def test_mistakes_are_told_with_what_to_do() -> None:
    """Shape, dead ends, kinds, secrets, and what the centre does not have."""
    assert "give it one of queue, number, centre" in mistakes("{queue: law, number: '1'}")
    assert "an agent is reached by way of a queue: add 'queue'" in mistakes("{agent: '1007'}")
    assert "a trunk is for a number" in mistakes("{queue: law, trunk: city}")
    assert "dead end after failed: add these, or 'otherwise'" in mistakes(
        "{number: '1'}", "busy: busy, no_answer: nobody, next: lost"
    )
    assert "did you mean 'office'" in mistakes("{number: offic}")
    assert "a number" in mistakes("{number: hour}")


def test_the_centre_must_have_what_is_asked_for() -> None:
    """Queue, trunk and centre with the nearest right name; a queue that calls back has a node of its own."""
    told = [
        surroundings_mistakes(flow(target), ["law"], trunks=["city"], centres=["province"], calling_back=back)
        for target, back in (
            ("{queue: lav}", {}),
            ("{number: office, trunk: citi}", {}),
            ("{centre: provinze}", {}),
            ("{queue: law}", {"law": None}),
        )
    ]
    words = ["did you mean 'law'", "did you mean 'city'", "did you mean 'province'", "use a 'queue' node"]
    assert all(word in str(found[0]) for word, found in zip(words, told, strict=True))


def test_a_transfer_into_a_queue_is_a_way_to_a_human() -> None:
    """One to outside is none; there the human key counts."""
    assert human_reach(flow("{queue: law}")).usual is not None
    reach = human_reach(flow("{number: office}")).usual
    assert reach is not None
    assert reach.keys == 1
