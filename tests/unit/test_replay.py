"""Replay: a busy hour decides itself again to the byte, a change in the record is found, and other settings
show what they would have changed."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from busy_hour import NOON, BusyHour, acd_config, busy_hour, centre_config
from embedded_stores import EmbeddedStores

from acd.codec import command_to_dict, config_to_dict
from acd.commands import OverflowCall
from callcenter.adapters.journal_segments import events_since
from callcenter.adapters.local_journal import LocalJournal
from callcenter.adapters.postgres.journal_store import PostgresJournalStore
from callcenter.adapters.postgres.pool import Database
from callcenter.cli.failure import Failure
from callcenter.cli.replaying import replay_journal
from callcenter.controller import memory
from callcenter.domain import events as e
from callcenter.domain.codec import decode_line, journal_entries
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.places import Places
from callcenter.replay.change import changed_by
from callcenter.replay.comparison import Comparison, Difference, NotReplayable
from callcenter.replay.history import wrong_in
from callcenter.replay.span import Span
from callcenter.settings import load_settings

ROOT = Path(__file__).parents[2]
SETTINGS = load_settings(ROOT / "config")
POLICY = KpiPolicy({TOTAL: 20_000})


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a busy hour."""
    data = tmp_path_factory.mktemp("busy")
    busy_hour(data / "journal")
    return data


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a quieter half hour under one configuration."""
    data = tmp_path_factory.mktemp("quiet")
    half = BusyHour(data / "journal", acd_config(), seed=3)
    half.staff()
    half.callers(900, 1800)
    half.pauses(40, 1800)
    half.run(1700)
    half.end()
    return data


def replay(data: Path, *args: str | None) -> int:
    """The command's own code; ``args``: from, to."""
    begin, end = (*args, None, None)[:2]
    return asyncio.run(replay_journal(SETTINGS, Places(data), begin, end, None))


def span_of(data: Path, since: int | None = None) -> Span:
    """All of a journal that is identical to its replay."""
    found = events_since(data / "journal", since)
    assert found is not None
    span = Span(found[0], since, keep=True)
    assert [span.take(*event) for event in found[1]].count(None) > 0
    assert span.finish() is None
    return span


def events_of(data: Path) -> list[e.DomainEvent]:
    found = events_since(data / "journal", None)
    assert found is not None
    return [event for _, event in found[1]]


def changed(data: Path, to: Path, change: Callable[[dict[str, Any]], bool]) -> Path:
    """A copy of the data directory in which ``change`` has changed one record."""
    shutil.copytree(data / "journal", to / "journal")
    done = False
    for path in sorted((to / "journal").glob("*.jsonl")):
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        for line in lines:
            done = done or ("kind" in line and change(line))
        path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    assert done
    return to


def snapshot_of(data: Path) -> dict[str, Any]:
    """The part of a journal's snapshot that a Router begins with."""
    router = span_of(data).router()
    return {"acd": config_to_dict(router.config), "router": router.snapshot()}


# --- identical ---------------------------------------------------------------------------------------------


def test_the_busy_hour_is_one(hour: Path) -> None:
    """It has everything in it that a Router meets."""
    events = events_of(hour)
    kinds = Counter(type(event) for event in events)
    assert kinds[e.CallArrived] >= 2000
    assert kinds[e.CentreStarted] == 2
    ends = Counter(event.end for event in events if isinstance(event, e.OfferEnded))
    assert min(ends[end] for end in ("accepted", "declined", "expired", "revoked", "busy")) > 20
    outcomes = Counter(event.outcome for event in events if isinstance(event, e.QueueLeft))
    assert min(outcomes[e.QueueOutcome.OVERFLOW_TIMEOUT], outcomes[e.QueueOutcome.OVERFLOW_FULL]) > 20
    told = Counter(event.event["kind"] for event in events if isinstance(event, e.RoutingInput))
    assert told["config_changed"] == 2
    assert min(told["agent_paused"], told["agent_released"], told["wrap_up_ended"]) > 50
    snapshots = [path.read_bytes()[:11] for path in sorted((hour / "journal").glob("*.jsonl"))]
    assert snapshots == [b'{"seq":1,"k', b'{"snapshot"']


def test_a_busy_hour_holds_together(hour: Path) -> None:
    """The checker of histories finds nothing in it."""
    read = events_since(hour / "journal", None)
    assert read is not None
    assert wrong_in(event for _, event in read[1]) == []


def test_a_busy_hour_replays_identically(hour: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Over a snapshot, a death of the controller and a change of the settings."""
    assert replay(hour) == 0
    inputs = sum(isinstance(event, e.RoutingInput) for event in events_of(hour))
    decisions = sum(isinstance(event, e.OfferMade) for event in events_of(hour))
    assert capsys.readouterr().out == f"{inputs:,} inputs, {decisions:,} decisions: identical\n"


def test_a_span_begins_at_the_snapshot_before_it(hour: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the inputs of the span are counted; without the first segment it comes out the same."""
    assert replay(hour, "2025-11-21T12:40", "2025-11-21T12:50:00+08:00") == 0
    told = capsys.readouterr().out
    assert 0 < int(told.split()[0].replace(",", "")) < 3000
    cut = hour.parent / "cut"
    shutil.copytree(hour / "journal", cut / "journal")
    min((cut / "journal").glob("*.jsonl")).unlink()
    assert replay(cut, "2025-11-21T12:40", "2025-11-21T12:50") == 0
    assert capsys.readouterr().out == told


@pytest.mark.integration
async def test_what_the_database_holds_replays_too(
    hour: Path, tmp_path: Path, stores: EmbeddedStores, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no local journal left; the keys of its JSON stand in another order."""
    url = await stores.new_database()
    database = Database(url)
    found = events_since(hour / "journal", None)
    assert found is not None
    entries = journal_entries(1, [event for _, event in found[1]])
    for first in range(0, len(entries), 5_000):
        await PostgresJournalStore(database).ship(entries[first : first + 5_000])
    await database.close()
    services = SETTINGS.services.model_copy(update={"database_url": url})
    settings = SETTINGS.model_copy(update={"services": services})
    assert await replay_journal(settings, Places(tmp_path), None, None, None) == 0
    inputs = sum(isinstance(entry.event, e.RoutingInput) for entry in entries)
    assert capsys.readouterr().out.startswith(f"{inputs:,} inputs, ")


def test_recovery_is_replay(hour: Path) -> None:
    """The Router of a restarted controller is the one that the replay ends with."""
    copy = hour.parent / "recovered"
    shutil.copytree(hour / "journal", copy)
    journal = LocalJournal(copy)
    centre = memory.remembered(centre_config(acd_config()), journal.recall())
    journal.close()
    found = events_since(hour / "journal", None)
    assert found is not None
    comparison = Comparison()
    assert not any(comparison.take(*event) for event in found[1])
    assert comparison.finish() is None
    assert centre.queueing.router.snapshot() == comparison.router.snapshot()


DIGEST = """
import hashlib, sys
from pathlib import Path
import orjson
from acd.codec import command_to_dict
from acd.replay import begun, retold
from callcenter.adapters.journal_segments import events_since
from callcenter.domain.events import RoutingInput
snapshot, events = events_since(Path(sys.argv[1]), None)
router, digest = begun(), hashlib.sha256()
for _, event in events:
    if isinstance(event, RoutingInput):
        for command in retold(router, event.event, event.at):
            digest.update(orjson.dumps(command_to_dict(command)))
print(digest.hexdigest())
"""


def test_the_hash_seed_of_the_process_does_not_matter(quiet: Path) -> None:
    """Two processes that hash differently decide the same bytes."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST, str(quiet / "journal")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


# --- different ---------------------------------------------------------------------------------------------


def other_agent(line: dict[str, Any]) -> bool:
    """The hundredth call was offered to somebody else, says the record."""
    if line["kind"] != "OfferMade" or line["data"]["call_id"] != "ccaller-100":
        return False
    line["data"]["agent_id"] = line["data"]["decision"]["agent_id"] = "9999"
    return True


def other_reason(line: dict[str, Any]) -> bool:
    """The agent is the same; one score in the reasons is not."""
    if line["kind"] != "OfferMade" or line["data"]["call_id"] != "ccaller-100":
        return False
    line["data"]["decision"]["candidates"][0][1][0] += 1
    return True


def test_a_tampered_decision_is_told(quiet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the input, and both decisions in words."""
    assert replay(changed(quiet, tmp_path, other_agent)) == 1
    told = capsys.readouterr().out
    assert told.startswith("not identical: event ")
    recorded, replayed = told.split("replayed:")
    assert "was offered to agent 9999" in recorded
    assert "Call ccaller-100 of queue" in replayed
    assert "9999" not in replayed


def test_a_tampered_reason_is_told(quiet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every byte of a Decision counts."""
    assert replay(changed(quiet, tmp_path, other_reason)) == 1
    assert "could take it, chosen by" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("OfferMade", "expires_at", 1),
        ("OfferEnded", "end", "busy"),
        ("PresenceChanged", "until_at", 5),
        ("QueueLeft", "overflow", {"reason": "full", "kind": "hang_up", "name": ""}),
    ],
)
def test_every_command_is_compared(
    hour: Path, tmp_path: Path, kind: str, field: str, value: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A single field of any of them."""

    def change(line: dict[str, Any]) -> bool:
        data = line["data"]
        if line["kind"] != kind or data[field] == value or data.get("overflow", data) is None:
            return False
        data[field] = value
        return True

    assert replay(changed(hour, tmp_path, change)) == 1
    told = capsys.readouterr().out
    assert ("target {'kind': 'hang_up', 'name': ''}" if field == "overflow" else f"{field} {value}") in told


def test_commands_of_every_kind_leave_a_fact(hour: Path) -> None:
    """The hour has them; were one without its fact, the hour would not be identical."""
    span = span_of(hour)
    kinds = {command_to_dict(command)["kind"] for told in span.inputs for command in told.commands}
    assert kinds >= {"make_offer", "end_offer", "overflow_call", "change_presence", "note_waiting"}
    assert any(isinstance(command, OverflowCall) for told in span.inputs for command in told.commands)


def compare(events: list[tuple[int, e.DomainEvent]]) -> Difference | None:
    """The first difference of these events."""
    comparison = Comparison()
    for seq, event in events:
        if (difference := comparison.take(seq, event)) is not None:
            return difference
    return comparison.finish()


def test_a_lost_fact_is_told_unless_the_power_took_it(quiet: Path) -> None:
    """Facts of the last input may be missing where the controller died; nowhere else."""
    lines = min((quiet / "journal").glob("*.jsonl")).read_bytes().splitlines()
    events = [decode_line(line) for line in lines]
    at = max(index for index, (_, event) in enumerate(events) if isinstance(event, e.OfferMade))
    assert compare(events[:at]) is None
    seq, made = events[at]
    restarted = [*events[:at], (seq, e.CentreStarted(made.at, "v1"))]
    assert compare(restarted) is None
    ended = e.RoutingInput(made.at, {"kind": "queue_opened", "queue": "vip"})
    difference = compare([*restarted, (seq + 1, ended)])
    assert difference is None
    difference = compare([*events[:at], (seq, ended)])
    assert difference is not None
    assert difference.recorded is None
    assert difference.replayed is not None
    assert difference.replayed["kind"] == "make_offer"


def test_an_older_journal_is_compared_by_what_it_has(quiet: Path, tmp_path: Path) -> None:
    """A record that lacks fields of today is still identical."""

    def older(line: bytes) -> bytes:
        record = orjson.loads(line)
        for field in ("expires_at", "overflow"):
            record["data"].pop(field, None)
        record["data"].get("decision", {}).pop("competing_count", None)
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)

    (tmp_path / "journal").mkdir()
    (segment,) = (quiet / "journal").glob("*.jsonl")
    lines = segment.read_bytes().splitlines()
    (tmp_path / "journal" / segment.name).write_bytes(b"".join(map(older, lines)))
    assert replay(tmp_path) == 0


def test_what_cannot_be_replayed_is_told(quiet: Path, tmp_path: Path) -> None:
    """No journal, none in that time, no time at all, no beginning."""
    with pytest.raises(Failure, match=r"no journal .* -> set centre\.data_dir"):
        replay(tmp_path)
    with pytest.raises(Failure, match=r"told nothing in that time -> choose"):
        replay(quiet, "2031-01-01T00:00")
    with pytest.raises(Failure, match=r"--to noon: no date or time -> write it as 2026-11-02"):
        replay(quiet, None, "noon")
    with pytest.raises(NotReplayable, match="begins in the middle"):
        compare([(7, e.RoutingInput(1, {"kind": "deadline_reached"}))])
    comparison = Comparison(snapshot_of(quiet))
    comparison.take(8, e.RoutingInput(1, {"kind": "call_left"}))
    with pytest.raises(NotReplayable, match=r"event 8 \(call_left\) has no 'call_id': .* another release"):
        comparison.finish()


# --- other settings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("since", [None, NOON + 900_000])
def test_the_same_settings_change_nothing(quiet: Path, since: int | None) -> None:
    """What is imagined under the settings of the record is the record, to the call and to the millisecond."""
    change = changed_by(acd_config("another name"), span_of(quiet, since), POLICY)
    assert change.recorded.endings == change.imagined.endings
    assert len(change.recorded.endings) > 300
    assert change.changed == []


def test_fewer_agents_mean_longer_waits(quiet: Path) -> None:
    """Other settings change waits, outcomes and agents; the calls stay the same."""
    change = changed_by(acd_config("v2", agents=35), span_of(quiet), POLICY)
    then, now = (account.figures(None, change.ends_at) for account in (change.recorded, change.imagined))
    assert change.recorded.endings.keys() == change.imagined.endings.keys()
    assert (now["asa_ms"].value or 0) > 2 * (then["asa_ms"].value or 0)
    assert (now["service_level"].value or 1) < (then["service_level"].value or 0)
    assert len(change.changed) > 100


def test_a_queue_that_is_gone_refuses_its_calls(quiet: Path) -> None:
    """They are told as such, and nothing else breaks."""
    config = acd_config("v2")
    del config.queues["vip"]  # type: ignore[attr-defined]
    change = changed_by(config, span_of(quiet), POLICY)
    assert change.imagined.figures("vip", change.ends_at)["answered"].value == 0
    assert change.recorded.figures("vip", change.ends_at)["answered"].value


def test_a_change_is_shown_side_by_side(
    quiet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command reads other settings and tells figures and calls of both."""
    agents = "".join(f"  '{1001 + number}': {{name: n, skills: {{complaints: 5}}}}\n" for number in range(30))
    (tmp_path / "new.yaml").write_text(
        "any_number: {flow: general, language: zh}\nskills: {complaints: c}\n"
        f"agents:\n{agents}"
        "queues:\n"
        + "".join(
            f"  {queue}: {{title: t, category: c, answer_within_sec: 20}}\n"
            for queue in ("general", "complaints", "vip", "korean")
        ),
        encoding="utf-8",
    )
    assert asyncio.run(replay_journal(SETTINGS, Places(quiet), None, None, tmp_path)) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].endswith("decisions: identical")
    assert told[1].split() == [
        "queue",
        "calls",
        "answered",
        "abandoned",
        "overflowed",
        "waiting",
        "mean",
        "wait",
        "in",
        "time",
    ]
    assert [line.split()[0] for line in told[2:12:2]] == ["complaints", "general", "korean", "vip", "all"]
    assert told[3].split()[0] == "new"
    assert told[12].endswith("calls with another agent or outcome")
    assert " -> " in told[13]
