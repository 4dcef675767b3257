"""`callcenter explain --agent` in a centre too large for its Decisions to name everybody: found by replay."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import patch

import orjson
import pytest
from busy_hour import BusyHour, acd_config

from acd.explain import NAMED_AGENTS, Decision
from callcenter.adapters.journal_segments import events_since
from callcenter.cli.explaining import About, explain_call
from callcenter.domain import events as e
from callcenter.places import Places
from callcenter.replay.naming import Naming, Reasoned, names, reason_of
from callcenter.settings import load_settings

SETTINGS = load_settings(Path(__file__).parents[2] / "config")
AGENTS = 40
FOUND = "(Found by replaying the journal up to that moment.)"
NOT_NAMED = "this Decision names no more of them"


def a_day(directory: Path) -> Path:
    """Forty agents, a quarter of an hour; a snapshot in the middle, and a death of the controller."""
    day = BusyHour(directory / "journal", acd_config(agents=AGENTS), seed=11)
    day.staff()
    day.callers(400, 900)
    day.pauses(40, 900)
    day.run(300)
    day.checkpoint()
    day.run(300)
    day.restart(acd_config("v2", AGENTS, strategy="least_occupied"))
    day.run(300)
    day.end()
    return directory


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same day twice: as it is, and with Decisions that name everybody."""
    plain = a_day(tmp_path_factory.mktemp("plain"))
    with patch("acd.lanes.NAMED_AGENTS", 1000):
        return plain, a_day(tmp_path_factory.mktemp("named"))


def events_of(data: Path) -> list[e.DomainEvent]:
    """All of them, in order."""
    found = events_since(data / "journal", None)
    assert found is not None
    return [event for _, event in found[1]]


def reasoned(data: Path) -> list[Reasoned]:
    return [event for event in events_of(data) if isinstance(event, e.OfferMade | e.CallWaits)]


def told(
    data: Path, call_id: str, agent_id: str, capsys: pytest.CaptureFixture[str], language: str = "en"
) -> list[str]:
    """What the command says of the agent, a line for each reason of the call."""
    asyncio.run(explain_call(SETTINGS, Places(data), call_id, About(agent_id, language)))
    lines = (line.strip() for line in capsys.readouterr().out.splitlines())
    return [line for line in lines if line.startswith((f"Agent {agent_id} ", f"坐席 {agent_id} "))]


def test_the_centre_is_too_large_to_name_everybody(days: tuple[Path, Path]) -> None:
    """Else nothing here would be proved."""
    assert AGENTS > NAMED_AGENTS
    removed = [removal for event in reasoned(days[0]) for removal in reason_of(event).removed]
    assert len(removed) > 500
    assert not any(removal.agents for removal in removed)
    assert any(isinstance(event, e.CallWaits) for event in reasoned(days[0]))


def test_the_replay_names_whom_the_decision_would_have_named(days: tuple[Path, Path]) -> None:
    """Every tenth reason of the day, over a snapshot and a restart: each removed agent under the same rule,
    until the same instant."""
    plain, named = (reasoned(data) for data in days)
    wanted = plain[::10]
    naming = Naming(None, wanted)
    for event in events_of(days[0]):
        if not naming.take(event):
            break
    assert len(naming.found) == len(wanted) > 50
    for place, oracle in enumerate(named[::10]):
        assert naming.found[place].removed == reason_of(oracle).removed


def test_the_command_tells_the_rule_and_what_would_have_lifted_it(
    days: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """In the words that a small centre has, and says how it knows."""
    plain, named = days
    offers = [event for event in reasoned(plain) if isinstance(event, e.OfferMade)]
    others = {event.offer_id: event for event in reasoned(named) if isinstance(event, e.OfferMade)}
    seen = set()
    for offer in offers[20::60]:
        for agent_id in ("1001", "1008", "1030"):
            if names(reason_of(offer), agent_id):
                continue
            oracle = others[offer.offer_id]
            if not names(reason_of(oracle), agent_id):
                continue
            expected = reason_of(oracle).explain_agent(agent_id)
            lines = told(plain, offer.call_id, agent_id, capsys)
            assert f"{expected} {FOUND}" in lines
            seen.add(expected.split(":")[0].split(" was ")[1])
    assert len(seen) >= 3, seen


def test_also_candidates_beyond_the_first_are_told(
    days: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """A Decision keeps three of the agents who could have taken the call; the others came after them."""
    many = next(
        event
        for event in reasoned(days[0])
        if isinstance(event, e.OfferMade) and Decision.from_dict(event.decision).candidate_count > 10
    )
    naming = Naming(None, [many])
    for event in events_of(days[0]):
        if not naming.take(event):
            break
    decision = naming.found[0]
    assert isinstance(decision, Decision)
    assert len(decision.candidates) == decision.candidate_count
    last = decision.candidates[-1].agent_id
    (line,) = [line for line in told(days[0], many.call_id, last, capsys) if "could have taken it" in line][
        :1
    ]
    assert line.endswith(FOUND)


def test_it_says_so_in_chinese(days: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """As the rest of the explanation."""
    offer = next(event for event in reasoned(days[1]) if isinstance(event, e.OfferMade) and removed(event))
    lines = told(days[0], offer.call_id, removed(offer)[0], capsys, "zh")
    assert any("前提" in line and line.endswith("（由日志重放至该时刻得出。）") for line in lines)


def removed(event: Reasoned) -> list[str]:
    """The agents whom the reason names as removed."""
    return [agent_id for removal in reason_of(event).removed for agent_id in removal.agents]


@pytest.fixture
def cut_short(days: tuple[Path, Path], tmp_path: Path) -> Path:
    """The plain day without its first segment; of the second the snapshot is lost, too."""
    segments = sorted((days[0] / "journal").glob("journal-*.jsonl"))
    (tmp_path / "journal").mkdir()
    lines = segments[-1].read_bytes().splitlines(keepends=True)
    assert lines[0].startswith(b'{"snapshot"')
    (tmp_path / "journal" / segments[-1].name).write_bytes(b"".join(lines[1:]))
    return tmp_path


def test_where_the_journal_does_not_reach_back_the_present_answer_stays(
    cut_short: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the Router's beginning nothing can be replayed; nothing fails, and nothing is made up."""
    offer = next(event for event in reasoned(cut_short) if isinstance(event, e.OfferMade))
    lines = told(cut_short, offer.call_id, "1040", capsys)
    assert lines
    assert not any(FOUND in line for line in lines)
    assert any(NOT_NAMED in line for line in lines)


def test_a_snapshot_of_another_release_is_not_replayed(
    days: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer is the present one, not a fault."""
    last = sorted((days[0] / "journal").glob("journal-*.jsonl"))[-1]
    (tmp_path / "journal").mkdir()
    first, *lines = last.read_bytes().splitlines(keepends=True)
    snapshot = orjson.loads(first)
    del snapshot["snapshot"]["router"]["agents"]
    changed = orjson.dumps(snapshot, option=orjson.OPT_APPEND_NEWLINE)
    (tmp_path / "journal" / last.name).write_bytes(b"".join([changed, *lines]))
    offer = [event for event in reasoned(tmp_path) if isinstance(event, e.OfferMade)][5]
    told_of = told(tmp_path, offer.call_id, "1040", capsys)
    assert told_of
    assert not any(FOUND in line for line in told_of)


def test_a_decision_that_does_not_come_out_again_is_left_alone(
    days: tuple[Path, Path], tmp_path: Path
) -> None:
    """It was made by another release: what that one thought is not known here."""
    events = events_of(days[0])
    at, offer = next((at, event) for at, event in enumerate(events) if isinstance(event, e.OfferMade))
    decision = orjson.loads(orjson.dumps(offer.decision)) | {"candidate_count": 99}
    changed = e.OfferMade(
        offer.at,
        offer.call_id,
        offer.offer_id,
        offer.queue,
        offer.agent_id,
        offer.leg_id,
        decision,
        offer.expires_at,
    )
    naming = Naming(None, [changed])
    for event in [*events[:at], changed, *events[at + 1 :]]:
        if not naming.take(event):
            break
    assert naming.found == {}
