"""The life of one recording, along its table."""

from __future__ import annotations

import pytest

from recorder import policy
from recorder import session as s

NOW = 1_000_000


def running() -> s.RecordingSession:
    session = s.RecordingSession()
    assert session.start(NOW) == [s.Start()]
    assert session.handle(s.Started(), NOW) == []
    return session


def test_the_good_life() -> None:
    """Started, over, finished, stored; no deadline is left."""
    session = running()
    assert session.next_deadline() is None
    assert session.handle(s.CallOver(), NOW) == [s.Finish()]
    assert session.handle(s.Finished(), NOW) == []
    assert (session.state, session.next_deadline()) == (s.RecordingState.STORED, None)


@pytest.mark.parametrize("refused", [True, False], ids=["refused", "silent"])
def test_a_start_is_tried_again_with_growing_patience(refused: bool) -> None:
    """Whether the switch says no or nothing at all; after the last try the reason is told, once."""
    session, now = s.RecordingSession(), NOW
    commands = session.start(now)
    for delay_ms in s.START_DELAYS_MS:
        assert commands == [s.Start()]
        if not refused:
            now += s.START_TIMEOUT_MS
        assert session.handle(s.StartFailed("no") if refused else s.DeadlineReached(), now) == []
        assert session.next_deadline() == now + delay_ms
        now += delay_ms
        commands = session.handle(s.DeadlineReached(), now)
    assert commands == [s.Start()]
    (gave_up,) = session.handle(s.StartFailed("disk full"), now)
    assert gave_up == s.GiveUp("recording could not be started: disk full")
    assert session.handle(s.CallOver(), now) == []
    assert session.next_deadline() is None


def test_a_confirmation_ends_the_waiting() -> None:
    """Also one that comes after the switch had already been given up for this try."""
    session = s.RecordingSession()
    session.start(NOW)
    session.handle(s.DeadlineReached(), NOW + s.START_TIMEOUT_MS)
    session.handle(s.Started(), NOW + s.START_TIMEOUT_MS + 1)
    assert (session.state, session.next_deadline()) == (s.RecordingState.RUNNING, None)


def test_a_recording_that_stops_is_started_again() -> None:
    """A failure in the middle begins anew; the end of the call does not wait for it."""
    session = running()
    assert session.handle(s.StartFailed("lost"), NOW) == []
    again_at = session.next_deadline()
    assert again_at == NOW + s.START_DELAYS_MS[0]
    assert session.handle(s.DeadlineReached(), again_at) == [s.Start()]
    session.handle(s.StartFailed("lost"), again_at)
    assert session.handle(s.CallOver(), again_at + 1) == [s.Finish()]


def test_finishing_is_tried_again_with_growing_patience() -> None:
    """A full disk may pass; after the last try the reason is told."""
    session = running()
    session.handle(s.CallOver(), NOW)
    now = NOW
    for delay_ms in s.FINISH_DELAYS_MS:
        assert session.handle(s.FinishFailed("disk full"), now) == []
        assert session.next_deadline() == now + delay_ms
        assert session.handle(s.DeadlineReached(), now) == []
        now += delay_ms
        assert session.handle(s.DeadlineReached(), now) == [s.Finish()]
    gave_up = session.handle(s.FinishFailed("disk full"), now)
    assert gave_up == [s.GiveUp("recording could not be finished: disk full")]


def test_what_was_never_recorded_is_not_waited_for() -> None:
    """The caller was gone before the switch could begin."""
    session = s.RecordingSession()
    session.start(NOW)
    session.handle(s.CallOver(), NOW + 1)
    gave_up = session.handle(s.FinishFailed("none was written", final=True), NOW + 1_500)
    assert gave_up == [s.GiveUp("recording could not be finished: none was written")]
    assert session.next_deadline() is None


def test_the_end_of_the_call_overtakes_the_start() -> None:
    """A confirmation or a refusal that comes after the end changes nothing."""
    for late in (s.Started(), s.StartFailed("too late")):
        session = s.RecordingSession()
        session.start(NOW)
        assert session.handle(s.CallOver(), NOW) == [s.Finish()]
        assert session.handle(late, NOW) == []
        assert session.state is s.RecordingState.FINISHING


@pytest.mark.parametrize("call_over", [True, False])
def test_one_found_after_a_restart_goes_on(call_over: bool) -> None:
    """It runs, or is being finished, as the call is."""
    session = s.RecordingSession.resumed(call_over=call_over, talking=True)
    if not call_over:
        assert session.handle(s.CallOver(), NOW) == [s.Finish()]
    assert session.handle(s.Finished(), NOW) == []


def test_what_is_heard_between_two_talks_is_left_out() -> None:
    """A transfer stops the switch's recording and the next party starts it; a late answer changes nothing."""
    session = running()
    assert session.handle(s.TalkEnded(), NOW) == [s.Stop()]
    assert session.handle(s.Started(), NOW) == []
    assert session.handle(s.TalkEnded(), NOW) == []
    later = NOW + s.BETWEEN_TALKS_MS
    assert session.handle(s.TalkBegan(), later) == [s.Start()]
    assert session.handle(s.TalkBegan(), later) == []
    assert session.handle(s.Started(), NOW) == []
    assert session.state is s.RecordingState.RUNNING
    assert session.handle(s.CallOver(), NOW) == [s.Finish()]


def test_a_caller_who_leaves_while_waiting_for_the_next_agent_has_a_recording() -> None:
    """The talk so far is finished, also when a controller that died had paused it."""
    session = running()
    session.handle(s.TalkEnded(), NOW)
    found = s.RecordingSession.resumed(call_over=False, talking=False)
    for paused in (session, found):
        assert paused.next_deadline() is None
        assert paused.handle(s.CallOver(), NOW) == [s.Finish()]


def test_a_start_that_waits_to_be_tried_again_ends_with_the_talk() -> None:
    """Nothing runs, so nothing is stopped; the next talk has the whole patience again."""
    session = s.RecordingSession()
    session.start(NOW)
    session.handle(s.StartFailed("no"), NOW)
    assert session.handle(s.TalkEnded(), NOW) == []
    assert session.handle(s.TalkBegan(), NOW) == [s.Start()]
    session.handle(s.StartFailed("no"), NOW)
    assert session.next_deadline() == NOW + s.START_DELAYS_MS[0]


def test_what_cannot_be_is_an_error() -> None:
    """An absent entry of the table is a defect of whoever told it."""
    with pytest.raises(KeyError):
        s.RecordingSession().handle(s.Finished(), NOW)


def test_the_plan() -> None:
    """Filed by the UTC day of the answer, at the caller's own bandwidth."""
    plan = policy.plan("c1", wideband=True, now=1_763_682_300_000)
    assert plan == policy.RecordingPlan("r-c1", "2025/11/20/c1", True)
    assert policy.plan("c1", wideband=False, now=1_763_683_200_000).path_stem == "2025/11/21/c1"


def test_a_talk_that_follows_at_once_is_recorded_a_moment_later() -> None:
    """Of the party before nothing may be heard any more; a pause meanwhile has nothing to stop."""
    session = running()
    assert session.handle(s.TalkEnded(), NOW) == [s.Stop()]
    assert session.handle(s.TalkBegan(), NOW + 10) == []
    assert session.handle(s.TalkEnded(), NOW + 20) == []
    assert session.handle(s.TalkBegan(), NOW + 30) == []
    due = session.next_deadline()
    assert due == NOW + s.BETWEEN_TALKS_MS
    assert session.handle(s.DeadlineReached(), due) == [s.Start()]
    assert session.handle(s.Started(), due) == []
    assert session.state is s.RecordingState.RUNNING
