"""`callcenter flows set|rename|remove`: a flow changed by program, sound or not at all."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from callcenter.cli import Failure, app
from ivr_flows.check import ways_of
from ivr_flows.editing import node_renamed
from ivr_flows.files import SHIPPED_FLOWS, read_flows
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow
from located_yaml import Mistakes, edited

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def hotline(tmp_path: Path) -> Path:
    """The shipped flows and their tests, the centre's own now; the file of the hotline."""
    (tmp_path / "tests").mkdir()
    for file in [*SHIPPED_FLOWS.glob("*.yaml"), *(SHIPPED_FLOWS / "tests").glob("*.yaml")]:
        (tmp_path / file.relative_to(SHIPPED_FLOWS)).write_bytes(file.read_bytes())
    return tmp_path / "citizen_hotline.yaml"


def flows(hotline: Path | None, *words: str) -> Result:
    """The command, in the centre whose flows these are."""
    own = {"CALLCENTER__CENTRE__FLOWS_DIR": str(hotline.parent)} if hotline else {}
    return CliRunner().invoke(app, ["--config", str(CONFIG), "flows", *words], env=own)


def shown(flow: Flow, old: str, new: str) -> dict[str, list[tuple[str, str]]]:
    """The ways of all nodes, with one node called otherwise."""
    return {
        new if name == old else name: [
            (way.word, new if way.target == old else way.target) for way in ways_of(flow, node)
        ]
        for name, node in flow.nodes.items()
    }


@pytest.mark.parametrize("flow", read_flows().values(), ids=lambda flow: flow.name)
def test_a_renamed_node_is_renamed_in_every_way_to_it(flow: Flow) -> None:
    """Each node of the shipped flows: the same graph, and nothing but names has changed."""
    text = Path(flow.source.file).read_text(encoding="utf-8")
    for name in flow.nodes:
        after = edited(text, "f", node_renamed(flow, name, "renamed"))
        assert shown(load_flow(after, "f"), "", "") == shown(flow, name, "renamed")
        assert [len(line.split()) for line in after.splitlines()] == [
            len(line.split()) for line in text.splitlines()
        ]
        assert re.sub(r"\brenamed\b", name, after) == text


def test_values_are_set_and_the_rest_stays(hotline: Path) -> None:
    """Several at once; a new node with the way to it; a text stays a text."""
    before = hotline.read_text(encoding="utf-8")
    said = flows(hotline, "set", "citizen_hotline", "nodes.main_menu.timeout_sec", "8", "human.key", "7")
    assert said.exit_code == 0, said.output
    wanted = before.replace("timeout_sec: 5", "timeout_sec: 8").replace("key: '0'", "key: '7'")
    assert hotline.read_text(encoding="utf-8") == wanted
    assert "-    timeout_sec: 5\n+    timeout_sec: 8\n" in said.output
    node = "{play: {zh: 您好, en: Hello.}, next: main_menu}"
    said = flows(hotline, "set", "citizen_hotline", "nodes.hi", node, "nodes.main_menu.digits.5", "hi")
    assert said.exit_code == 0, said.output
    wanted = wanted.replace("9: english}", "9: english, 5: hi}") + f"\n  hi: {node}\n"
    assert hotline.read_text(encoding="utf-8") == wanted
    assert "so already" in flows(hotline, "set", "citizen_hotline", "nodes.main_menu.timeout_sec", "8").output


def test_nothing_is_written_when_the_flow_would_not_be_sound(hotline: Path) -> None:
    """All mistakes are told, in the flow and against the centre."""
    before = hotline.read_text(encoding="utf-8")
    said = flows(hotline, "set", "citizen_hotline", "nodes.english.next", "main_meny", "start", "welcom")
    assert isinstance(said.exception, Mistakes)
    assert "unknown node 'main_meny'; did you mean 'main_menu'?" in str(said.exception)
    assert "unknown node 'welcom'; did you mean 'welcome'?" in str(said.exception)
    for words in (
        ("set", "citizen_hotline", "nodes.general.queue", "genral"),
        ("set", "citizen_hotline", "flow", "another"),
        ("set", "citizen_hotline", "nodes.nowhere.next", "end"),
        ("remove", "citizen_hotline", "english"),
        ("remove", "citizen_hotline", "english", "--instead", "nowhere"),
        ("rename", "citizen_hotline", "english", "welcome"),
    ):
        assert isinstance(flows(hotline, *words).exception, Mistakes), words
    assert hotline.read_text(encoding="utf-8") == before


def test_a_node_goes_and_its_callers_are_led_on(hotline: Path) -> None:
    """The comments stay, and so do fields that are not meant."""
    gone = ("consultation", "nodes.main_menu.retries")
    said = flows(hotline, "remove", "citizen_hotline", *gone, "--instead", "general")
    assert said.exit_code == 0, said.output
    after = hotline.read_text(encoding="utf-8")
    flow = load_flow(after, "f")
    assert flow.nodes["main_menu"].ways()[0].target == "general"
    comments = re.findall("#.*", (SHIPPED_FLOWS / hotline.name).read_text(encoding="utf-8"))
    assert re.findall("#.*", after) == comments


def test_a_renamed_node_is_renamed_in_the_tests(hotline: Path) -> None:
    """They run as before, and their comments stay."""
    said = flows(hotline, "rename", "citizen_hotline", "main_menu", "choices")
    assert said.exit_code == 0, said.output
    tests = hotline.parent / "tests" / hotline.name
    before = (SHIPPED_FLOWS / "tests" / hotline.name).read_text(encoding="utf-8")
    assert tests.read_text(encoding="utf-8") == re.sub(r"\bmain_menu\b", "choices", before)
    assert flows(hotline, "test").exit_code == 0


@pytest.mark.parametrize(
    ("own", "words", "told"),
    [
        (False, ("rename", "citizen_hotline", "english", "x"), "comes with the product"),
        (True, ("rename", "citizen_hotlin", "english", "x"), "did you mean 'citizen_hotline'?"),
        (True, ("set", "citizen_hotline", "start"), "give pairs"),
    ],
)
def test_what_cannot_be_meant_is_told(hotline: Path, own: bool, words: tuple[str, ...], told: str) -> None:
    """With what to do."""
    said = flows(hotline if own else None, *words)
    assert isinstance(said.exception, Failure)
    assert told in str(said.exception)
