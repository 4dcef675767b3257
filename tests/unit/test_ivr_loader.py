"""Loading flows: whole and sound or not at all, with every mistake at its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from ruamel.yaml import YAML

from ivr_flows.check import prompts_of, surroundings_mistakes
from ivr_flows.effects import PromptText
from ivr_flows.files import SCHEMA_FILE, SHIPPED_FLOWS, flow_schema, read_flows, schema_text
from ivr_flows.loader import load_flow, load_flows
from located_yaml import Mistakes

SOUND = """\
flow: small
languages: [zh, en]
start: hello
human: {key: '0', next: general}
variables: {vip: false}
nodes:
  hello: {play: {zh: 您好。, en: Hello.}, next: vips}
  vips:
    branch:
      - {when: vip and hour < 18, next: general}
    otherwise: choice
  choice:
    menu: {zh: 请按一。, en: Press one.}
    digits: {1: general}
    no_input: bye
    no_match: bye
  general: {queue: general, otherwise: bye}
  bye: {hang_up: done}
"""


def mistakes(*changes: tuple[str, str]) -> list[str]:
    """What is said about the sound flow after these replacements."""
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(Mistakes) as raised:
        load_flow(text, "small.yaml")
    return str(raised.value).splitlines()


def test_a_sound_flow_loads() -> None:
    """The flow of which all the tests below break something is whole."""
    flow = load_flow(SOUND, "small.yaml")
    assert (flow.name, list(flow.nodes)) == ("small", ["hello", "vips", "choice", "general", "bye"])
    assert prompts_of(flow)[:2] == (PromptText("您好。", "zh"), PromptText("Hello.", "en"))


WRONG = [
    ("next: vips", "next: vipz", "7:46: node 'hello', next: unknown node 'vipz'; did you mean 'vips'?"),
    ("start: hello", "start: helo", "3:8: start: unknown node 'helo'; did you mean 'hello'?"),
    (
        "{1: general}",
        "{1: genral}",
        "14:17: node 'choice', 1: unknown node 'genral'; did you mean 'general'?",
    ),
    ("'0', next: general", "'0', next: by", "4:25: human: unknown node 'by'; did you mean 'bye'?"),
    (
        "hello: {play",
        "hello: {plya",
        "7:3: node 'hello' is of no kind: it needs one of play, say, menu, collect, hours, branch, "
        "set, split, language, queue, ticket, update_ticket, look_up, caller_list, "
        "send, wait, voicemail, flow, return, hang_up; did you mean 'play'?",
    ),
    (
        "hang_up: done",
        "hang_up: done, queue: q",
        "18:9: node 'bye' is of two kinds, queue and hang_up: make two nodes of it",
    ),
    ("{hang_up: done}", "done", "18:8: node 'bye': a node is written as {play: ..., next: ...}"),
    (", next: vips", "", "7:3: nodes.hello: the field 'next' is missing"),
    ("    no_input: bye\n", "", "12:3: nodes.choice: the field 'no_input' is missing"),
    ("    no_match: bye\n", "", "12:3: nodes.choice: the field 'no_match' is missing"),
    (
        "no_input",
        "no_imput",
        "15:5: nodes.choice.no_imput: unknown field 'no_imput'; did you mean 'no_input'?",
    ),
    (
        ", otherwise: bye",
        "",
        "17:3: node 'general' is a dead end after timeout, full, no_agent, closed: add these, or 'otherwise'",
    ),
    (", en: Hello.", "", "7:17: node 'hello': no text in the language 'en'"),
    ("en: Hello.", "en: Hello., fr: Salut.", "7:39: node 'hello': nobody is spoken to in 'fr' here"),
    ("Hello.", "'  '", "7:31: nodes.hello.play.en: the text is empty"),
    ("vip and", "vipp and", "10:16: node 'vips': unknown name 'vipp'; did you mean 'vip'?"),
    ("hour < 18", "hour < '18'", "10:16: node 'vips': ''18'' must be a number, but is a text"),
    (
        "hour < 18",
        "caller.x == 1",
        "10:16: nodes.vips.branch.0.when: not allowed in a condition: caller.x",
    ),
    ("vip: false", "hour: 1", "5:13: 'hour' is a fact of every call: name the variable otherwise"),
    (
        "{1: general}",
        "{12: bye}",
        "14:14: nodes.choice.digits.12: '12' is not one key of a telephone (0-9, *, #)",
    ),
    (
        "{1: general}",
        "{1: general, 0: bye}",
        "14:26: node 'choice': key 0 leads to a human ('general') everywhere: use another key",
    ),
    (
        "  bye:",
        "  bye bye:",
        "18:3: nodes.bye bye: 'bye bye' is not a name: a letter, then letters, digits and _",
    ),
    (
        "start: hello",
        "time_zone: Asia/Shangai\nstart: hello",
        "3:12: time_zone: unknown time zone 'Asia/Shangai'; did you mean 'Asia/Shanghai'?",
    ),
    ("  bye:", "  lost: {hang_up: x}\n  bye:", "18:3: node 'lost': no way leads here"),
    ("flow: small", "flow: [", "3:1: not YAML"),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_every_mistake_has_its_place_and_its_cure(old: str, new: str, told: str) -> None:
    """Wrong names, kinds, fields, keys, languages, conditions and dead ends are told by line and column."""
    lines = mistakes((old, new))
    assert any(line.startswith(f"small.yaml:{told}") for line in lines), lines


@pytest.mark.parametrize(
    ("old", "new", "circle"),
    [
        ("otherwise: choice", "otherwise: hello", "hello -> vips -> hello"),
        ("no_input: bye", "no_input: choice", "choice -> choice"),
        (
            "queue: general, otherwise: bye",
            "queue: general, full: bye, otherwise: vips",
            "general -> vips -> ",
        ),
    ],
)
def test_circles_without_anybody_doing_anything_are_found(old: str, new: str, circle: str) -> None:
    """Neither silence nor a full queue may lead round and round."""
    (told,) = [line for line in mistakes((old, new)) if "circle" in line]
    nodes = told.rsplit(": ", 1)[1].split(" -> ")
    assert nodes[0] == nodes[-1]
    assert set(nodes) == set(circle.split(" -> ")) - {""}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{1: general}", "{1: general, 2: choice}"),
        ("no_match: bye", "no_match: hello"),
        ("queue: general, otherwise: bye", "queue: general, agent_done: hello, otherwise: bye"),
    ],
)
def test_circles_of_a_person_are_allowed(old: str, new: str) -> None:
    """A caller may hear a menu again by a key, and come back after an agent."""
    assert load_flow(SOUND.replace(old, new), "small.yaml").name == "small"


def test_all_mistakes_are_told_at_once_and_in_order() -> None:
    """One reading of the list is enough to mend the file."""
    lines = mistakes(("next: vips", "next: vipz"), (", en: Press one.", ""), ("vip and", "vipp and"))
    assert [line.split(":")[1] for line in lines] == ["7", "10", "13"]
    lines = mistakes(("next: vips", "next: vips, next: vips"), (", en: Press one.", ""))
    assert [line.split(":")[1] for line in lines] == ["7", "13"]


def test_the_version_is_of_the_content_not_of_the_layout() -> None:
    """Comments and the order of keys do not make a new version; a changed word does."""
    version = load_flow(SOUND, "a").version
    turned = SOUND.replace(
        "{play: {zh: 您好。, en: Hello.}, next: vips}", "{next: vips, play: {en: Hello., zh: 您好。}}"
    )
    assert load_flow("# a remark\n" + turned, "b").version == version
    assert load_flow(SOUND.replace("Hello.", "Hi."), "c").version != version


def test_queues_calendars_and_audio_of_the_centre_are_asked_for() -> None:
    """What the flow needs and the centre lacks is told with the nearest name."""
    flow = load_flow(SOUND.replace("start: hello", "start: open").replace("nodes:\n", """nodes:
  open: {hours: hotlin, open: hello, closed: bye}
"""), "small.yaml")  # fmt: skip
    found = surroundings_mistakes(flow, {"genera"}, {"hotline"}, lambda prompt: prompt.text != "Hello.")
    assert [str(mistake) for mistake in found] == [
        "small.yaml:7:17: node 'open': unknown calendar 'hotlin'; did you mean 'hotline'?",
        "small.yaml:18:20: node 'general': unknown queue 'general'; did you mean 'genera'?",
        "small.yaml:8:31: node 'hello': no audio for this text",
    ]
    assert surroundings_mistakes(flow) == []
    (untold,) = surroundings_mistakes(flow, calling_back={"general": "1"})
    assert str(untold).startswith(
        "small.yaml:18:3: node 'general': callers of queue 'general' may be promised"
    )
    assert "add 'call_back: <node>'" in str(untold)
    taken = load_flow(SOUND.replace("queue: general", "queue: general, keys: {1: bye}"), "small.yaml")
    _, twice = surroundings_mistakes(taken, calling_back={"general": "1"})
    assert str(twice).endswith("in queue 'general' key 1 asks for a call-back: use another key")


def test_flows_are_loaded_all_or_none() -> None:
    """One broken or doubled file refuses the whole set, naming the mistakes of each."""
    with pytest.raises(Mistakes) as raised:
        load_flows({"a.yaml": SOUND, "b.yaml": SOUND, "c.yaml": "flow: x"})
    told = str(raised.value)
    assert "b.yaml:1:7: the flow 'small' is already in a.yaml" in told
    assert "c.yaml:1:1: the field 'nodes' is missing" in told


@pytest.mark.parametrize("written", ["", "[]", "flow", "{nodes: 3}", "{nodes: [1]}", "{nodes: {a: {}}}"])
def test_what_is_no_flow_at_all_is_a_mistake_too(written: str) -> None:
    """Any YAML of another shape is told as a mistake with its place."""
    with pytest.raises(Mistakes, match=r"x\.yaml:1:"):
        load_flow(written, "x.yaml")


def test_flows_are_read_from_a_directory(tmp_path: Path) -> None:
    """Every YAML file of the directory is a flow; other files are let be."""
    (tmp_path / "small.yaml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no flow")
    assert list(read_flows(tmp_path)) == ["small"]


def test_the_published_schema_is_in_step() -> None:
    """``python -m ivr_flows.files`` has been run since the shape last changed."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def _with_text_keys(value: Any) -> Any:
    """As an editor's validator sees the file: keys of a mapping are text."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(inner) for key, inner in value.items()}
    return [_with_text_keys(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("file", sorted(SHIPPED_FLOWS.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_schema_fits_the_shipped_flows(file: Path) -> None:
    """An editor with the schema finds nothing wrong with a shipped flow, but does with a misspelt field."""
    schema = flow_schema()
    Draft202012Validator.check_schema(schema)
    written = _with_text_keys(json.loads(json.dumps(YAML(typ="safe").load(file.read_text(encoding="utf-8")))))
    assert list(Draft202012Validator(schema).iter_errors(written)) == []
    next(iter(written["nodes"].values()))["nxt"] = "somewhere"
    assert list(Draft202012Validator(schema).iter_errors(written))
