"""FlowSession: what it asks for at every node, what it does with what it is told, how it is resumed."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.calendars import Calendar
from ivr_flows.effects import (
    AskTicket,
    DeadlineReached,
    DigitReceived,
    EndCall,
    EnterQueue,
    FlowEffect,
    FlowEvent,
    LanguageChosen,
    NodeEntered,
    PlayEnded,
    PlayPrompts,
    PromptText,
    QueueLeft,
    QueueOutcome,
    StopPrompts,
    TicketDone,
)
from ivr_flows.interpreter import MAX_NODES, CallFacts, FlowSession, Phase
from ivr_flows.loader import load_flow
from ivr_flows.model import DIGITS, Flow, FlowFile

FLOW = load_flow(
    """
flow: town
languages: [zh, en]
start: notice
human: {key: '0', next: desk}
hints:
  no_input: {zh: 没有按键。, en: No key.}
  no_match: {zh: 按键有误。, en: Wrong key.}
variables: {vip: false}
nodes:
  notice: {play: {zh: 通话将被录音。, en: Recorded.}, barge_in: false, next: hello}
  hello: {play: {zh: 您好。, en: Hello.}, next: sort}
  sort:
    branch:
      - {when: vip, next: desk}
      - {when: 9 <= hour < 10 and weekday == 5 and date == '2026-11-20' and trunk == 'city', next: bye}
    otherwise: choice
  choice:
    menu: {zh: 请按键。, en: Press a key.}
    digits: {1: english, 2: report, '#': opening, 3: code, '*': choice}
    retries: 1
    timeout_sec: 4
    no_input: bye
    no_match: desk
  code:
    menu: {zh: 请输入。, en: Enter.}
    digits: {1: bye}
    barge_in: false
    no_input: bye
    no_match: bye
  english: {language: en, next: choice}
  opening: {hours: hotline, open: desk, closed: bye}
  report: {ticket: complaint, text: 投诉。, next: desk, failed: bye, timeout_sec: 6}
  desk: {queue: general, priority: 2, skills: {mandarin: 4}, full: code, agent_done: hello, otherwise: bye}
  bye: {hang_up: done}
""",
    "town.yaml",
)
NOON = 1_795_147_200_000  # 2026-11-20 12:00 in Shanghai, a Friday
NINE = NOON - 3 * 3_600_000
CLOSED = {"hotline": Calendar.model_validate({"weekly": {}})}
FACTS = CallFacts(caller="13800000000", did="12345", trunk="city")


def started(now: int = NOON, **facts: Any) -> tuple[FlowSession, list[FlowEffect]]:
    session = FlowSession(FLOW, CallFacts("13800000000", "12345", **facts), CLOSED)
    return session, session.start(now)


def at_choice() -> FlowSession:
    """A session in the menu ``choice`` that waits for a key, at NOON."""
    session, effects = started()
    while session.phase is not Phase.LISTENING:
        effects = session.handle(PlayEnded(play_in(effects).token), NOON)
        if session.phase is Phase.PROMPTING:
            session.handle(PlayEnded(play_in(effects).token), NOON)
    return session


def play_in(effects: list[FlowEffect]) -> PlayPrompts:
    (play,) = [effect for effect in effects if isinstance(effect, PlayPrompts)]
    return play


def texts(effects: list[FlowEffect]) -> list[str]:
    return [prompt.text for prompt in play_in(effects).prompts]


def entered(effects: list[FlowEffect]) -> list[str]:
    return [effect.node for effect in effects if isinstance(effect, NodeEntered)]


def test_the_start_enters_and_plays_the_first_node() -> None:
    """The first effects say where the call is, on which version, and what it hears."""
    session, effects = started()
    kept = {"flow": "town", "version": FLOW.version, "node": "notice", "language": "zh", "path": ["notice"]}
    assert effects[0] == NodeEntered("town", FLOW.version, "notice", kept)
    assert play_in(effects).prompts == (PromptText("通话将被录音。", "zh"),)
    assert session.path == ("notice",)


def test_a_play_goes_on_when_it_ends_fails_or_is_overdue() -> None:
    """Whatever becomes of the audio, the call goes on; an overdue play is stopped first."""
    for failed in (False, True):
        session, effects = started()
        assert entered(session.handle(PlayEnded(play_in(effects).token, failed), NOON)) == ["hello"]
    session, effects = started()
    deadline = session.next_deadline()
    assert deadline is not None
    assert NOON + 10_000 < deadline < NOON + 60_000
    assert session.handle(DeadlineReached(), deadline - 1) == []
    late = session.handle(DeadlineReached(), deadline)
    assert late[0] == StopPrompts(play_in(effects).token)
    assert entered(late) == ["hello"]


def test_the_end_of_another_play_does_nothing() -> None:
    """A report about a play that was stopped before is passed over."""
    session, effects = started()
    old = play_in(effects).token
    session.handle(PlayEnded(old), NOON)
    assert session.handle(PlayEnded(old), NOON) == []
    assert session.handle(PlayEnded("nobody's"), NOON) == []


def test_without_barge_in_only_the_human_key_is_heard() -> None:
    """A notice that must be heard is not cut by other keys, nor do these count later."""
    session, effects = started()
    assert session.handle(DigitReceived("1"), NOON) == []
    after = session.handle(PlayEnded(play_in(effects).token), NOON)
    assert texts(after) == ["您好。"]
    session, effects = started()
    human = session.handle(DigitReceived("0"), NOON)
    assert human[0] == StopPrompts(play_in(effects).token)
    assert human[-1] == EnterQueue("general", 2, {"mandarin": 4})


def test_keys_typed_ahead_are_taken_by_the_menus_that_follow() -> None:
    """During the greeting 1 chooses English and 2, pressed during its menu, the report, without waiting."""
    session, effects = started()
    greeting = session.handle(PlayEnded(play_in(effects).token), NOON)
    english = session.handle(DigitReceived("1"), NOON)
    assert english[0] == StopPrompts(play_in(greeting).token)
    assert entered(english) == ["sort", "choice", "english", "choice"]
    assert LanguageChosen("en") in english
    assert texts(english) == ["Press a key."]
    assert entered(session.handle(DigitReceived("2"), NOON)) == ["report"]


def test_a_menu_listens_after_its_words_and_its_timeout_counts_from_there() -> None:
    """The whole time-out follows the words; silence is answered with hint and menu, then no_input."""
    session = at_choice()
    assert session.next_deadline() == NOON + 4000
    again = session.handle(DeadlineReached(), NOON + 4000)
    assert texts(again) == ["没有按键。", "请按键。"]
    session.handle(PlayEnded(play_in(again).token), NOON + 9000)
    over = session.handle(DeadlineReached(), NOON + 13_000)
    assert (entered(over), over[-1]) == (["bye"], EndCall("done"))


def test_wrong_keys_are_answered_with_the_hint_and_then_no_match() -> None:
    """Silence and wrong keys share the same number of repeats."""
    session = at_choice()
    assert texts(session.handle(DigitReceived("7"), NOON)) == ["按键有误。", "请按键。"]
    over = session.handle(DigitReceived("8"), NOON + 500)
    assert isinstance(over[0], StopPrompts)
    assert entered(over) == ["desk"]


def test_a_menu_without_barge_in_hears_keys_only_after_its_words() -> None:
    """Keys during the words are not heard, except for the human key."""
    session = at_choice()
    menu = session.handle(DigitReceived("3"), NOON)
    assert session.handle(DigitReceived("1"), NOON) == []
    session.handle(PlayEnded(play_in(menu).token), NOON)
    assert session.handle(DigitReceived("1"), NOON)[-1] == EndCall("done")


def test_a_menu_with_stuck_words_listens_when_they_are_overdue() -> None:
    """Endless words are stopped, and the menu then waits for a key as always."""
    session = at_choice()
    session.handle(DigitReceived("*"), NOON)
    deadline = session.next_deadline()
    assert deadline is not None
    assert isinstance(session.handle(DeadlineReached(), deadline)[0], StopPrompts)
    assert (session.phase, session.next_deadline()) == (Phase.LISTENING, deadline + 4000)


@pytest.mark.parametrize(
    ("facts", "now", "nodes"),
    [
        ({"variables": {"vip": True}}, NOON, ["sort", "desk"]),
        ({"variables": {"vip": "yes", "unknown": 1}, "trunk": "city"}, NOON, ["sort", "choice"]),
        ({"trunk": "city"}, NINE, ["sort", "bye"]),
        ({"trunk": "other"}, NINE, ["sort", "choice"]),
    ],
)
def test_branches_see_the_facts_of_the_call(facts: dict[str, Any], now: int, nodes: list[str]) -> None:
    """Variables, trunk and wall clock decide; a variable of another kind than declared counts as not set."""
    session, effects = started(now, **facts)
    hello = session.handle(PlayEnded(play_in(effects).token), now)
    assert entered(session.handle(PlayEnded(play_in(hello).token), now)) == nodes


def test_hours_ask_the_calendar_and_a_missing_calendar_is_open() -> None:
    """Closed ends the call here; a calendar that is gone never locks callers out."""
    assert at_choice().handle(DigitReceived("#"), NOON)[-1] == EndCall("done")
    session = FlowSession.resumed(FLOW, FACTS, {}, {"node": "opening"})
    assert isinstance(session.start(NOON)[-1], EnterQueue)


@pytest.mark.parametrize(
    ("outcome", "node"),
    [
        (QueueOutcome.FULL, "code"),
        (QueueOutcome.AGENT_DONE, "hello"),
        (QueueOutcome.TIMEOUT, "bye"),
        (QueueOutcome.NO_AGENT, "bye"),
        (QueueOutcome.CLOSED, "bye"),
    ],
)
def test_each_way_out_of_a_queue_has_its_node(outcome: QueueOutcome, node: str) -> None:
    """Named outcomes go their way, the others the way of ``otherwise``; the queue itself bounds the wait."""
    session = at_choice()
    session.handle(DigitReceived("0"), NOON)
    assert (session.phase, session.next_deadline()) == (Phase.QUEUED, None)
    assert session.handle(DigitReceived("1"), NOON) == []
    assert entered(session.handle(QueueLeft(outcome), NOON + 60_000)) == [node]


@pytest.mark.parametrize(
    ("event", "after_ms", "node"),
    [
        (TicketDone("T-1"), 100, "desk"),
        (TicketDone(None), 100, "bye"),
        (DeadlineReached(), 6000, "bye"),
    ],
)
def test_a_ticket_is_asked_for_and_waited_for_no_longer_than_said(
    event: FlowEvent, after_ms: int, node: str
) -> None:
    """With the ticket the call goes on; without it, or late, it goes the other way."""
    session = at_choice()
    assert session.handle(DigitReceived("2"), NOON)[-1] == AskTicket("complaint", "投诉。")
    assert session.handle(DeadlineReached(), NOON + 5999) == []
    assert entered(session.handle(event, NOON + after_ms)) == [node]
    assert session.handle(TicketDone("late"), NOON + 7000) == []


def test_the_language_of_the_number_is_used_when_it_is_offered() -> None:
    """A DID may bring its language; one that the flow does not offer counts as the first offered."""
    assert texts(started(language="en")[1]) == ["Recorded."]
    assert texts(started(language="ko")[1]) == ["通话将被录音。"]


def resumed(session: FlowSession, parked: bool = False, flow: Flow = FLOW) -> FlowSession:
    """As after a restart: through JSON, with nothing but the checkpoint kept."""
    return FlowSession.resumed(flow, FACTS, CLOSED, json.loads(json.dumps(session.checkpoint())), parked)


def test_a_resumed_caller_hears_the_menu_again_in_the_chosen_language() -> None:
    """The node begins anew without being entered again; tokens are not those of before."""
    before = at_choice()
    tokens = {play_in(before.handle(DigitReceived("1"), NOON)).token}
    after = resumed(before)
    effects = after.start(NOON + 5000)
    assert effects == [PlayPrompts(play_in(effects).token, (PromptText("Press a key.", "en"),))]
    assert play_in(effects).token not in tokens
    assert after.path == before.path
    assert entered(after.handle(DigitReceived("2"), NOON + 6000)) == ["report"]


def test_a_key_pressed_before_a_resumed_session_starts_counts() -> None:
    """A caller who pressed while the controller was away does not have to press again."""
    after = resumed(at_choice())
    assert after.handle(DigitReceived("2"), NOON) == []
    assert entered(after.start(NOON + 100)) == ["report"]


def test_a_resumed_caller_in_a_queue_stays_there() -> None:
    """Parked asks for nothing until the call leaves the queue; not parked, it is queued again."""
    before = at_choice()
    before.handle(DigitReceived("0"), NOON)
    after = resumed(before, parked=True)
    assert after.start(NOON + 5000) == []
    assert after.next_deadline() is None
    assert entered(after.handle(QueueLeft(QueueOutcome.FULL), NOON + 6000)) == ["code"]
    assert resumed(before).start(NOON + 5000) == [EnterQueue("general", 2, {"mandarin": 4})]


@pytest.mark.parametrize(
    "checkpoint", [{}, {"node": "gone", "language": "fr"}, {"node": None, "path": ["x"]}]
)
@pytest.mark.parametrize("parked", [False, True])
def test_a_checkpoint_that_does_not_fit_begins_at_the_start(checkpoint: dict[str, Any], parked: bool) -> None:
    """A node that this version lacks never loses the caller."""
    session = FlowSession.resumed(FLOW, FACTS, CLOSED, checkpoint, parked)
    effects = session.start(NOON)
    if parked:
        assert effects == []
        effects = session.handle(QueueLeft(QueueOutcome.FULL), NOON)
    assert entered(effects) == ["notice"]


def test_a_resumed_end_ends_again() -> None:
    """A call that was to be hung up when the controller died is hung up after all."""
    before = at_choice()
    before.handle(DeadlineReached(), NOON + 4000)
    before.handle(DigitReceived("#"), NOON + 4000)
    assert resumed(before).start(NOON + 5000) == [EndCall("done")]


def test_a_flow_that_was_never_checked_still_ends() -> None:
    """An instant circle, which the checker refuses, is cut by the interpreter with the reason ``error``."""
    circle = {"flow": "x", "languages": ["zh"], "start": "a"}
    nodes = {"a": {"language": "zh", "next": "b"}, "b": {"language": "zh", "next": "a"}}
    flow = Flow("x", "0", FlowFile.model_validate({**circle, "nodes": nodes}), FLOW.source)
    assert FlowSession(flow, FACTS, {}).start(NOON)[-1] == EndCall("error")


def test_a_caller_who_never_stops_pressing_is_ended() -> None:
    """One call enters a bounded number of nodes, so that memory and journal are bounded too."""
    session = at_choice()
    effects: list[FlowEffect] = []
    for press in range(MAX_NODES):
        effects = effects or [
            e for e in session.handle(DigitReceived("*"), NOON + press) if isinstance(e, EndCall)
        ]
    assert effects == [EndCall("error")]
    assert len(session.path) == MAX_NODES


_TOKENS = [f"{NOON}-{n}" for n in range(1, 6)]
_events: st.SearchStrategy[FlowEvent] = st.one_of(
    st.builds(DigitReceived, st.sampled_from([*sorted(DIGITS), "", "12", "x"])),
    st.builds(PlayEnded, st.sampled_from([*_TOKENS, "", "?"]), st.booleans()),
    st.builds(QueueLeft, st.sampled_from(QueueOutcome)),
    st.builds(TicketDone, st.sampled_from([None, "T-1"])),
    st.just(DeadlineReached()),
)


@settings(max_examples=300)
@given(st.lists(st.tuples(_events, st.integers(0, 30_000)), max_size=60), st.booleans())
def test_no_sequence_of_events_raises_loops_or_leaves_a_caller_stuck(
    script: list[tuple[FlowEvent, int]], restart: bool
) -> None:
    """Every state reached is over, in a queue, or has a deadline ahead, and nothing follows the end."""
    session, effects = started()
    now, ends = NOON, 0
    for event, wait_ms in script:
        now += wait_ms
        over = session.phase is Phase.ENDED
        effects = session.handle(event, now)
        assert not (over and effects)
        ends += sum(isinstance(effect, EndCall) for effect in effects)
        bounded_elsewhere = session.phase in (Phase.ENDED, Phase.QUEUED)
        assert bounded_elsewhere == (session.next_deadline() is None)
        if restart:
            session = resumed(session, parked=session.phase is Phase.QUEUED)
            session.start(now)
    assert ends <= 1 or restart
    assert len(session.path) <= MAX_NODES


@given(st.lists(st.sampled_from(sorted(DIGITS)), max_size=20))
def test_silence_after_any_keys_brings_the_call_to_an_end_or_to_a_human(keys: list[str]) -> None:
    """From wherever the keys led, deadlines and failed plays alone finish the flow."""
    session = at_choice()
    for key in keys:
        session.handle(DigitReceived(key), NOON)
    now = NOON
    for _ in range(50):
        if (deadline := session.next_deadline()) is None:
            break
        now = deadline
        session.handle(DeadlineReached(), now)
    assert session.phase in (Phase.ENDED, Phase.QUEUED)


@given(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=12))
def test_keys_pressed_are_never_in_trace_or_checkpoint(keys: list[str]) -> None:
    """Keys may be a secret of the caller: no effect and no checkpoint repeats one that chose nothing."""
    session, effects = started()
    effects += session.handle(PlayEnded(play_in(effects).token), NOON)
    for key in keys:
        effects += session.handle(DigitReceived(key), NOON)
    told = json.dumps([repr(effects), session.checkpoint(), session.path])
    assert not any(f"'{key}'" in told or f'"{key}"' in told for key in keys)
    assert set(session.checkpoint()) == {"flow", "version", "node", "language", "path"}
