"""Messages left in a flow: after the beep, until a key, the time or the caller ends them."""

from __future__ import annotations

import pytest

from ivr_flows.check import prompts_of
from ivr_flows.effects import BEEP, BeginMessage, DigitReceived, EndMessage, PlayEnded
from ivr_flows.interpreter import CallFacts, FlowSession, Phase
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow
from ivr_flows.rehearsal import HangUp, Press, Script, rehearse
from located_yaml import Mistakes

WRITTEN = """\
flow: night
languages: [zh, en]
start: message
human: {key: '0', next: agent}
nodes:
  message:
    voicemail: {zh: 请留言。, en: Leave a message.}
    category: callback
    max_sec: 60
    next: thanks
  thanks: {play: {zh: 谢谢。, en: Thank you.}, next: end}
  end: {hang_up: done}
  agent: {queue: general, otherwise: end}
"""
FLOW = load_flow(WRITTEN, "night.yaml")


def message_times(script: Script, flow: Flow = FLOW) -> tuple[list[int], list[int]]:
    """When messages began and ended."""
    done = rehearse(flow, script)
    began = [at for at, effect in done.effects if isinstance(effect, BeginMessage)]
    ended = [at for at, effect in done.effects if isinstance(effect, EndMessage)]
    return began, ended


def test_the_message_begins_after_the_beep_and_ends_with_a_key() -> None:
    """Words, beep, message; the key ends it and counts for nothing else."""
    script = Script([Press("#", "message", after_ms=20_000)])
    assert message_times(script) == ([6000], [20_000])
    done = rehearse(FLOW, script)
    assert done.texts == ["请留言。", BEEP.text, "谢谢。"]
    assert done.ticket_categories == ["callback"]
    assert done.ended == "done"


def test_a_message_ends_with_its_time() -> None:
    """Whoever talks on and on is thanked after ``max_sec``."""
    assert message_times(Script()) == ([6000], [66_000])


def test_who_knows_the_words_hears_the_beep_at_once() -> None:
    """A key during the words leads to the beep, another one past it; neither counts for what comes after."""
    skips = Press("1", "message", after_ms=500)
    assert message_times(Script([skips])) == ([3500], [63_500])
    assert message_times(Script([skips, Press("1", "message", after_ms=900)])) == ([900], [60_900])
    assert rehearse(FLOW, Script([skips])).texts == ["请留言。", BEEP.text, "谢谢。"]


def test_the_key_that_skipped_the_words_skips_nothing_else() -> None:
    """Whoever then asks for a human hears what there is to hear on the way."""
    written = WRITTEN.replace(
        "agent: {", "agent: {play: {zh: 有录音。, en: Recorded.}, next: line}\n  line: {"
    )
    keys = [Press("1", "message", after_ms=500), Press("0", "message", after_ms=900)]
    assert rehearse(load_flow(written, "night.yaml"), Script(keys)).texts == ["请留言。", "beep", "有录音。"]


@pytest.mark.parametrize("after_ms", [500, 20_000])
def test_the_human_key_works_before_and_during_the_message(after_ms: int) -> None:
    """Key 0 leads to a human from here, too."""
    done = rehearse(FLOW, Script([Press("0", "message", after_ms=after_ms)]))
    assert done.path == ["message", "agent"]


def test_a_caller_may_hang_up_instead() -> None:
    """The ticket was asked for when the message began."""
    done = rehearse(FLOW, Script([HangUp("message", after_ms=15_000)]))
    assert (done.ended, done.ticket_categories) == ("caller", ["callback"])


def test_a_resumed_session_asks_for_the_message_again() -> None:
    """The words and the beep are heard again; late ends of the play before change nothing."""
    session = FlowSession(FLOW, CallFacts("", ""), {})
    (_, play) = session.start(0)
    session.handle(PlayEnded(play.token), 6000)  # type: ignore[union-attr]
    assert session.phase is Phase.RECORDING
    again = FlowSession.resumed(FLOW, CallFacts("", ""), {}, session.checkpoint())
    (play_again,) = again.start(9000)
    assert again.handle(PlayEnded("other"), 9500) == []
    assert again.handle(PlayEnded(play_again.token), 12_000) == [  # type: ignore[union-attr]
        BeginMessage("callback", "来电人留言，请听录音。")
    ]
    assert isinstance(again.handle(DigitReceived("#"), 13_000)[0], EndMessage)


def test_the_beep_is_among_the_sounds_of_a_flow_with_messages() -> None:
    """So that it is there before the first call."""
    assert BEEP in prompts_of(FLOW)


def test_a_message_must_be_asked_for_in_every_language() -> None:
    """As every other text."""
    with pytest.raises(Mistakes, match="node 'message': no text in the language 'en'"):
        load_flow(WRITTEN.replace(", en: Leave a message.", ""), "night.yaml")
