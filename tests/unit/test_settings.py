"""Settings: refused whole, with every mistake at its place and what to do about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callcenter.assembly import dial_out_policy
from callcenter.domain.dial_out import DialOutPolicy
from callcenter.settings import Settings, load_settings
from located_yaml import Mistakes

SHIPPED = Path(__file__).parents[2] / "config"
MINIMAL = "any_number: {flow: citizen_hotline}\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The shipped settings, to be spoilt."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "config"))


def told(directory: Path, *overlays: Path, **environment: str) -> list[str]:
    """Every mistake, as it is shown."""
    with pytest.raises(Mistakes) as refused:
        load_settings(directory, overlays, environment)
    return [str(mistake) for mistake in refused.value.found]


def spoil(path: Path, before: str, after: str) -> tuple[int, int]:
    """Replace the one place; its line and column."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    at = text.index(before)
    path.write_text(text.replace(before, after), encoding="utf-8")
    return text[:at].count("\n") + 1, at - (text.rfind("\n", 0, at) + 1) + 1


def test_the_shipped_settings_are_sound() -> None:
    """What we ship can be started with; it is frozen."""
    settings = load_settings(SHIPPED)
    assert isinstance(settings, Settings)
    assert settings.queues["general"].answer_within_sec == 15
    with pytest.raises(ValueError, match="frozen"):
        settings.web = settings.web


def test_an_unknown_field_is_answered_with_the_nearest(directory: Path) -> None:
    """File, line, column, and the name that was probably meant."""
    line, column = spoil(directory / "queues.yaml", "    max_wait_sec: 180", "    max_wait_secs: 180")
    (mistake,) = told(directory)
    assert mistake.startswith(f"{directory}/queues.yaml:{line}:{column + 4}: queues.korean.max_wait_secs:")
    assert "did you mean 'max_wait_sec'?" in mistake


def test_call_backs_must_be_told_and_possible(directory: Path) -> None:
    """A key that nobody is told of, and an overflow to a call-back that the queue does not make."""
    queues = directory / "queues.yaml"
    text = queues.read_text(encoding="utf-8")
    offer = text[text.index("  call_back: # where") : text.index("  comfort:")]
    spoilt = text.replace(offer, "").replace("no_agent: {to: flow}", "no_agent: {to: call_back}")
    queues.write_text(spoilt, encoding="utf-8")
    general, complaints, korean = told(directory)
    for mistake, name in ((general, "general"), (complaints, "complaints")):
        assert f"queues.{name}.call_back.key: nobody is told of this key" in mistake
    assert "queue 'korean' calls nobody back" in korean


def test_dialling_out_needs_what_exists(directory: Path) -> None:
    """Its queue and its trunk; who may is said with each agent."""
    queues, agents = directory / "queues.yaml", directory / "agents.yaml"
    text = queues.read_text(encoding="utf-8")
    queues.write_text(f"{text}dial_out: {{queue: nowhere, shown: '12345', trunk: none}}\n", encoding="utf-8")
    queue, trunk = told(directory)
    assert "dial_out.queue: no queue 'nowhere'; there are: general" in queue
    assert "dial_out.trunk: no trunk 'none'" in trunk
    queues.write_text(f"{text}dial_out: {{queue: general, shown: '12345'}}\n", encoding="utf-8")
    named = agents.read_text(encoding="utf-8").replace("name: 李伟,", "name: 李伟, dials_out: true,")
    agents.write_text(named, encoding="utf-8")
    policy = dial_out_policy(load_settings(directory))
    assert policy == DialOutPolicy("general", "12345", frozenset({"1001"}))


def test_all_mistakes_at_once(directory: Path) -> None:
    """Mistakes of several files come together, each at its own place."""
    places = {
        "queues.yaml": spoil(directory / "queues.yaml", "max_wait_sec: 180", "max_wait_sec: long"),
        "agents.yaml": spoil(directory / "agents.yaml", "korean: 10", "korean: 11"),
        "callcenter.yaml": spoil(directory / "callcenter.yaml", "port: 8080", "port: 0"),
    }
    mistakes = told(directory)
    assert len(mistakes) == 3
    for name, (line, _) in places.items():
        assert any(mistake.startswith(f"{directory / name}:{line}:") for mistake in mistakes)


def test_what_does_not_fit_together_is_found(directory: Path) -> None:
    """A skill, a queue and a calendar that do not exist, with the nearest that do."""
    spoil(directory / "agents.yaml", "{korean: 10, mandarin: 5}", "{koraen: 10, mandarin: 5}")
    spoil(directory / "agents.yaml", "queues: [korean, general]", "queues: [korean, genral]")
    spoil(directory / "trunks.yaml", "language: ko}", "language: ko, calendars: {hotline: hotlin}}")
    skill, queue, calendar = sorted(told(directory), key=lambda mistake: "calendar" in mistake)
    assert "agents.1004.skills.koraen" in skill
    assert "did you mean 'korean'?" in skill
    assert "did you mean 'general'?" in queue
    assert "did you mean 'hotline'?" in calendar
    assert "trunks.yaml:" in calendar


def test_what_only_the_router_can_judge_is_told_at_its_place(directory: Path) -> None:
    """An unknown strategy, a step out of order, a misspelt call choice: each at its own line."""
    queues = directory / "queues.yaml"
    strategy = spoil(queues, "    wrap_up_sec: 30", "    strategy: ring_al\n    wrap_up_sec: 30")
    steps = "    steps:\n      - {after_sec: 20, lower: {korean: 3}}\n      - {after_sec: 9}\n"
    step = spoil(queues, "    max_waiting: 10\n", f"    max_waiting: 10\n{steps}")
    spoil(queues, "call_choice: priority", "call_choice: priorty")
    late, unknown, choice = told(directory)
    assert "'priorty' is no call choice; did you mean 'priority'?" in choice
    assert unknown.startswith(f"{directory}/queues.yaml:{step[0] + 3}:")
    assert "steps.1.after_sec: is 9, must be more than 20" in unknown
    assert late.startswith(f"{directory}/queues.yaml:{strategy[0]}:15:")
    assert "did you mean 'ring_all'?" in late


def test_duplicate_keys_are_refused(directory: Path) -> None:
    """Within a file, and a section in two files; the first place is named."""
    with (directory / "agents.yaml").open("a", encoding="utf-8") as file:
        file.write("skills: {}\n")
    (twice,) = told(directory)
    assert "the key 'skills' is given twice, first at line" in twice
    (directory / "more.yaml").write_text("queues: {}\n")
    mistakes = told(directory)
    lines = (directory / "queues.yaml").read_text(encoding="utf-8").splitlines()
    here = f"{directory}/queues.yaml:{lines.index('queues:') + 1}:1"
    said = f"{here}: the section 'queues' already stands in {directory}/more.yaml"
    assert said in mistakes
    assert len(mistakes) == 2


def test_a_key_given_twice_hides_no_other_mistake(directory: Path) -> None:
    """One reading of the list is enough to mend all files."""
    spoil(directory / "queues.yaml", "    max_wait_sec: 180", "    max_wait_secs: 180")
    with (directory / "agents.yaml").open("a", encoding="utf-8") as file:
        file.write("skills: {}\n")
    (twice, misspelt) = told(directory)
    assert "the key 'skills' is given twice" in twice
    assert "did you mean 'max_wait_sec'?" in misspelt


def test_one_value_for_a_section_and_one_within_it_contradict(directory: Path) -> None:
    """Neither is dropped in silence, whatever the order."""
    (mistake, unfit) = told(directory, CALLCENTER__WEB="80", CALLCENTER__WEB__PORT="9000")
    assert mistake.startswith("CALLCENTER__WEB__PORT:1:1: CALLCENTER__WEB gives one value for all")
    assert "web:" in unfit


def test_the_environment_overrides() -> None:
    """Values are YAML: numbers, lists and whole sections."""
    settings = load_settings(
        SHIPPED,
        environment={
            "CALLCENTER__WEB__PORT": "9000",
            "CALLCENTER__TRUNKS__CITY__CODECS": "[alaw]",
            "CALLCENTER__CALENDARS__HOTLINE__WEEKLY": "{mon-fri: ['00:00-24:00'], sat-sun: ['00:00-24:00']}",
            "PATH": "/bin",
        },
    )
    assert settings.web.port == 9000
    assert settings.trunks["city"].codecs == ("alaw",)
    assert settings.calendars["hotline"].is_open(0)
    assert load_settings(SHIPPED).web.port != 9000


def test_mistakes_in_the_environment_are_named(directory: Path) -> None:
    """Beside all others: a value that is no YAML, and one that does not fit."""
    spoil(directory / "agents.yaml", "'1001': {", "'1001': {nmae: x, ")
    broken = told(directory, CALLCENTER__WEB__HOST="[", CALLCENTER__WEB__PORT="'x'")
    assert any(mistake.startswith("CALLCENTER__WEB__HOST:1:") for mistake in broken)
    unfit = told(directory, CALLCENTER__WEB__PORT="high")
    assert any("the environment:1:1: web.port:" in mistake for mistake in unfit)
    assert any("nmae" in mistake for mistake in unfit)


def test_an_overlay_changes_what_it_names(directory: Path, tmp_path: Path) -> None:
    """The rest of the section stays; a mistake is told in the file that made it."""
    overlay = tmp_path / "site.yaml"
    overlay.write_text("web: {port: 9001}\nqueues: {general: {wrap_up_sec: 5}}\n")
    settings = load_settings(directory, [overlay])
    plain = load_settings(directory)
    assert (settings.web.port, settings.web.host) == (9001, plain.web.host)
    assert settings.queues["general"].wrap_up_sec == 5
    assert settings.queues["general"].title == plain.queues["general"].title
    overlay.write_text("web:\n  port: 99999\n")
    (mistake,) = told(directory, overlay)
    assert mistake.startswith(f"{overlay}:2:9: web.port:")


def test_ports_must_differ(directory: Path) -> None:
    """Two servers on one port are found before either starts."""
    (mistake,) = told(directory, CALLCENTER__WEB__PORT="5038", CALLCENTER__PORTS__ASTERISK_AMI="5038")
    assert "port 5038 is already used by ports.asterisk_ami" in mistake


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- a list\n", "sections such as 'queues:' were expected here"),
        (b"\xff\xfe", "not UTF-8"),
        (b"web: [", "not YAML"),
    ],
)
def test_a_file_that_is_no_settings(directory: Path, content: bytes, said: str) -> None:
    """Lists, foreign encodings and broken YAML are told with their file, beside other mistakes."""
    (directory / "more.yaml").write_bytes(content)
    mistakes = told(directory)
    assert any(mistake.startswith(f"{directory}/more.yaml:1:") and said in mistake for mistake in mistakes)


def test_a_file_that_cannot_be_read(directory: Path) -> None:
    """The name of the file and what to do."""
    (directory / "more.yaml").mkdir()
    (mistake,) = told(directory)
    assert mistake == f"{directory}/more.yaml:1:1: cannot be read: Is a directory; check its permissions"


def test_an_empty_directory(tmp_path: Path) -> None:
    """Nothing to read is a mistake of the directory, an empty file is not; the least there is suffices."""
    (mistake,) = told(tmp_path)
    assert "no *.yaml here" in mistake
    (tmp_path / "a.yaml").write_text("")
    (missing,) = told(tmp_path)
    assert "the field 'any_number' is missing" in missing
    (tmp_path / "b.yaml").write_text(MINIMAL)
    assert load_settings(tmp_path).any_number.flow == "citizen_hotline"
