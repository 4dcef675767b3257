"""Who calls in the demo, and who answers."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.assembly import acd_config, centre_config, written_flows
from callcenter.cli.demonstrating import OVERLAY
from callcenter.demo.speech import Role, spoken_by
from callcenter.demo.staff import staff_overlay
from callcenter.demo.stories import KOREAN_LINE, NIGHT_LINE, ONE_ROUND, Moment, Outcome, Plot, Point, stories
from callcenter.places import Places
from callcenter.settings import Settings, load_settings

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def settings() -> Settings:
    """The shipped settings with the demo's overlay."""
    return load_settings(CONFIG, (OVERLAY,), {})


def test_twelve_calls_show_everything() -> None:
    """A usual demo of twelve calls has a whole round of plots, and somebody on each of its lines."""
    told = stories(12, 7)
    assert {story.plot for story in told} == set(ONE_ROUND)
    assert {story.line for story in told} >= {KOREAN_LINE, NIGHT_LINE}


def test_the_same_numbers_tell_the_same_stories() -> None:
    """Nothing in the list is left to chance."""
    assert stories(30, 5) == stories(30, 5)


@pytest.mark.parametrize("calls", [1, 3, 12, 13, 50, 200])
def test_every_number_of_calls_is_a_demo(calls: int) -> None:
    """Callers are told apart by their numbers, arrive one after the other, and begin anew after a round."""
    told = stories(calls, 123_456)
    assert [story.number for story in told] == list(range(1, calls + 1))
    assert len({story.caller for story in told}) == calls
    assert [story.plot for story in told] == [ONE_ROUND[index % len(ONE_ROUND)] for index in range(calls)]
    starts = [story.starts_after_ms for story in told]
    assert starts == sorted(starts)


def test_who_gives_up_waits_behind_somebody() -> None:
    """The caller who gives up calls while the only agent for that line talks with an earlier caller, who is
    talked with until that one has given up."""
    told = stories(36, 0)
    for story in told:
        if story.plot is Plot.GIVES_UP:
            assert story.after is not None
            earlier = told[story.after.number - 1]
            assert (earlier.number < story.number, earlier.line) == (True, story.line)
            assert story.after.point is Point.TALKS
            assert earlier.until == Moment(story.number, Point.OVER)


def test_two_demos_have_different_callers() -> None:
    """Nobody joins the open ticket of an earlier demo."""
    first, second = stories(12, 1), stories(12, 2)
    assert not {story.caller for story in first} & {story.caller for story in second}


def test_everybody_who_is_answered_has_something_to_say() -> None:
    """There is speech for both sides in every language in which calls are answered."""
    for story in stories(12, 0):
        if story.outcome is Outcome.ANSWERED:
            for role in Role:
                assert all(said.path.is_file() for said in spoken_by(role, story.line.language))


def test_the_overlay_fits_the_settings(settings: Settings) -> None:
    """The demo's lines exist, and a running centre with the shipped settings is not disturbed."""
    plain = load_settings(CONFIG, (), {})
    assert {story.line.did for story in stories(12, 0)} <= set(settings.numbers)
    assert {story.line.trunk for story in stories(12, 0)} <= set(settings.trunks)
    assert settings.centre.data_dir != plain.centre.data_dir
    assert settings.centre.installed_dir == plain.centre.data_dir
    ports = {settings.sip.port, settings.web.port, *settings.ports.model_dump().values()}
    assert not ports & {plain.sip.port, plain.web.port, *plain.ports.model_dump().values()}


def test_only_the_night_line_is_closed(settings: Settings) -> None:
    """Whenever the demo runs, the hotline is open and the night line is not."""
    config = centre_config(settings, written_flows(settings), lambda _: None, Places(Path("nowhere")))
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for hours in range(0, 24 * 370, 5):
        now = round((noon + timedelta(hours=hours)).timestamp() * 1000)
        assert config.route("12345").calendars["hotline"].is_open(now)
        assert not config.route(NIGHT_LINE.did).calendars["hotline"].is_open(now)


@pytest.mark.parametrize("agents", [1, 2, 3, 4, 5, 20])
def test_any_number_of_agents_can_serve_every_queue(tmp_path: Path, agents: int) -> None:
    """Somebody at work answers each queue, and the Korean line has one agent only, so that callers wait."""
    overlay = tmp_path / "staff.yaml"
    first = load_settings(CONFIG, (OVERLAY,), {})
    overlay.write_text(json.dumps(staff_overlay(first, agents)), encoding="utf-8")
    settings = load_settings(CONFIG, (OVERLAY, overlay), {})
    config = acd_config(settings)
    at_work = [config.agents[str(1001 + index)] for index in range(agents)]
    for name, queue in config.queues.items():
        able = [
            agent
            for agent in at_work
            if (not agent.queues or name in agent.queues)
            and all(agent.skills.get(need.skill, 0) >= need.level for need in queue.requirements)
        ]
        assert able, name
        if name == "korean":
            assert len(able) == 1
    assert {str(2001 + index) for index in range(agents)} <= set(settings.phones)
