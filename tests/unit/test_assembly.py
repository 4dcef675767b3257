"""What each part is set to, out of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.model import OverflowKind, OverflowReason
from callcenter import assembly
from callcenter.domain.codec import decode_line, encode_line
from callcenter.domain.events import KpiPolicyInForce
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.places import Places
from callcenter.secrets import Secrets
from callcenter.settings import Settings, load_settings
from ivr_flows.effects import BEEP
from ivr_flows.files import SHIPPED_FLOWS
from located_yaml import Mistakes

CONFIG = Path(__file__).parents[2] / "config"
PLACES = Places(Path("/var/somewhere"))


def settings(**environment: str) -> Settings:
    return load_settings(CONFIG, environment=environment)


def test_equal_settings_have_equal_names() -> None:
    """The version names the content, so that a changed setting is noticed and an unchanged one is not."""
    assert assembly.version(settings()) == assembly.version(settings())
    assert assembly.version(settings()) != assembly.version(settings(CALLCENTER__WEB__PORT="9000"))


def test_every_queue_and_agent_reaches_the_router() -> None:
    """With skills, times and overflow targets; back to the flow goes by the reason's branch."""
    known = settings()
    config = assembly.acd_config(known)
    assert config.queues.keys() == known.queues.keys()
    assert config.agents.keys() == known.agents.keys()
    complaints = config.queues["complaints"]
    assert [requirement.skill for requirement in complaints.requirements] == ["complaints", "mandarin"]
    assert complaints.wrap_up_sec == known.queues["complaints"].wrap_up_sec
    assert complaints.overflow[OverflowReason.TIMEOUT].name == "general"
    closed = complaints.overflow[OverflowReason.CLOSED]
    assert (closed.kind, closed.name) == (OverflowKind.FLOW, "closed")


def test_an_unknown_strategy_is_a_mistake() -> None:
    """Never silently another one."""
    with pytest.raises(Mistakes, match="strategy"):
        settings(CALLCENTER__QUEUES__GENERAL__STRATEGY="loudest")


def test_numbers_lead_to_flows() -> None:
    """Known ones to theirs, all others to the common one; a calendar can be another for a number."""
    known = settings(
        CALLCENTER__CALENDARS__NIGHT="{weekly: {mon-sun: ['22:00-24:00']}}",
        CALLCENTER__NUMBERS__777="{flow: korean_line, language: ko, calendars: {hotline: night}}",
    )
    config = assembly.centre_config(known, assembly.written_flows(known), lambda prompt: None, PLACES)
    assert config.route("777").flow == "korean_line"
    assert config.route("777").calendars["hotline"] == known.calendars["night"]
    assert config.route("any other").flow == known.any_number.flow
    assert config.queue("gone").category == "gone"


def test_a_number_without_a_flow_is_a_mistake() -> None:
    """The number and the flows that exist are named."""
    wrong = settings(CALLCENTER__ANY_NUMBER__FLOW="nowhere")
    with pytest.raises(Mistakes, match=r"no flow 'nowhere'; there are: .*citizen_hotline"):
        assembly.centre_config(wrong, assembly.written_flows(wrong), lambda prompt: None, PLACES)


def test_figures_are_measured_by_each_queue() -> None:
    """In milliseconds, and in the calendar's time zone."""
    policy = assembly.kpi_policy(settings(CALLCENTER__QUEUES__KOREAN__ANSWER_WITHIN_SEC="30"))
    assert policy.threshold("korean") == 30_000
    assert policy.threshold("general") == 15_000
    assert policy.threshold_ms[TOTAL] == 15_000
    assert policy.time_zone == "Asia/Shanghai"


def test_what_figures_are_measured_by_is_a_fact() -> None:
    """It comes back out of the journal as what it is of the settings."""
    known = settings(CALLCENTER__QUEUES__KOREAN__ANSWER_WITHIN_SEC="30")
    fact = decode_line(encode_line(1, assembly.kpi_policy_in_force(known, 5)))[1]
    assert isinstance(fact, KpiPolicyInForce)
    assert KpiPolicy(fact.threshold_ms, fact.time_zone) == assembly.kpi_policy(known)


def test_every_prompt_of_flows_and_waiting_is_named_once() -> None:
    """What callers can hear is rendered beforehand."""
    known = settings()
    prompts = assembly.all_prompts(known, assembly.written_flows(known))
    assert len(prompts) == len(set(prompts))
    assert {prompt.language for prompt in prompts} == {"zh", "en", "ko", BEEP.language}
    assert set(assembly.waiting_policy(known).prompts()) <= set(prompts)


def test_a_registration_without_its_password_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable to set is named; with it the trunk registers."""
    monkeypatch.delenv("PROVIDER_SECRET", raising=False)
    known = settings(
        CALLCENTER__TRUNKS__PROVIDER__REGISTRATION=(
            "{server: sip.example.org, user: u, secret_env: PROVIDER_SECRET}"
        )
    )
    secrets = Secrets("a", "b", "c", dict.fromkeys(known.phones, "p"))

    def switch() -> object:
        return assembly.switch_config(
            known, secrets, PLACES, modules=PLACES.run, data=PLACES.run, music=PLACES.run, run=PLACES.run
        )

    with pytest.raises(Mistakes, match="set the environment variable PROVIDER_SECRET"):
        switch()
    monkeypatch.setenv("PROVIDER_SECRET", "s3cret")
    assert "provider" in repr(switch())


def test_flows_can_lie_elsewhere(tmp_path: Path) -> None:
    """In a directory of the settings; one that is not there is a mistake with its name."""
    line = (SHIPPED_FLOWS / "korean_line.yaml").read_text(encoding="utf-8")
    (tmp_path / "line.yaml").write_text(line, encoding="utf-8")
    there = settings(
        CALLCENTER__CENTRE__FLOWS_DIR=str(tmp_path),
        CALLCENTER__NUMBERS__12345__FLOW="korean_line",
        CALLCENTER__ANY_NUMBER__FLOW="korean_line",
    )
    assert list(assembly.written_flows(there)) == ["korean_line"]
    with pytest.raises(Mistakes, match=r"centre\.flows_dir.*nowhere"):
        assembly.written_flows(settings(CALLCENTER__CENTRE__FLOWS_DIR=str(tmp_path / "nowhere")))
