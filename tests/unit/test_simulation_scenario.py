"""Scenarios: the shipped examples, and every mistake at its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from acd.model import AcdConfig, AgentConfig, QueueConfig
from acd.strategies import STRATEGIES
from acd_settings import AgentRouting, QueueRouting
from callcenter.settings import Settings, load_settings
from callcenter.settings.routing import acd_config
from located_yaml import Mistakes
from simulation.arrivals import DAY_MS
from simulation.calls import MadeUpCalls
from simulation.plan import Thresholds
from simulation.scenario import Surroundings
from simulation.scenario_file import read_scenario
from simulation.study import study

CONFIG = Path(__file__).parents[2] / "config"
NOTHING = Surroundings()
SETTINGS = Surroundings(
    AcdConfig("v", {"general": QueueConfig("general")}, {"1001": AgentConfig("1001")}), {}
)
CALLS = "calls: {general: {arrivals: {kind: poisson, per_hour: 9}, talk: {kind: constant, sec: 60}}}\n"


def _mistakes(text: str, around: Surroundings = SETTINGS) -> list[str]:
    with pytest.raises(Mistakes) as refused:
        read_scenario(text, "s.yaml", around)
    return str(refused.value).splitlines()


@pytest.mark.parametrize("path", sorted((CONFIG / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_scenarios_run(path: Path) -> None:
    """Each of them is right, and calls are answered in it."""
    queues = {name: QueueConfig(name) for name in ("general", "complaints", "korean")}
    around = Surroundings(AcdConfig("v", queues, {"1001": AgentConfig("1001")}))
    scenario = read_scenario(path.read_bytes(), str(path), around)
    short = scenario.model_copy(update={"hours": scenario.warm_up_hours + 0.5})
    answered = study(short.plan(around), scenario.seed, 1).total["answered"]
    assert answered is not None
    assert answered.mean > 0


def test_scenarios_are_no_settings() -> None:
    """Settings are read from the directory itself: what lies in config/scenarios is none of theirs."""
    assert load_settings(CONFIG)


def test_unknown_fields_and_kinds_come_with_the_nearest() -> None:
    """Every one of them at once, with line and column."""
    text = (
        "hours: 3\n"
        "clls: {}\n"
        "calls: {general: {arrivals: {kind: poison, per_hour: 3}, talk: {kind: constant, sec: -1}}}\n"
        "agents: {z: {queus: [], shifts: ['8:00-12:00']}}\n"
    )
    assert _mistakes(text) == [
        "s.yaml:2:1: clls: unknown field 'clls'; did you mean 'calls'?",
        "s.yaml:3:29: calls.general.arrivals: unknown kind 'poison'; did you mean 'poisson'?",
        "s.yaml:3:86: calls.general.talk.sec: Input should be greater than or equal to 0",
        "s.yaml:4:14: agents.z.queus: unknown field 'queus'; did you mean 'queues'?",
        "s.yaml:4:33: agents.z.shifts: '8:00' is not a time of day such as '08:30'",
    ]


def test_what_does_not_fit_together() -> None:
    """Queues that do not exist, and a warm-up longer than the day."""
    text = (
        "warm_up_hours: 30\n"
        "queues: {general: {overflow: {timeout: {to: queue, queue: genral}}}}\n"
        "agents: {a: {queues: [generl]}}\n"
        "calls:\n"
        "  other: {arrivals: {kind: list, at_sec: [1]}, talk: {kind: constant, sec: 60}}\n"
        "  b: {queue: gneral, arrivals: {kind: list, at_sec: [1]}, talk: {kind: constant, sec: 60}}\n"
    )
    assert _mistakes(text) == [
        "s.yaml:1:16: warm_up_hours: must be less than hours, which is 24",
        "s.yaml:2:40: queues.general.overflow.timeout: no queue 'genral'; did you mean 'general'?",
        "s.yaml:3:23: agents.a.queues.0: no queue 'generl'; did you mean 'general'?",
        "s.yaml:5:10: calls.other: no queue 'other'; there are: general",
        "s.yaml:6:14: calls.b.queue: no queue 'gneral'; did you mean 'general'?",
    ]


def test_what_only_the_router_can_judge() -> None:
    """An unknown strategy, at its place."""
    (told,) = _mistakes("queues: {general: {strategy: longest_idel}}\n" + CALLS, NOTHING)
    assert told.startswith("s.yaml:1:30: queues.general.strategy: 'longest_idel' is no strategy")


QUEUES = """
queues:
  general:
    skills: {mandarin: {level: 5, weight: 2}, complaints: 3}
    groups: [day]
    steps:
      - {after_sec: 20, lower: {mandarin: 3}}
      - {after_sec: 40, drop: [complaints], groups: ['*'], priority: 1}
    strategy: ring_progressively
    prefer: last_agent
    preferred_patience_sec: 30
    priority: 2
    ageing_sec_per_priority: 90
    ring_timeout_sec: 12
    ring_at_most: 3
    ring_step_sec: 4
    wrap_up_sec: 20
    wrap_up_min_sec: 5
    wrap_up_max_sec: 60
    disposition_required: true
    retry_delay_sec: 6
    declined_delay_sec: 7
    busy_delay_sec: 8
    unreachable_delay_sec: 9
    unanswered_limit: 2
    max_wait_sec: 300
    max_waiting: 0
    max_expected_wait_sec: 600
    short_abandon_sec: 3
    answer_within_sec: 20
    overflow:
      timeout: {to: queue, queue: spare}
      full: {to: flow}
      no_agent: {to: outside, number: '12345'}
      not_ready: {to: hang_up}
      expected_wait: {to: flow}
      closed: {to: flow}
  spare: {}
routing: {call_choice: service_objective, seed: 7}
"""
AGENTS = """
agents:
  a:
    skills: {mandarin: 9, complaints: 3}
    queues: [general]
    terms: {general: {tier: 2, order: 1, delay_sec: 30}}
    groups: [day]
    weight: 4
"""


def _settings(tmp_path: Path, text: str) -> Settings:
    """The same as settings, which ask for a few words more."""
    for name in ("general", "spare"):
        text = text.replace(f"\n  {name}: {{", f"\n  {name}: {{title: T, category: c, ")
        text = text.replace(f"\n  {name}:\n", f"\n  {name}:\n    title: T\n    category: c\n")
    text = text.replace("\n  a:\n", "\n  a:\n    name: A\n").replace(", }", "}")
    skills = "skills: {mandarin: M, complaints: C}\nany_number: {flow: hotline}\n"
    (tmp_path / "all.yaml").write_text(skills + text, encoding="utf-8")
    return load_settings(tmp_path)


def test_queues_and_agents_are_written_as_in_the_settings(tmp_path: Path) -> None:
    """Every word of routing means the same in both, measured by the same thresholds."""
    words = set(QueueRouting.model_fields) | set(AgentRouting.model_fields)
    assert all(f"    {word}: " in QUEUES + AGENTS or f"    {word}:\n" in QUEUES + AGENTS for word in words)
    settings = _settings(tmp_path, QUEUES + AGENTS)
    plan = read_scenario(QUEUES + AGENTS + CALLS, "s.yaml", NOTHING).plan(NOTHING)
    expected = acd_config(settings)
    assert replace(plan.config, version="", pause_reasons={}) == replace(expected, version="")
    assert plan.thresholds["general"] == Thresholds(20_000, 3000)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("priority: 2", "priorty: 2"),
        ("ring_timeout_sec: 12", "ring_timeout_sec: 2"),
        ("strategy: ring_progressively", "strategy: ring_progresively"),
        ("after_sec: 40", "after_sec: 10"),
        ("wrap_up_max_sec: 60", "wrap_up_max_sec: 10"),
        ("prefer: last_agent", "prefer: last_agents"),
        ("call_choice: service_objective", "call_choice: service_objectiv"),
        ("expected_wait: {to: flow}", "expected_wat: {to: flow}"),
        ("      expected_wait: {to: flow}\n", ""),
        ("queue: spare", "queue: general"),
        ("queue: spare", "queue: spar"),
        ("number: '12345'", "number: ''"),
        ("groups: [day]\n    weight", "groups: [dayy]\n    weight"),
        ("terms: {general", "terms: {spare"),
        ("level: 5", "level: 11"),
        ("lower: {mandarin: 3}", "lower: {mandarim: 3}"),
        ("queues: [general]", "queues: [genral]"),
    ],
)
def test_mistakes_are_told_as_in_the_settings(tmp_path: Path, right: str, wrong: str) -> None:
    """In the same words, at the same path and place."""
    text = QUEUES + AGENTS
    assert text.count(right) == 1
    text = text.replace(right, wrong)
    with pytest.raises(Mistakes) as refused:
        _settings(tmp_path, text)
    lines = (tmp_path / "all.yaml").read_text(encoding="utf-8").splitlines()
    expected = [(found.message, found.column, lines[found.line - 1]) for found in refused.value.found]
    with pytest.raises(Mistakes) as refused:
        read_scenario(text + CALLS, "s.yaml", NOTHING)
    lines = text.splitlines()
    assert [(found.message, found.column, lines[found.line - 1]) for found in refused.value.found] == expected


def test_mistakes_of_all_kinds_come_together() -> None:
    """What does not fit together hides nothing that only the Router can judge."""
    text = (
        "queues: {general: {strategy: x, overflow: {full: {to: queue, queue: y}}}}\nagents: {b: {count: 3, "
    )
    assert _mistakes(text + "queues: [z], terms: {w: {}}}}\n" + CALLS, NOTHING) == [
        "s.yaml:1:30: queues.general.strategy: 'x' is no strategy; known are: "
        + ", ".join(sorted(STRATEGIES)),
        "s.yaml:1:50: queues.general.overflow.full: no queue 'y'; there are: general",
        "s.yaml:2:33: agents.b.queues.0: no queue 'z'; there are: general",
        "s.yaml:2:48: agents.b.terms.w: 'w' is no queue; known are: general",
    ]


def test_several_mistakes_of_one_value() -> None:
    """Each is told."""
    text = "queues: {general: {groups: [dya, nihgt]}}\nagents: {a: {groups: [day, night]}}\n" + CALLS
    assert [told.split(": ", 2)[2] for told in _mistakes(text, NOTHING)] == [
        "'dya' is no group of any agent; did you mean 'day'?",
        "'nihgt' is no group of any agent; did you mean 'night'?",
    ]


def test_agents_of_two_groups_have_names_of_their_own() -> None:
    """A group of twelve and one that is named like one of them."""
    (told,) = _mistakes("agents: {a: {count: 12}, a-07: {}}\n" + CALLS)
    assert told == "s.yaml:1:32: agents.a-07: 'a-07' is an agent of the group 'a'; rename one"


def test_keys_given_twice_hide_no_other_mistake() -> None:
    """Both are told."""
    told = _mistakes("hours: 3\nhours: 4\nsede: 3\n" + CALLS)
    assert told[0] == "s.yaml:2:1: the key 'hours' is given twice, first at line 1, column 1"
    assert told[1].startswith("s.yaml:3:1: sede: unknown field 'sede'; did you mean 'seed'")


def test_queues_and_agents_come_from_the_settings() -> None:
    """Unless the scenario has its own."""
    scenario = read_scenario(CALLS, "s.yaml", SETTINGS)
    plan = scenario.plan(SETTINGS)
    assert (list(plan.config.queues), list(plan.config.agents)) == (["general"], ["1001"])
    own = read_scenario("agents: {a: {count: 12}, b: {}}\n" + CALLS, "s.yaml", SETTINGS)
    names = list(own.plan(SETTINGS).config.agents)
    assert (names[0], names[11], names[12]) == ("a-01", "a-12", "b")


def test_shifts_over_midnight() -> None:
    """A night shift is under way at the first midnight, and every day is alike."""
    scenario = read_scenario("hours: 48\nagents: {a: {shifts: ['22:00-06:00']}}\n" + CALLS, "s", SETTINGS)
    hour = DAY_MS // 24
    assert scenario.plan(SETTINGS).roster.shifts["a"] == (
        (-2 * hour, 6 * hour),
        (22 * hour, 30 * hour),
        (46 * hour, 54 * hour),
    )


def test_opening_hours_transfers_and_callers_who_call_again() -> None:
    """What the shipped example says, as the simulation is told it."""
    path = CONFIG / "scenarios" / "callers_come_back.yaml"
    scenario = read_scenario(path.read_bytes(), str(path), NOTHING)
    plan = scenario.plan(NOTHING)
    hour = DAY_MS // 24
    assert plan.opening == {"experts": ((-15 * hour, -12 * hour), (9 * hour, 12 * hour))}
    assert plan.last_agent_queues == {"hotline"}
    (source,) = plan.sources
    assert isinstance(source, MadeUpCalls)
    assert source.again.abandoned is not None
    assert source.again.abandoned.share == 0.6
    assert [(transfer.queue, transfer.share) for transfer in source.transfers] == [("experts", 0.08)]
    figures = study(plan, 1, 2).queues
    for queue, measure in (("experts", "transferred"), ("hotline", "repeated"), ("experts", "overflowed")):
        found = figures[queue][measure]
        assert found is not None
        assert found.mean > 5


def test_mistakes_in_what_follows_from_a_call() -> None:
    """Each at its place."""
    text = (
        "queues: {general: {opening_hours: ['8-12']}}\n"
        "calls:\n"
        "  general:\n"
        "    arrivals: {kind: poisson, per_hour: 9}\n"
        "    talk: {kind: constant, sec: 60}\n"
        "    again: {abandond: {share: 0.5, after: {kind: constant, sec: 60}}}\n"
        "    transfers: [{queue: general, share: 1.5, talk: {kind: constant, sec: 60}}]\n"
    )
    assert _mistakes(text) == [
        "s.yaml:1:35: queues.general.opening_hours: '8' is not a time of day such as '08:30'",
        "s.yaml:6:13: calls.general.again.abandond: unknown field 'abandond'; did you mean 'abandoned'?",
        "s.yaml:7:41: calls.general.transfers.0.share: Input should be less than or equal to 1",
    ]
    onward = "{{queue: {}, share: 0.7, talk: {{kind: constant, sec: 60}}}}"
    transfers = f", transfers: [{onward.format('general')}, {onward.format('generl')}]}}}}\n"
    assert _mistakes(CALLS.replace("}}}\n", "}" + transfers)) == [
        "s.yaml:1:103: calls.general.transfers: the shares add up to more than 1",
        "s.yaml:1:175: calls.general.transfers.1.queue: no queue 'generl'; did you mean 'general'?",
    ]


def test_agents_of_the_settings_may_not_go_with_queues_of_the_scenario() -> None:
    """That is told of the half that the scenario does not have."""
    config = AcdConfig("v", {"other": QueueConfig("other")}, {"1": AgentConfig("1", queues=("other",))})
    assert _mistakes("queues: {general: {}}\n" + CALLS, Surroundings(config)) == [
        "s.yaml:1:1: agents.1.queues.0: 'other' is no queue; known are: general "
        "(the agents are those of the settings; write the scenario's own)"
    ]
