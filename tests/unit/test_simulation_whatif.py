"""Past calls out of the journal, and the commands that plan with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from acd.model import AcdConfig, AgentConfig, QueueConfig
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.cli import Failure, app
from callcenter.cli.replications import run_study
from callcenter.domain import events as e
from callcenter.recorded_calls import RecordedCalls, requests
from simulation.arrivals import DAY_MS
from simulation.durations import Constant
from simulation.one_queue import one_queue
from simulation.plan import Roster
from simulation.run import run
from simulation.study import study
from simulation.whatif import PastCall, change, past_plan, sources_of, with_agents

ROOT = Path(__file__).parents[2]
NOON = 1_795_233_600_000
"""2026-11-21 12:00 in Shanghai, a Saturday."""
MINUTE = 60_000
Q = e.QueueOutcome


def _life(call_id: str, at: int, wait_s: int, talk_s: int = 120) -> list[e.DomainEvent]:
    answered, ended = at + wait_s * 1000, at + (wait_s + talk_s) * 1000
    return [
        e.CallQueued(at, call_id, "general", at, 0),
        e.OfferMade(answered - 3000, call_id, f"{call_id}.o1", "general", "1001", "leg", {}),
        e.OfferEnded(answered, call_id, f"{call_id}.o1", "general", "1001", "accepted"),
        e.QueueLeft(answered, call_id, "general", Q.ANSWERED, wait_s * 1000),
        e.AgentReleased(ended, call_id, "1001", "general", (talk_s - 20) * 1000, 20_000),
        e.WrapUpEnded(ended + 15_000, call_id, "1001", "general", 15_000),
    ]


def _abandoned(call_id: str, at: int, wait_s: int) -> list[e.DomainEvent]:
    left = e.QueueLeft(at + wait_s * 1000, call_id, "general", Q.ABANDONED, wait_s * 1000)
    return [e.CallQueued(at, call_id, "general", at, 0), left]


def _two_hours() -> list[e.DomainEvent]:
    """Sixty calls from noon on, one agent: half of the callers hang up."""
    events: list[e.DomainEvent] = [e.PresenceChanged(NOON - MINUTE, "1001", "ready", "")]
    for index in range(30):
        at = NOON + index * 4 * MINUTE
        events += _life(f"c{index}", at + 1000, wait_s=5)
        events += _abandoned(f"d{index}", at + 2000, wait_s=60)
    events.append(e.PresenceChanged(NOON + 130 * MINUTE, "1001", "logged_out", ""))
    return sorted(events, key=lambda event: event.at)


def _folded(events: Iterable[e.DomainEvent]) -> RecordedCalls:
    past = RecordedCalls()
    for event in events:
        past.apply(event)
    return past


def test_recorded_calls_tell_wait_handling_and_outcome() -> None:
    """Talk with hold, then wrap-up, and how long the phone rang."""
    past = _folded(_two_hours())
    first, second = past.calls[:2]
    assert (first.wait_ms, first.outcome, first.talk_ms, first.handle_ms) == (
        5000,
        Q.ANSWERED,
        120_000,
        135_000,
    )
    assert (second.wait_ms, second.outcome, second.handle_ms) == (60_000, Q.ABANDONED, None)
    assert set(past.rings_ms) == {3000}
    assert len(past.calls) == 60


def test_attendance_is_what_lies_in_the_period() -> None:
    """Work that began before counts from the beginning on; pauses are no work."""
    past = RecordedCalls()
    past.begin({"1001": "ready", "1002": "not_ready"}, 0)
    past.apply(e.PresenceChanged(50, "1001", "not_ready", "meal"))
    past.apply(e.PresenceChanged(70, "1001", "ready", ""))
    past.apply(e.PresenceChanged(75, "1001", "on_call", ""))
    past.apply(e.PresenceChanged(500, "1002", "ready", ""))
    assert past.attendance(10, 100) == {"1001": ((10, 50), (70, 100))}


def test_who_is_first_heard_of_with_a_call_was_at_work_before() -> None:
    """Where the events begin in the middle and no snapshot tells who was there."""
    past = RecordedCalls()
    past.begin({"1003": "not_ready"}, 0)
    for agent_id, presence in (("1001", "offered"), ("1002", "ready"), ("1003", "offered")):
        past.apply(e.PresenceChanged(60, agent_id, presence, ""))
    assert past.attendance(10, 100) == {"1001": ((10, 100),), "1002": ((60, 100),), "1003": ((60, 100),)}


def test_a_call_that_moves_on_is_one_request() -> None:
    """It stands in its first queue, with the end that it had in the last."""
    events = [
        e.CallQueued(100, "c", "complaints", 100, 1, {"complaints": 3}),
        e.QueueLeft(400, "c", "complaints", Q.OVERFLOW_TIMEOUT, 300),
        e.CallQueued(400, "c", "general", 100, 1),
        e.QueueLeft(900, "c", "general", Q.ANSWERED, 800),
        e.AgentReleased(2000, "c", "1001", "general", 1100, 0),
    ]
    past = _folded(events)
    assert [call.queue for call in past.calls] == ["complaints", "general"]
    (call,) = requests(past.calls)
    assert (call.queue, call.wait_ms, call.outcome, call.talk_ms) == ("complaints", 800, Q.ANSWERED, 1100)
    assert past.calls[0].outcome is Q.OVERFLOW_TIMEOUT


def test_a_wrap_up_is_that_of_the_agent_whatever_became_of_the_caller() -> None:
    """The first agent's ends when the caller waits in another queue already; the second one needs none."""
    events = [
        e.CallQueued(0, "c", "general", 0, 0),
        e.QueueLeft(5, "c", "general", Q.ANSWERED, 5),
        e.AgentReleased(100, "c", "1001", "general", 95, 0),
        e.PresenceChanged(100, "1001", "wrap_up", "", "c"),
        e.CallQueued(100, "c", "complaints", 100, 0),
        e.WrapUpEnded(140, "c", "1001", "general", 40),
        e.PresenceChanged(140, "1001", "ready", ""),
        e.QueueLeft(150, "c", "complaints", Q.ANSWERED, 50),
        e.AgentReleased(300, "c", "1002", "complaints", 150, 0),
        e.PresenceChanged(300, "1002", "logged_out", ""),
        e.CallQueued(400, "d", "general", 400, 0),
        e.QueueLeft(410, "d", "general", Q.ANSWERED, 10),
        e.AgentReleased(500, "d", "1001", "general", 90, 0),
        e.PresenceChanged(500, "1001", "wrap_up", "", "d"),
    ]
    calls = _folded(events).calls
    assert [(call.talk_ms, call.wrap_up_ms) for call in calls] == [(95, 40), (150, 0), (90, None)]
    assert [call.handle_ms for call in calls] == [135, 150, None]


def _handle_times(calls: list[PastCall], **queue: int) -> list[int]:
    config = AcdConfig("v", {"q": QueueConfig("q", **({"wrap_up_sec": 20} | queue))}, {"a": AgentConfig("a")})
    plan = past_plan(calls, config, Roster(), {}, Constant(sec=0), 0, 3_000_000)
    return run(plan, 1, 0).handle_ms.tolist()


def test_recorded_wrap_ups_are_simulated() -> None:
    """Cut short or extended as it was, within what the queue allows; drawn for those whom nobody served;
    the queue's own where none was ever recorded."""
    served = [PastCall(0, "q", 0, False, 60_000, 9_000), PastCall(200_000, "q", 0, False, 60_000, 45_500)]
    lost = PastCall(400_000, "q", 90_000, True)
    assert _handle_times(served) == [69_000, 105_500]
    assert _handle_times(served, wrap_up_max_sec=30) == [69_000, 90_000]
    assert _handle_times([*served, lost])[2] in (69_000, 105_500)
    assert _handle_times([PastCall(0, "q", 0, False, 60_000)]) == [80_000]


def test_patience_is_estimated_with_those_who_were_answered() -> None:
    """Two hang-ups in 100 s of waiting: 50 s on average."""
    calls = [
        PastCall(0, "q", 30_000, True),
        PastCall(1, "q", 30_000, True),
        PastCall(2, "q", 40_000, False, 9000),
    ]
    (source,) = sources_of(calls, 0)
    assert source.patience_mean_ms == 50_000
    assert source.talks_ms.tolist() == [9000]
    assert sources_of(calls[2:], 0)[0].patience_mean_ms is None


def test_more_agents_change_what_was() -> None:
    """The same callers in both, and fewer of them hang up."""
    calls = [PastCall(index * 30_000, "q", 20_000, index % 3 == 0, 60_000) for index in range(100)]
    config = AcdConfig("v", {"q": QueueConfig("q", wrap_up_sec=0)}, {"a": AgentConfig("a")})
    before = past_plan(calls, config, Roster(), {}, Constant(sec=0), 0, 3_000_000)
    found = change(study(before, 1, 4), study(with_agents(before, 5), 1, 4))
    abandoned = found.total["abandoned"]
    assert abandoned is not None
    assert abandoned.mean < 0
    assert abandoned.ci99 is not None
    assert abandoned.ci99[1] < 0
    assert found.total["offered"] is not None
    assert found.total["offered"].mean == 0


# --- the commands ---------------------------------------------------------------------------------------


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped settings, with the two hours in the journal."""
    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    journal = LocalJournal(tmp_path / "journal")
    journal.recall()
    journal.append(_two_hours())
    journal.close()
    return tmp_path


def _output(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def _json(*arguments: str) -> Any:
    return json.loads(_output(*arguments, "--json"))


PERIOD = ("--from", "2026-11-21T12:00", "--to", "2026-11-21T14:00")


def test_simulate_short_form(centre: Path) -> None:
    """The figures with their intervals, beside the theory; the same seed gives the same bytes."""
    command = ("simulate", "--erlang", "load=2,agents=3,aht=60,target=20", "--hours", "2", "--json")
    text = _output(*command, "--replications", "3")
    found = json.loads(text)
    for key in ("service_level", "asa_s", "wait_probability", "abandonment", "occupancy"):
        assert set(found[key]) == {"mean", "ci95", "ci99"}
        assert found[key]["ci99"][0] <= found[key]["mean"] <= found[key]["ci99"][1]
    assert found["theory"]["wait_probability"] == pytest.approx(4 / 9)
    assert _output(*command, "--replications", "3") == text
    assert _output(*command, "--replications", "3", "--seed", "2") != text


def test_simulate_scenario(centre: Path) -> None:
    """As JSON by queue, and as a table."""
    path = "config/scenarios/hotline_day.yaml"
    found = _json("simulate", path, "--replications", "2", "--hours", "1")
    assert set(found["queues"]) == {"general", "complaints"}
    assert found["replications"] == 2
    assert "service_level" in _output("simulate", path, "--replications", "2", "--hours", "1")


def test_scenario_with_recorded_arrivals(centre: Path, tmp_path: Path) -> None:
    """The sixty calls of the journal, at the times of day at which they came: half of them in each hour."""
    path = tmp_path / "past.yaml"
    path.write_text(
        "{begins: '13:00', hours: 1, agents: {a: {count: 3, skills: {mandarin: 9}}}, calls: {general: "
        "{arrivals: {kind: recorded, since: 2026-11-21T12:00, until: 2026-11-21T14:00}, "
        "talk: {kind: constant, sec: 60}}}}",
        encoding="utf-8",
    )
    found = _json("simulate", str(path), "--replications", "2")["queues"]["general"]
    assert found["offered"] == {"mean": 30.0, "ci95": [30.0, 30.0], "ci99": [30.0, 30.0]}
    assert found["answered"]["mean"] == 30


def test_whatif_shows_both_sides(centre: Path) -> None:
    """What was, the same simulated, and with five agents nobody hangs up."""
    found = _json("whatif", *PERIOD, "--agents", "5", "--replications", "3")
    assert (found["recorded"]["offered"], found["recorded"]["abandoned"]) == (60, 30)
    before, after = found["before"]["total"], found["after"]["total"]
    assert before["offered"]["mean"] == after["offered"]["mean"] == 60
    assert before["abandoned"]["mean"] > after["abandoned"]["mean"]
    assert found["difference"]["total"]["abandoned"]["mean"] < 0
    table = _output(
        "whatif", *PERIOD, "--scenario", "config/scenarios/hotline_day.yaml", "--replications", "2"
    )
    assert "difference" in table


def test_whatif_with_a_scenario_that_lacks_a_queue_and_closes_another(centre: Path, tmp_path: Path) -> None:
    """Its hours are those of the centre's wall clock; calls of the queue that it lacks are left out."""
    path = tmp_path / "closed.yaml"
    for queue, offered, overflowed in (("general", 60, 30), ("other", 0, 0)):
        path.write_text(
            f"queues: {{{queue}: {{opening_hours: ['12:00-13:00']}}}}\nagents: {{a: {{count: 3}}}}\n"
            f"calls: {{{queue}: {{arrivals: {{kind: list, at_sec: []}}, talk: {{kind: constant, sec: 9}}}}}}",
            encoding="utf-8",
        )
        after = _json("whatif", *PERIOD, "--scenario", str(path), "--replications", "2")["after"]["total"]
        assert (after["offered"]["mean"], after["overflowed"]["mean"]) == (offered, overflowed)


def test_whatif_with_other_settings(centre: Path, tmp_path: Path) -> None:
    """A directory of settings: here nobody may wait for longer than a second."""
    other = tmp_path / "other"
    other.mkdir()
    for path in (ROOT / "config").glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("max_wait_sec: 300", "max_wait_sec: 1")
        (other / path.name).write_text(text, encoding="utf-8")
    found = _json("whatif", *PERIOD, "--config", str(other), "--replications", "2")
    assert found["difference"]["queues"]["general"]["overflowed"]["mean"] > 0


def test_staffing_from_the_journal(centre: Path, tmp_path: Path) -> None:
    """Thirty calls an hour for 135 s on a Saturday at noon, with a picture."""
    plot = tmp_path / "staff.svg"
    command = ("staffing", *PERIOD, "--queue", "general", "--interval", "60", "--plot", str(plot))
    found = _json(*command, "--level", "0.9")
    assert found["demand"]["handle_s"] == 135
    assert found["demand"]["target_s"] == 15
    noon = found["staff"]["sat"][12]
    assert (noon["begins"], noon["calls_per_hour"]) == ("12:00", 30.0)
    assert noon["agents"] == 3
    first = plot.read_bytes()
    assert b"agents to schedule" in first
    assert "12:00" in _output(*command)
    _output(*command, "--level", "0.9")
    assert plot.read_bytes() == first


def test_staffing_for_one_load(centre: Path) -> None:
    """235 calls an hour need 15 agents, with impatient callers fewer."""
    assert _json("staffing", "--calls", "235", "--aht", "180")["agents"] == 15
    assert _json("staffing", "--calls", "235", "--aht", "180", "--patience", "60")["agents"] < 15
    assert "80.31%" in _output("staffing", "--calls", "235", "--aht", "180")


def test_processes_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replications in processes of their own give the Study that one process gives."""
    plan = one_queue("load=2,agents=3,aht=60").plan(hours=1)
    monkeypatch.setattr("callcenter.cli.replications.WORTH_A_PROCESS_S", 0.0)
    assert run_study(plan, 7, 3, "title") == study(plan, 7, 3)


def test_what_the_local_journal_lacks_comes_from_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a journal on this disk, the events are asked of the database that the settings name."""

    async def stored(
        _: PostgresJournalStore, kinds: Sequence[str], span: tuple[int, int]
    ) -> AsyncIterator[tuple[int, e.DomainEvent]]:
        assert span == (NOON - DAY_MS, NOON + 120 * MINUTE + DAY_MS)
        for seq, event in enumerate(_two_hours()):
            assert type(event).__name__ in kinds
            yield seq, event

    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CALLCENTER__SERVICES__DATABASE_URL", "postgresql://nowhere/calls")
    monkeypatch.setattr(PostgresJournalStore, "read", stored)
    monkeypatch.chdir(ROOT)
    assert _json("staffing", *PERIOD, "--interval", "60")["staff"]["sat"][12]["calls_per_hour"] == 30.0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("simulate",), "what to simulate\\? -> give a scenario file, or --erlang"),
        (("simulate", "--erlang", "load=1"), "agents is missing; aht is missing -> write it as load=10"),
        (("staffing",), "what load\\? -> give one of --calls"),
        (("staffing", "--calls", "9"), "how long calls are handled -> give --aht"),
        (("staffing", "--calls", "9", "--aht", "60", "--level", "2"), "level must be above 0 and below 1 ->"),
        (("staffing", "--calls", "9", "--queue", "genral"), "no queue 'genral'; did you mean 'general'"),
        (("staffing", "--from", "2026-11-21"), "a beginning and an end -> give --from and --to"),
        (("staffing", *PERIOD, "--plot", "a.gif"), "no picture of this kind -> name it"),
        (("staffing", "--calls", "9", "--aht", "60", "--plot", "a.svg"), "is one load -> give --forecast"),
        (("staffing", *PERIOD, "--interval", "7"), "7 min does not divide a day ->"),
        (("whatif", *PERIOD), "nothing is changed -> give --config, --agents or --scenario"),
        (("whatif", *PERIOD, "--agents", "1", "--scenario", "x"), "both change the agents -> give one"),
        (("whatif", "--from", "noon", "--to", "x", "--agents", "1"), "--from noon: no date or time -> write"),
        (("whatif", *PERIOD[2:], "--from", "2026-11-22", "--agents", "1"), "--to must be after --from ->"),
        (
            ("whatif", "--from", "2020-01-01", "--to", "2020-01-02", "--agents", "1"),
            "no call was queued in that time -> choose another --from and --to",
        ),
    ],
)
def test_failures_come_with_their_cure(centre: Path, arguments: tuple[str, ...], told: str) -> None:
    """One line each."""
    with pytest.raises(Failure, match=told):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_a_scenario_that_is_not_there(centre: Path) -> None:
    """The command as people run it: told with its name, status 1, no traceback."""
    command = [sys.executable, "-m", "callcenter", "simulate", "nowhere.yaml"]
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ, cwd=ROOT, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "nowhere.yaml:1:1: cannot be read: No such file or directory\n"
