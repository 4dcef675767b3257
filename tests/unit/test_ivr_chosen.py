"""What a caller chose, in the words by which the flow offered it."""

from __future__ import annotations

import pytest

from ivr_flows.chosen import offered_as
from ivr_flows.loader import load_flow
from ivr_flows.model import Flow

SOURCE = """
flow: line
languages: [zh, en]
start: menu
hints: {no_input: {zh: 请重新选择, en: Again.}, no_match: {zh: 请重新选择, en: Again.}}
nodes:
  menu:
    menu:
      zh: 您好。查询账单请按一，报修请您按2，其他业务，请拨井号键；返回按星号键。
      en: Hello. For bills, press one. Repairs, please press 2. Anything else, press the hash key.
    digits: {1: end, 2: end, 3: end, '#': end, '*': end}
    speech: {3: {zh: [投诉, 举报], en: [complain]}}
    no_input: end
    no_match: end
  end:
    hang_up: done
"""


@pytest.fixture(scope="module")
def flow() -> Flow:
    return load_flow(SOURCE, "line.yaml")


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("1", "查询账单", "For bills"),
        ("2", "报修", "Repairs"),
        ("3", "投诉", "complain"),
        ("#", "", "Anything else"),
        ("*", "返回", ""),
        ("4", "", ""),
        ("A", "", ""),
        ("", "", ""),
    ],
)
def test_words_of_a_key(flow: Flow, key: str, zh: str, en: str) -> None:
    """What may be said instead, else the part of the text that names the key; nothing where there is none."""
    node = flow.nodes["menu"]
    assert (offered_as(flow, node, key, "zh"), offered_as(flow, node, key, "en")) == (zh, en)


def test_a_language_that_the_flow_lacks_is_read_in_its_first(flow: Flow) -> None:
    assert offered_as(flow, flow.nodes["menu"], "1", "ko") == "查询账单"
    assert offered_as(flow, flow.nodes["end"], "1", "zh") == ""
