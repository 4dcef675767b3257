"""Planning: the questions, their limits, the jobs that answer them, and the process that simulates."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from web_twin import Clock, Twin, arranged_twin

from callcenter.adapters.local_journal import LocalJournal
from callcenter.cli import app
from callcenter.domain import events as e
from callcenter.planning.answering import answered, verdict
from callcenter.planning.arrangement import Arrangement, arranged
from callcenter.planning.jobs import KEPT_MS, MOST_WAITING, Busy, Jobs, NoSuchJob
from callcenter.planning.staffing import Unanswerable, read_arrivals, tried_week
from callcenter.planning.task import Progress, Source, Task, changed
from callcenter.planning.what_if import Shift, spans_of, staffed
from callcenter.planning.worker import ProcessSolver
from callcenter.settings import load_settings
from callcenter.web import wire_planning as wire
from callcenter.web.wire_planning import JobState, WhatIfVerdict
from simulation.confidence import Estimate
from simulation.day_staff import Work, day_plan, tried_day
from simulation.durations import Constant, Exponential
from simulation.forecast import Forecast
from simulation.measures import Measure
from simulation.plan import Plan, Roster
from simulation.staffing import Demand, staff_for

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
"""2026-11-21 12:00 in Shanghai, a Saturday."""
TWO = NOON + timedelta(hours=2)
MINUTE = 60_000
PERIOD = ("--from", "2026-11-21T12:00", "--to", "2026-11-21T14:00")
Q = e.QueueOutcome


def _two_hours() -> list[e.DomainEvent]:
    """Sixty calls from noon on, one agent: half of the callers hang up."""
    noon = round(NOON.timestamp() * 1000)
    events: list[e.DomainEvent] = [e.PresenceChanged(noon - MINUTE, "1001", "ready", "")]
    for number in range(30):
        at = noon + number * 4 * MINUTE + 1000
        call, lost, up, over = f"c{number}", f"d{number}", at + 5000, at + 125_000
        events += [
            e.CallQueued(at, call, "general", at, 0),
            e.OfferMade(up - 3000, call, f"{call}.o", "general", "1001", "leg", {}),
            e.OfferEnded(up, call, f"{call}.o", "general", "1001", "accepted"),
            e.QueueLeft(up, call, "general", Q.ANSWERED, 5000),
            e.AgentReleased(over, call, "1001", "general", 100_000, 20_000),
            e.WrapUpEnded(over + 15_000, call, "1001", "general", 15_000),
            e.CallQueued(at + 1000, lost, "general", at + 1000, 0),
            e.QueueLeft(at + 61_000, lost, "general", Q.ABANDONED, 60_000),
        ]
    events.append(e.PresenceChanged(noon + 130 * MINUTE, "1001", "logged_out", ""))
    return sorted(events, key=lambda event: event.at)


def _written(directory: Path) -> Path:
    journal = LocalJournal(directory)
    journal.recall()
    journal.append(_two_hours())
    journal.close()
    return directory


def _shipped() -> tuple[Arrangement, dict[str, float]]:
    settings = load_settings(ROOT / "config", (), {})
    levels = {name: queue.service_level_target for name, queue in settings.queues.items()}
    return arranged(settings.queues, settings.agents, settings.routing), levels


def _task(journal: Path, **question: Any) -> Task:
    arrangement, levels = _shipped()
    source = Source(journal=journal)
    return Task(arrangement=arrangement, levels=levels, time_zone="Asia/Shanghai", source=source, **question)


def _staffing(**more: Any) -> wire.StaffingRequest:
    return wire.StaffingRequest(since=NOON, until=TWO, queue="general", interval_min=60, **more)


def _what_if(**more: Any) -> wire.WhatIfRequest:
    return wire.WhatIfRequest(since=NOON, until=TWO, replications=5, **more)


async def _answer(task: Task) -> Any:
    return await answered(task, lambda _: None)


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped settings, with the two hours in the journal."""
    monkeypatch.setenv("CALLCENTER__CENTRE__DATA_DIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    return _written(tmp_path / "journal")


async def _told_by(*command: str) -> Any:
    """In a thread: a command has an event loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, app, (*command, "--json"), catch_exceptions=False)
    return json.loads(result.stdout)


# --- the answers -------------------------------------------------------------------------------------------


async def test_staffing_tells_what_the_command_tells(centre: Path) -> None:
    """The formula's agents, loads and level are the command's; the demand is that of queue and past."""
    asked = _staffing(level=0.9, patience_s=60, shrinkage=0.2, replications=5)
    found = await _answer(_task(centre, staffing=asked))
    options = ("--queue", "general", "--interval", "60", "--level", "0.9", "--patience", "60")
    told = await _told_by("staffing", *PERIOD, *options, "--shrinkage", "0.2")
    assert [day.weekday for day in found.days] == list(told["staff"])
    for ours, theirs in zip(found.days[0].intervals, told["staff"]["sat"], strict=True):
        assert (ours.begins, ours.formula_agents, ours.load) == (
            theirs["begins"],
            theirs["agents"],
            theirs["load"],
        )
        assert ours.formula_level == theirs["service_level_abandons_negative"]
    assert (found.handle_s, found.target_s) == (told["demand"]["handle_s"], told["demand"]["target_s"])
    assert set(found.notes) == {wire.PlanningNote.FEW_CALLS, wire.PlanningNote.FEW_WEEKS}


async def test_what_if_tells_what_the_command_tells(centre: Path, tmp_path: Path) -> None:
    """The same change as a field and as another directory of settings: the same figures, exactly."""
    other = tmp_path / "other"
    other.mkdir()
    for path in (ROOT / "config").glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("max_wait_sec: 300", "max_wait_sec: 10")
        (other / path.name).write_text(text, encoding="utf-8")
    told = await _told_by("whatif", *PERIOD, "--config", str(other), "--replications", "5")
    trial = wire.QueueTrial(max_wait_sec=10)
    found = await _answer(_task(centre, what_if=_what_if(queues={"general": trial, "complaints": trial})))
    whole, general = found.scopes
    assert (whole.queue, general.queue) == ("", "general")
    for figure in whole.figures:
        key, scale = figure.key, 1
        if figure.unit == "ms":
            key, scale = figure.key.removesuffix("_ms") + "_s", 1000
        for side, theirs in (("before", told["before"]["total"]), ("after", told["after"]["total"])):
            ours = getattr(figure, side)
            assert (ours and ours.mean) == (theirs[key] and theirs[key]["mean"] * scale)
        apart = told["difference"]["total"][key]
        assert (figure.difference and figure.difference.mean) == (apart and apart["mean"] * scale)
        assert figure.recorded == (
            None if told["recorded"].get(key) is None else told["recorded"][key] * scale
        )
    overflowed = next(figure for figure in whole.figures if figure.key == "overflowed")
    assert overflowed.verdict is WhatIfVerdict.WORSE


async def test_the_same_question_has_the_same_answer(centre: Path) -> None:
    """To the byte; other dice, another one."""
    for kind, asked in (("staffing", _staffing(replications=5)), ("what_if", _what_if(absent=["1002"]))):
        first, again = [await _answer(_task(centre, **{kind: asked})) for _ in range(2)]
        assert first.model_dump_json() == again.model_dump_json()
        assert first.seed == 1
        other = await _answer(_task(centre, **{kind: asked.model_copy(update={"seed": 2})}))
        assert other.seed == 2
        if kind == "staffing":
            assert other.days != first.days


async def test_more_agents_are_known_to_be_better(centre: Path) -> None:
    """Ten who can do everything, in place of the one; and who was away anyway changes nothing."""
    shifts = [wire.ShiftGroup(count=10)]
    found = await _answer(_task(centre, what_if=_what_if(shifts=shifts, all_new=True)))
    figures = {figure.key: figure for figure in found.scopes[0].figures}
    assert figures["abandonment"].verdict is WhatIfVerdict.BETTER
    assert figures["service_level_abandons_negative"].verdict is WhatIfVerdict.BETTER
    assert figures["offered"].verdict is WhatIfVerdict.SAME
    assert figures["occupancy"].verdict is WhatIfVerdict.CHANGED
    away = await _answer(_task(centre, what_if=_what_if(absent=["1002"])))
    assert wire.PlanningNote.NOTHING_KNOWN_CHANGED in away.notes
    assert {figure.verdict for figure in away.scopes[0].figures if figure.difference} == {WhatIfVerdict.SAME}


@pytest.mark.parametrize(
    ("measure", "bounds", "told"),
    [
        (Measure.ASA, (-2.0, -1.0), WhatIfVerdict.BETTER),
        (Measure.ASA, (1.0, 2.0), WhatIfVerdict.WORSE),
        (Measure.SERVICE_LEVEL, (0.01, 0.02), WhatIfVerdict.BETTER),
        (Measure.SERVICE_LEVEL, (-0.01, 0.02), WhatIfVerdict.UNKNOWN),
        (Measure.OCCUPANCY, (0.01, 0.02), WhatIfVerdict.CHANGED),
        (Measure.ABANDONED, (0.0, 0.0), WhatIfVerdict.SAME),
        (Measure.ABANDONED, None, WhatIfVerdict.UNKNOWN),
    ],
)
def test_what_is_known(measure: Measure, bounds: tuple[float, float] | None, told: WhatIfVerdict) -> None:
    """Only a difference whose interval leaves out 0, and which way it is for the better."""
    mean = sum(bounds) / 2 if bounds else 1.0
    assert verdict(measure, Estimate(mean, bounds, bounds)) is told


def test_a_staff_grows_where_it_is_known_to_fall_short() -> None:
    """The formula knows of no ringing: with nine seconds of it, agents are missing, and are added. Nobody is
    needed where nobody calls, and who waits at closing time is served."""
    demand = Demand(120, 10, 0.77)
    calls = (0.0, 300.0, 300.0, 0.0)
    staff = [staff_for(each, demand).agents for each in calls]
    work = Work(Exponential(mean_sec=120), ring=Constant(sec=9))
    quick = tried_day(calls, staff, 60, demand, Work(Exponential(mean_sec=120)), 1, 10)
    slow = tried_day(calls, staff, 60, demand, work, 1, 10)
    assert quick.agents == tuple(staff)
    assert slow.agents[0] == slow.agents[3] == 0
    assert slow.agents[1] > staff[1]
    for expected in slow.intervals[1:3]:
        assert expected.service_level is not None
        assert expected.service_level.ci95 is not None
        assert expected.service_level.ci95[1] >= 0.77
        assert expected.abandonment is not None
        assert expected.abandonment.mean == 0
    assert slow.intervals[0].service_level is None
    assert slow == tried_day(calls, staff, 60, demand, work, 1, 10)


def test_agents_come_and_go_by_the_interval() -> None:
    """The first to come is the last to go; at the end all stay on for one more interval."""
    plan = day_plan((0, 9, 9, 3, 0), (0, 2, 3, 1, 0), 60, Demand(60), Work(Exponential(mean_sec=60)))
    hour = 60 * MINUTE
    assert plan.roster.shifts == {
        "agent-1": ((hour, 5 * hour),),
        "agent-2": ((hour, 3 * hour),),
        "agent-3": ((2 * hour, 3 * hour),),
    }


def test_answer_rate_is_a_target() -> None:
    """With impatient callers more agents are needed to lose fewer of them."""
    loose, tight = Demand(180, 20, 0.5, 30), Demand(180, 20, 0.5, 30, answered=0.98)
    assert staff_for(100, tight).agents > staff_for(100, loose).agents
    assert staff_for(100, tight).state.abandonment <= 0.02


def test_shifts_are_those_of_the_wall_clock() -> None:
    """A night shift began on the day before; one that lasts longer than the time stays to the end."""
    since, until = round(NOON.timestamp() * 1000), round(TWO.timestamp() * 1000)
    hour = 60 * MINUTE
    assert spans_of((13 * 60, 18 * 60), since, until, "Asia/Shanghai") == ((hour, None),)
    assert spans_of((22 * 60, 13 * 60), since, until, "Asia/Shanghai") == ((0, hour),)
    assert spans_of((15 * 60, 18 * 60), since, until, "Asia/Shanghai") == ()
    arrangement, _ = _shipped()
    plan = staffed(
        Plan(arrangement.config(), (), 2 * hour, roster=Roster({"1001": ((0, hour),)})),
        [Shift(2, (720, 780), "1002")],
        since,
        "Asia/Shanghai",
        leaving=["1001"],
        all_new=False,
    )
    assert "1001" not in plan.config.agents
    assert plan.roster.shifts == {"shift-1-1": ((0, hour),), "shift-1-2": ((0, hour),)}
    assert plan.config.agents["shift-1-2"].skills == plan.config.agents["1002"].skills


# --- limits ------------------------------------------------------------------------------------------------


def test_arrivals_are_refused_line_by_line() -> None:
    """What is right is taken, in any order of columns; what is wrong is named with its line."""
    found = read_arrivals("time,weekday,calls\n8:00,Mon,4\n08:15,mon,5\n23:30,sun,1\n", 30)
    assert list(found.calls) == ["mon", "sun"]
    assert (found.calls["mon"][16], found.calls["sun"][47]) == (9.0, 1.0)
    with pytest.raises(Unanswerable, match=r"line 2: no weekday.*line 3: '25:00'.*line 4: calls must be"):
        read_arrivals("weekday,time,calls\nxyz,08:00,1\nmon,25:00,1\nmon,08:00,-1\n", 30)
    for text in ("", "a,b,c\n", "weekday,time,calls\n"):
        with pytest.raises(Unanswerable):
            read_arrivals(text, 30)


def test_what_is_too_much_is_refused() -> None:
    """Before anything is simulated."""
    expected = Forecast(60, {"mon": (100_000.0,) * 24})
    with pytest.raises(Unanswerable, match="more than can be tried"):
        tried_week(expected, Demand(60), Work(Exponential(mean_sec=60)), 1, 20, lambda _: None)


def test_changes_are_judged_as_settings_are() -> None:
    """By name, and by what the Router says of them."""
    arrangement, _ = _shipped()
    for asked, told in (
        (_what_if(queues={"nowhere": wire.QueueTrial(priority=1)}), "no such queue"),
        (_what_if(absent=["9999"]), "no agent '9999'"),
        (_what_if(queues={"general": wire.QueueTrial(strategy="fastest")}), "strategy"),
        (_what_if(call_choice="loudest"), "call_choice"),
    ):
        with pytest.raises(Unanswerable, match=told):
            changed(arrangement, asked)


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    _written(tmp_path / "journal")
    async with Twin(tmp_path).serving() as twin:
        yield twin
        await twin.planning.close()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("staffing", {}, "bad_request"),
        ("staffing", {"since": "2026-01-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}, "bad_request"),
        ("staffing", {"arrivals": "weekday,time,calls\nmon,08:00,9\n"}, "bad_request"),
        ("staffing", {"arrivals": "x", "handle_s": 60}, "bad_arrivals"),
        ("staffing", {"queue": "nowhere", "arrivals": "x", "handle_s": 60}, "bad_request"),
        ("what-if", {"since": NOON.isoformat(), "until": TWO.isoformat()}, "bad_request"),
        (
            "what-if",
            {"since": NOON.isoformat(), "until": TWO.isoformat(), "all_new": True},
            "bad_request",
        ),
        (
            "what-if",
            {"since": NOON.isoformat(), "until": (NOON + timedelta(days=40)).isoformat(), "absent": ["1001"]},
            "bad_request",
        ),
    ],
)
async def test_questions_without_an_answer_are_refused(
    twin: Twin, path: str, body: dict[str, Any], code: str
) -> None:
    """At once, with what to do; nothing waits for them."""
    async with twin.caller("olga") as client, client.post(f"/api/planning/{path}", json=body) as response:
        assert response.status == 422
        told = await response.json()
        assert (told["code"], bool(told["cure"])) == (code, True)


async def test_a_question_over_http(twin: Twin) -> None:
    """The job's id at once; then how far it is, and the answer; nobody knows a job that never was."""
    body = {"since": NOON.isoformat(), "until": TWO.isoformat(), "absent": ["1001"], "replications": 5}
    async with twin.caller("olga") as client:
        async with client.post("/api/planning/what-if", json=body) as response:
            assert response.status == 202, await response.text()
            job = await response.json()
        assert (job["state"], job["what_if"]) == ("waiting", None)
        while job["state"] in {"waiting", "running"}:
            async with client.get(f"/api/planning/jobs/{job['job_id']}") as response:
                job = await response.json()
        assert (job["state"], job["progress"]) == ("done", 1)
        assert job["what_if"]["past_calls"] == 60
        async with client.get("/api/planning/jobs/elsewhere") as response:
            assert response.status == 404
            assert "restart" in (await response.json())["what"]


async def test_the_basis_is_the_last_whole_weeks(twin: Twin) -> None:
    """Up to the last midnight of the centre; with what came, and how the queues are set."""
    day = twin.clock.now - 86_400_000
    for number in range(3):
        call = f"c{number}"
        twin.reports.apply(e.CallQueued(day, call, "general", day, 0))
        twin.reports.apply(e.QueueLeft(day + 9000, call, "general", Q.ABANDONED, 9000))
    async with twin.caller("sue") as client, client.get("/api/planning/basis") as response:
        told = await response.json()
    assert (told["calls"], told["enough_calls"]) == (3, False)
    (queue,) = told["queues"]
    assert (queue["name"], queue["title"], queue["calls"], queue["level"]) == ("general", "综合受理", 3, 0.9)
    assert queue["settings"]["strategy"] == "longest_idle"
    assert queue["settings"]["skills"] == {"zh": 3}
    assert told["agents"][0] == {"agent_id": "1001", "name": "陈晓雯", "skills": {"zh": 5}}
    assert told["until_at"] == "2023-11-14T16:00:00.000Z"
    assert "longest_idle" in told["strategies"]


# --- jobs --------------------------------------------------------------------------------------------------


class Held:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.ended = 0
        self.go = asyncio.Event()
        self.progress: Progress = lambda _: None

    async def solve(self, task: Task, progress: Progress) -> wire.StaffingAnswer | wire.WhatIfAnswer:
        self.asked += 1
        self.progress = progress
        try:
            await self.go.wait()
        finally:
            self.ended += 1
        raise Unanswerable("no_calls", "none", "another time")


def _held() -> tuple[Held, Jobs, Clock, Callable[[], wire.PlanningJob]]:
    solver, clock = Held(), Clock()
    centre = arranged_twin()
    task = Task(
        arrangement=centre.arrangement,
        levels=centre.levels,
        time_zone="UTC",
        source=Source(journal=Path("nowhere")),
        what_if=_what_if(absent=["1001"]),
    )
    jobs = Jobs(solver, clock)
    return solver, jobs, clock, lambda: jobs.ask(task)


async def _until(happens: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happens():
            await asyncio.sleep(0)


async def test_one_at_a_time_and_a_few_wait() -> None:
    """The next one begins when the first ends; too many are refused; each knows its place."""
    solver, jobs, _, ask = _held()
    first = ask()
    await _until(lambda: solver.asked == 1)
    others = [ask() for _ in range(MOST_WAITING)]
    with pytest.raises(Busy):
        ask()
    assert [jobs.told(job.job_id).place for job in others] == [1, 2, 3, 4]
    solver.progress(0.5)
    solver.progress(0.25)
    assert jobs.told(first.job_id).progress == 0.5
    assert solver.asked == 1
    solver.go.set()
    await _until(lambda: jobs.told(others[-1].job_id).state is JobState.FAILED)
    failure = jobs.told(first.job_id).failure
    assert failure is not None
    assert (failure.code, failure.cure) == ("no_calls", "another time")
    assert solver.asked == 1 + MOST_WAITING


async def test_jobs_are_cancelled_at_once() -> None:
    """One that waits is never begun; one that runs is ended, and the next begins."""
    solver, jobs, _, ask = _held()
    running, waiting, last = ask(), ask(), ask()
    await _until(lambda: solver.asked == 1)
    assert jobs.cancel(waiting.job_id).state is JobState.CANCELLED
    assert jobs.cancel(running.job_id).state is JobState.CANCELLED
    await _until(lambda: solver.asked == 2)
    assert solver.ended == 1
    assert jobs.told(last.job_id).state is JobState.RUNNING
    await jobs.close()
    assert solver.ended == 2
    assert jobs.cancel(running.job_id).state is JobState.CANCELLED


async def test_answers_are_kept_for_a_time() -> None:
    """Then nobody knows the job."""
    solver, jobs, clock, ask = _held()
    solver.go.set()
    job = ask()
    await _until(lambda: jobs.told(job.job_id).state is JobState.FAILED)
    clock.now += KEPT_MS
    assert jobs.told(job.job_id).state is JobState.FAILED
    clock.now += 1
    with pytest.raises(NoSuchJob):
        jobs.told(job.job_id)


# --- the process -------------------------------------------------------------------------------------------


def _children() -> set[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(map(int, path.read_text(encoding="ascii").split()))


async def test_a_process_of_its_own_answers_the_same(centre: Path) -> None:
    """Whatever is asked goes there and comes back whole; what cannot be answered comes with its cure."""
    task = _task(centre, what_if=_what_if(queues={"general": wire.QueueTrial(strategy="fewest_calls")}))
    seen: list[float] = []
    assert await ProcessSolver().solve(task, seen.append) == await _answer(task)
    assert seen == sorted(seen)
    empty = _what_if(absent=["1001"]).model_copy(update={"since": NOON + timedelta(days=9), "until": TWO})
    with pytest.raises(Unanswerable, match="No call was queued"):
        await ProcessSolver().solve(_task(centre, what_if=empty), seen.append)


async def test_a_cancelled_process_is_gone(centre: Path) -> None:
    """It had the lowest priority, and nobody waits for it."""
    asked = wire.StaffingRequest(
        arrivals="weekday,time,calls\n" + "".join(f"mon,{hour:02}:00,900\n" for hour in range(24)),
        handle_s=120,
        replications=50,
        interval_min=60,
    )
    before, began = _children(), asyncio.Event()
    solving = asyncio.create_task(ProcessSolver().solve(_task(centre, staffing=asked), lambda _: began.set()))
    async with asyncio.timeout(30):
        await began.wait()
    (pid,) = _children() - before
    assert os.getpriority(os.PRIO_PROCESS, pid) == 19
    solving.cancel()
    await asyncio.wait({solving})
    assert solving.cancelled()
    assert pid not in _children()


def test_the_process_ends_with_whoever_asked(centre: Path) -> None:
    """A controller that is killed leaves nobody behind."""
    asked = wire.StaffingRequest(
        arrivals="weekday,time,calls\nmon,08:00,20000\n", handle_s=120, replications=50, interval_min=60
    )
    command = [sys.executable, "-m", "callcenter.planning.worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(_task(centre, staffing=asked).model_dump_json().encode() + b"\n")
        process.stdin.flush()
        assert b"progress" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(10) == 1
