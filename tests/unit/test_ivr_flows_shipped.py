"""The shipped flows, rehearsed: every branch, by what is heard and done."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr_flows.calendars import load_calendars
from ivr_flows.check import prompts_of, surroundings_mistakes
from ivr_flows.effects import NodeEntered, QueueOutcome
from ivr_flows.files import read_flows
from ivr_flows.interpreter import CallFacts
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow, MenuNode, PlayNode
from ivr_flows.rehearsal import HangUp, Press, QueueStay, Rehearsal, Script, TicketAnswer, rehearse

CALENDARS = load_calendars("calendars: {hotline: {weekly: {mon-fri: ['09:00-18:00']}}}", "calendars.yaml")
SHANGHAI = ZoneInfo("Asia/Shanghai")
OPEN = round(datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI).timestamp() * 1000)
CLOSED = round(datetime(2026, 11, 20, 18, 0, tzinfo=SHANGHAI).timestamp() * 1000)
FLOWS = read_flows()
HOTLINE = FLOWS["citizen_hotline"]
KOREAN = FLOWS["korean_line"]
NOTHING_DONE = Script()
FACTS = CallFacts(caller="13800000000", did="12345")

GENERAL_WAY = ["business_hours", "welcome", "english_offer", "main_menu"]
BUSY_WAY = ["busy", "busy_ticket", "registered", "goodbye", "end"]
NIGHT_WAY = ["night", "night_ticket", "night_registered", "night_goodbye", "night_end"]


def words(node: str, language: str = "zh", flow: Flow = HOTLINE) -> str:
    """What a play or a menu says."""
    found = flow.nodes[node]
    assert isinstance(found, PlayNode | MenuNode)
    return (found.play if isinstance(found, PlayNode) else found.menu)[language]


def hint(which: str) -> str:
    assert HOTLINE.content.hints
    return (
        HOTLINE.content.hints.no_input["zh"] if which == "no_input" else HOTLINE.content.hints.no_match["zh"]
    )


def call(script: Script = NOTHING_DONE, flow: Flow = HOTLINE, at: int = OPEN) -> Rehearsal:
    return rehearse(flow, script, FACTS, CALENDARS, at)


@pytest.mark.parametrize(
    ("key", "nodes", "queue"),
    [
        ("1", ["consultation", "general"], "general"),
        ("2", ["complaint", "complaint_notice", "complaints"], "complaints"),
        ("3", ["progress", "general"], "general"),
        ("0", ["to_agent", "general"], "general"),
    ],
)
def test_each_key_of_the_main_menu_leads_to_its_queue(key: str, nodes: list[str], queue: str) -> None:
    """The caller hears welcome, English offer, menu and one announcement, then waits in the right queue."""
    done = call(Script([Press(key, "main_menu", after_ms=4000)]))
    assert done.path == [*GENERAL_WAY, *nodes]
    assert [q.queue for q in done.queued] == [queue]
    assert [heard.language for heard in done.heard] == ["zh", "en", "zh", "zh"]
    assert done.heard[-1].text == words(nodes[-2])
    assert done.ended is None


def test_a_complaint_opens_its_ticket_before_the_queue_and_goes_first() -> None:
    """Key 2 asks for a complaint ticket, and queues with a higher priority than the others."""
    done = call(Script([Press("2", "main_menu")]))
    assert [ticket.category for ticket in done.tickets] == ["complaint"]
    assert done.queued[0].priority > 0


@pytest.mark.parametrize("answer", [(), (TicketAnswer(None),), (TicketAnswer("T-9", after_ms=60_000),)])
def test_a_complaint_without_its_ticket_still_reaches_a_human(answer: tuple[TicketAnswer, ...]) -> None:
    """A ticket store that is silent, refuses or is late never keeps a caller from the agent."""
    done = call(Script([Press("2", "main_menu")], tickets=answer))
    assert [q.queue for q in done.queued] == ["complaints"]


def test_english_is_offered_in_english_and_spoken_from_then_on() -> None:
    """Key 9 during the offer already counts, and everything after it is heard in English."""
    done = call(Script([Press("9", "english_offer"), Press("1", "main_menu", visit=2)]))
    assert done.path == [*GENERAL_WAY, "english", "main_menu", "consultation", "general"]
    assert [heard.language for heard in done.heard] == ["zh", "en", "en", "en"]
    assert done.heard[1].cut


def test_a_key_pressed_during_the_welcome_counts_for_the_menu() -> None:
    """Whoever knows the menu presses at once and hears neither offer nor menu."""
    done = call(Script([Press("1", "welcome", after_ms=500)]))
    assert done.path == [*GENERAL_WAY, "consultation", "general"]
    assert done.texts == [words("welcome"), words("consultation")]


@pytest.mark.parametrize("node", ["welcome", "english_offer", "main_menu", "consultation", "progress"])
def test_key_0_leads_to_a_human_from_everywhere(node: str) -> None:
    """The human key works at every step of the way, during the words."""
    towards = {"consultation": "1", "progress": "3"}
    keys = [Press(towards[node], "main_menu")] if node in towards else []
    done = call(Script([*keys, Press("0", node, after_ms=500)]))
    assert done.path[-3:] == [node if node == "main_menu" else done.path[-3], "to_agent", "general"]
    assert [q.queue for q in done.queued] == ["general"]


def test_a_silent_caller_hears_the_menu_three_times_and_then_a_human() -> None:
    """Without any key the call still reaches an agent, each repeat begun with the hint."""
    done = call()
    menu, again = words("main_menu"), hint("no_input")
    assert done.texts[2:7] == [menu, again, menu, again, menu]
    assert done.path == [*GENERAL_WAY, "to_agent", "general"]


def test_a_caller_who_presses_wrong_keys_reaches_a_human() -> None:
    """Three wrong keys (each heard at once) are answered with the hint, then with an agent."""
    done = call(
        Script([Press(k, "main_menu", after_ms=ms) for k, ms in (("5", 100), ("*", 2000), ("8", 4000))])
    )
    assert done.texts[3] == hint("no_match")
    assert done.path == [*GENERAL_WAY, "to_agent", "general"]


@pytest.mark.parametrize("outcome", [QueueOutcome.TIMEOUT, QueueOutcome.FULL, QueueOutcome.NO_AGENT])
@pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "zh"), ("91", "en")])
def test_who_cannot_be_served_is_told_so_and_registered(
    outcome: QueueOutcome, key: str, language: str
) -> None:
    """Every overflow ends with an apology, a ticket, the word that it exists, and goodbye."""
    done = call(Script([Press(key, "main_menu")], queue=[QueueStay(outcome)]))
    assert done.path[-5:] == BUSY_WAY
    spoken = [words(node, language) for node in ("busy", "registered", "goodbye")]
    assert done.texts[-3:] == spoken
    assert done.tickets[-1].category == "callback"
    assert done.ended == "not_served"


@pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "zh"), ("91", "en")])
def test_who_is_to_be_called_back_is_told_so(key: str, language: str) -> None:
    """The place is kept, the call ends with thanks; no ticket is opened for it."""
    done = call(Script([Press(key, "main_menu")], queue=[QueueStay(QueueOutcome.CALL_BACK)]))
    assert done.texts[-2:] == [words(node, language) for node in ("call_back_promised", "call_back_goodbye")]
    assert [ticket.category for ticket in done.tickets] == (["complaint"] if key == "2" else [])
    assert done.ended == "to_be_called_back"


@pytest.mark.parametrize("answer", [(), (TicketAnswer(None),)])
def test_nobody_is_told_of_a_ticket_that_does_not_exist(answer: tuple[TicketAnswer, ...]) -> None:
    """Without the ticket the caller is asked to call later instead, by day and by night."""
    day = call(Script([Press("1", "main_menu")], queue=[QueueStay(QueueOutcome.FULL)], tickets=answer))
    assert day.path[-5:] == ["busy", "busy_ticket", "call_later", "goodbye", "end"]
    night = call(Script(tickets=answer), at=CLOSED)
    assert night.path == ["business_hours", "night", "night_ticket", "night_goodbye", "night_end"]


@pytest.mark.parametrize("flow", [HOTLINE, KOREAN])
def test_outside_business_hours_the_caller_is_registered(flow: Flow) -> None:
    """At night the hours are told whatever is pressed, a ticket is asked for, and the call ends."""
    done = call(Script([Press("01234", "night")]), flow, CLOSED)
    assert done.path == ["business_hours", *NIGHT_WAY]
    assert not any(heard.cut for heard in done.heard)
    assert (done.ended, [t.category for t in done.tickets]) == ("closed", ["callback"])


@pytest.mark.parametrize(("flow", "key"), [(HOTLINE, "1"), (HOTLINE, "2"), (KOREAN, "1")])
def test_a_queue_that_closes_tells_the_hours(flow: Flow, key: str) -> None:
    """A queue closed before the calendar says so leads to the night's words."""
    done = call(Script([Press(key, "main_menu")], queue=[QueueStay(QueueOutcome.CLOSED)]), flow)
    assert done.path[-5:] == NIGHT_WAY


@pytest.mark.parametrize(("flow", "queue"), [(HOTLINE, "general"), (KOREAN, "korean")])
def test_after_the_agent_the_call_ends(flow: Flow, queue: str) -> None:
    """When the agent is done the call is over without more words."""
    done = call(Script([Press("1", "main_menu")], queue=[QueueStay(QueueOutcome.AGENT_DONE)]), flow)
    assert (done.path[-1], done.ended) == (queue, "done")


@pytest.mark.parametrize(("keys", "tickets"), [("1", 0), ("2", 1), ("0", 0), ("5", 0), ("", 0)])
def test_every_choice_on_the_korean_line_reaches_its_queue(keys: str, tickets: int) -> None:
    """All that a caller may do on the Korean line ends with an agent who speaks it, in Korean only."""
    done = call(Script([Press(keys, "main_menu")]), KOREAN)
    assert [q.queue for q in done.queued] == ["korean"]
    assert {heard.language for heard in done.heard} == {"ko"}
    assert len(done.tickets) == tickets


@pytest.mark.parametrize("outcome", [QueueOutcome.TIMEOUT, QueueOutcome.FULL, QueueOutcome.NO_AGENT])
def test_the_korean_line_registers_whom_it_cannot_serve(outcome: QueueOutcome) -> None:
    """Overflow and a refused ticket are told apart on the Korean line too."""
    script = Script([Press("1", "main_menu")], queue=[QueueStay(outcome)])
    assert call(script, KOREAN).path[-5:] == BUSY_WAY
    refused = Script(script.caller, script.queue, tickets=[TicketAnswer(None)])
    assert call(refused, KOREAN).path[-3:] == ["call_later", "goodbye", "end"]


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_without_any_audio_every_caller_still_arrives(flow: Flow) -> None:
    """Missing or endless prompts delay a caller at most, they never keep anybody from the queue."""
    texts = frozenset(prompt.text for prompt in prompts_of(flow))
    for script in (Script(failed_texts=texts), Script(endless_texts=texts)):
        done = call(script, flow)
        assert len(done.queued) == 1
        entered_ms = done.effects[-1][0]
        assert entered_ms < 4 * 60_000


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_caller_may_hang_up_anywhere(flow: Flow) -> None:
    """Whenever the caller goes, the rehearsal ends there."""
    done = call(Script([HangUp("main_menu", after_ms=1000)]), flow)
    assert (done.ended, done.path[-1], done.heard[-1].cut) == ("caller", "main_menu", True)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_every_node_of_every_shipped_flow_is_rehearsed(flow: Flow) -> None:
    """The scripts of this file, joined, enter every node."""
    keys = ["", "0", "1", "2", "3", "9"]
    stays = [QueueOutcome.FULL, QueueOutcome.CLOSED, QueueOutcome.CALL_BACK]
    entered = {
        effect.node
        for key in keys
        for stay in stays
        for answer in ([TicketAnswer("T-1")], [TicketAnswer(None)])
        for _, effect in call(Script([Press(key, "main_menu")], [QueueStay(stay)], answer), flow).effects
        if isinstance(effect, NodeEntered)
    }
    assert entered == set(flow.nodes)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_shipped_flows_ask_only_for_what_ships_with_them(flow: Flow) -> None:
    """Queues and calendars are the ones the centre is set up with, and the file is named like the flow."""
    queues, calendars = {"general", "complaints", "korean"}, {"hotline"}
    assert surroundings_mistakes(flow, queues, calendars) == []
    assert flow.source.file.endswith(f"/{flow.name}.yaml")


def test_the_example_of_the_manual_is_a_sound_flow() -> None:
    """Whoever copies it begins with something that works."""
    manual = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
    example = manual.split("```yaml\n")[1].split("```")[0]
    flow = load_flow(example, "flows.md")
    done = rehearse(flow, Script([Press("1", "menu"), Press("20261121#1", "ticket")]), FACTS)
    assert done.ended == "done"
    assert done.path == ["welcome", "menu", "ticket", "tell", "end"]
