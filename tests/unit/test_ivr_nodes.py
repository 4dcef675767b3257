"""Variables, digits, texts with variables, waits, splits, sub-flows: what a caller meets, before and after a
restart."""

import json
from typing import Any

import pytest

from ivr_flows.effects import (
    DeadlineReached,
    DigitReceived,
    EndCall,
    EnterQueue,
    FlowEffect,
    NodeEntered,
    PlayEnded,
    PlayMusic,
    PlayPrompts,
    StopMusic,
    StopPrompts,
)
from ivr_flows.interpreter import CallFacts, FlowSession, Phase
from ivr_flows.loader import load_flows
from ivr_flows.model import Flow
from ivr_flows.sealing import Seal

MAIN = """
flow: main
languages: [zh, en]
start: begin
human: {key: '0', next: desk}
hints:
  no_input: {zh: 没有按键。, en: No key.}
  no_match: {zh: 有误。, en: Wrong.}
  echo: {zh: '您输入的是{digits}，确认请按1。', en: 'You entered {digits}. Press 1 to confirm.'}
variables: {vip: false, area: '', level: 1}
nodes:
  begin: {set: {visits: 1 + 1, name: "'Li'", vip: not vip, twice: visits + visits}, next: top}
  top:
    menu: {zh: 请按键。, en: Press a key.}
    digits: {1: card, 2: ticket, 3: hold, 4: draw, 5: identify, 6: english, 7: busy, 8: call_again}
    no_input: bye
    no_match: bye
  card:
    collect: {zh: 请输入证件号。, en: Your card.}
    digits: 18
    check: id_card_cn
    sensitive: true
    into: card
    retries: 1
    next: known
    no_input: bye
    no_match: top
  known: {branch: [{when: "starts_with(card, '11')", next: desk}], otherwise: bye}
  ticket:
    collect: {zh: 请输入工单号。, en: Your ticket.}
    digits: {min: 3, max: 6}
    echo: true
    into: ticket
    timeout_sec: 4
    next: tell
    no_input: bye
    no_match: bye
  tell: {say: {zh: '工单{ticket:digits}，第{visits}次，{name}。', en: 'Ticket {ticket:digits}.'}, next: top}
  hold: {wait: 20, prompt: {zh: 请稍候。, en: Wait.}, music: true, next: top}
  draw: {split: [{weight: 1, next: desk}, {weight: 3, next: bye}]}
  identify: {flow: who, with: {asked: visits}, into: {level: level, area: place}, next: after}
  after: {say: {zh: '{area}{level}。', en: '{area}{level}.'}, next: top}
  english: {language: en, next: top}
  call_again: {branch: [{when: tries < 3, next: count}], otherwise: bye}
  count: {set: {tries: tries + 1}, next: again}
  again: {queue: general, otherwise: call_again}
  busy: {hang_up: no_lines, cause: busy}
  desk: {queue: general, otherwise: bye}
  bye: {hang_up: done}
""".replace("level: 1}", "level: 1, tries: 0}")
WHO = """
flow: who
languages: [zh, en]
start: ask
variables: {asked: 0}
nodes:
  ask:
    collect: {zh: 请输入区号。, en: Area.}
    digits: {min: 2, max: 4}
    into: code
    next: back
    no_input: nothing
    no_match: nothing
  back: {return: {level: asked + 1, place: "code + '区'"}}
  nothing: {return: {level: 0, place: "''"}}
"""
FLOWS = load_flows({"main.yaml": MAIN, "who.yaml": WHO})
FLOW = FLOWS["main"]
SEAL = Seal(b"0123456789abcdef")
FACTS = CallFacts("13800000000", "12345")
CARD = "11010519491231002"


class Caller:
    """A session with its clock, and what it last asked for."""

    def __init__(self, flow: Flow = FLOW, seed: str = "call-1", seal: Seal | None = SEAL) -> None:
        self.flow, self.seed, self.seal = flow, seed, seal
        self.now = 1_000_000
        self.session = FlowSession(flow, FACTS, {}, seed, seal)
        self.all: list[FlowEffect] = []
        self.last = self._told(self.session.start(self.now))

    def _told(self, effects: list[FlowEffect]) -> list[FlowEffect]:
        self.all += effects
        return effects

    def press(self, keys: str) -> "Caller":
        self.last = []
        for key in keys:
            self.last += self._told(self.session.handle(DigitReceived(key), self.now))
        return self

    def hear(self) -> "Caller":
        """The words that play come to their end."""
        token = [effect.token for effect in self.all if isinstance(effect, PlayPrompts)][-1]
        self.last = self._told(self.session.handle(PlayEnded(token), self.now))
        return self

    def silent(self) -> "Caller":
        """Until the session's own deadline."""
        deadline = self.session.next_deadline()
        assert deadline is not None
        self.now = deadline
        self.last = self._told(self.session.handle(DeadlineReached(), self.now))
        return self

    def restart(self) -> "Caller":
        """With nothing but the checkpoint kept."""
        kept = json.loads(json.dumps(self.session.checkpoint()))
        self.session = FlowSession.resumed(self.flow, FACTS, {}, kept, False, self.seed, self.seal)
        self.last = self._told(self.session.start(self.now))
        return self

    @property
    def heard(self) -> list[str]:
        return [p.text for effect in self.last if isinstance(effect, PlayPrompts) for p in effect.prompts]

    @property
    def entered(self) -> list[str]:
        return [effect.node for effect in self.last if isinstance(effect, NodeEntered)]

    @property
    def kept(self) -> dict[str, Any]:
        return self.session.checkpoint()


def test_variables_are_set_in_order_and_kept() -> None:
    """A later one sees the earlier; all of them are in the checkpoint, and there after a restart."""
    caller = Caller()
    assert caller.kept["variables"] == {"visits": 2, "name": "Li", "vip": True, "twice": 4}
    caller.restart().press("2").press("12345#").press("1")
    assert caller.heard == ["工单幺二三四五，第二次，Li。"]


def test_a_variable_of_another_kind_in_a_checkpoint_is_left_out() -> None:
    """As after a new version of the flow: the call goes on with the declared or the neutral value."""
    kept = {"node": "tell", "variables": {"visits": "two", "ticket": 7, "name": [1], "gone": 1, "vip": True}}
    session = FlowSession.resumed(FLOW, FACTS, {}, kept)
    (play,) = [effect for effect in session.start(0) if isinstance(effect, PlayPrompts)]
    assert play.prompts[0].text == "工单，第零次，。"
    assert session.checkpoint()["variables"] == {"vip": True}


def test_digits_end_with_the_terminator_the_last_digit_or_a_pause() -> None:
    """Three ways to the same entry; whoever presses # after the last digit means nothing else by it."""
    assert Caller().press("2").press("1234#").heard == ["您输入的是幺二三四，确认请按1。"]
    assert Caller().press("2").press("123456").heard == ["您输入的是幺二三,四五六，确认请按1。"]
    assert Caller().press("2").press("1234").silent().heard == ["您输入的是幺二三四，确认请按1。"]
    caller = Caller().press("2").press("123456#")
    assert caller.session.phase is Phase.READING_BACK
    assert caller.press("1").entered == ["tell"]


def test_keys_typed_ahead_are_digits_too() -> None:
    """One breath: menu, number, terminator and confirmation."""
    session = FlowSession.resumed(FLOW, FACTS, {}, {"node": "top"})
    for key in "2123456#1":
        session.handle(DigitReceived(key), 0)
    assert [e.node for e in session.start(0) if isinstance(e, NodeEntered)] == ["ticket", "tell"]


def test_wrong_digits_and_silence_are_repeated_and_then_go_their_way() -> None:
    """With the hints; too short, not passing the check, or none at all."""
    caller = Caller().press("1").hear()
    assert caller.press(CARD + "1").heard == ["有误。", "请输入证件号。"]
    assert caller.press("#").last == []  # the end of an entry that was complete without it
    assert caller.press("#").entered == ["top"]
    caller = Caller().press("2").hear().silent()
    assert caller.heard == ["没有按键。", "请输入工单号。"]
    assert caller.press("12").silent().heard == ["有误。", "请输入工单号。"]
    assert caller.press("1*").last[-1] == EndCall("done")


def test_unconfirmed_digits_are_entered_again() -> None:
    """Another key begins the entry anew, silence too, and no oftener than the retries say."""
    caller = Caller().press("2").press("123#")
    assert caller.press("2").heard == ["请输入工单号。"]
    assert caller.press("124#").hear().silent().heard == ["没有按键。", "请输入工单号。"]
    assert caller.press("125#").hear().press("9").last[-1] == EndCall("done")


def test_the_human_key_alone_leads_to_a_human_but_is_a_digit_in_a_number() -> None:
    """Alone with the terminator or a pause, and while digits are read back."""
    for reach in (
        Caller().press("2").press("0#"),
        Caller().press("2").press("0").silent(),
        Caller().press("2").press("100#").press("0"),
    ):
        assert isinstance(reach.last[-1], EnterQueue)
    assert Caller().press("2").press("010#").heard == ["您输入的是零幺零，确认请按1。"]


def test_sensitive_digits_survive_a_restart_and_are_never_in_the_clear() -> None:
    """Neither an effect nor a checkpoint shows them; another call or another key cannot open them."""
    caller = Caller().press("1").press(CARD + "*")
    assert caller.entered == ["known", "desk"]
    kept = caller.kept
    told = json.dumps(kept) + repr(caller.all) + repr(caller.session)
    assert CARD not in told
    assert set(kept["sealed"]) == {"card"}
    again = FlowSession.resumed(FLOW, FACTS, {}, {**kept, "node": "known"}, False, "call-1", SEAL)
    assert isinstance(again.start(0)[-1], EnterQueue)
    assert again.checkpoint()["sealed"] == kept["sealed"]
    for seed, seal in (("call-2", SEAL), ("call-1", Seal(b"another key here")), ("call-1", None)):
        lost = FlowSession.resumed(FLOW, FACTS, {}, {**kept, "node": "known"}, False, seed, seal)
        assert lost.start(0)[-1] == EndCall("done")


def test_a_wait_has_words_music_and_an_end() -> None:
    """The human key is heard all the while."""
    caller = Caller().press("3")
    assert caller.heard == ["请稍候。"]
    end = caller.now + 20_000
    assert caller.session.next_deadline() == end
    assert caller.hear().last == [PlayMusic()]
    caller.silent()
    assert (caller.now, caller.last[0], caller.entered) == (end, StopMusic(), ["top"])
    assert isinstance(Caller().press("3").press("0").last[0], StopPrompts)
    assert isinstance(Caller().press("3").press("0").last[-1], EnterQueue)


def test_a_split_goes_the_same_way_for_the_same_call_and_by_weight_for_many() -> None:
    """A replay of the call goes the same way; a quarter of the callers goes the other."""
    ways = [Caller(seed=f"call-{n}").press("4").entered[-1] for n in range(400)]
    assert ways == [Caller(seed=f"call-{n}").press("4").entered[-1] for n in range(400)]
    assert 70 <= ways.count("desk") <= 130


@pytest.mark.parametrize("restart", [False, True])
def test_a_sub_flow_takes_values_and_gives_results(restart: bool) -> None:
    """Its own nodes and variables, also after a restart in the middle of it."""
    caller = Caller().press("5")
    assert [e.flow for e in caller.last if isinstance(e, NodeEntered)] == ["main", "who"]
    assert caller.kept["within"][0]["node"] == "identify"
    assert caller.kept["node"] == "ask"
    assert caller.kept["flow"] == "main"
    if restart:
        assert caller.restart().heard == ["请输入区号。"]
    assert caller.press("21#").heard == ["21区三。"]
    assert "within" not in caller.kept
    assert caller.kept["variables"]["visits"] == 2


def test_the_human_key_works_in_a_sub_flow_without_one() -> None:
    """It is that of the flow around, which goes on from there."""
    caller = Caller().press("5").press("0#")
    assert isinstance(caller.last[-1], EnterQueue)
    assert caller.kept["node"] == "desk"
    assert "within" not in caller.kept


def test_a_checkpoint_in_a_sub_flow_that_is_gone_begins_at_the_start() -> None:
    """A caller is never lost by a new version."""
    kept = {"node": "ask", "within": [{"node": "hold"}]}
    session = FlowSession.resumed(FLOW, FACTS, {}, kept)
    assert next(e.node for e in session.start(0) if isinstance(e, NodeEntered)) == "begin"
    deep = {"node": "ask", "within": [{"node": "identify"}, {"node": "identify"}]}
    assert FlowSession.resumed(FLOW, FACTS, {}, deep).start(0)


def test_a_version_changes_with_its_sub_flows() -> None:
    """What a caller meets is the same for the same version."""
    changed = load_flows({"main.yaml": MAIN, "who.yaml": WHO.replace("区号", "地区")})
    assert changed["main"].version != FLOW.version
    assert changed["main"].subflows["who"] == changed["who"]


def test_a_hang_up_has_its_cause() -> None:
    """The caller's own system is told."""
    assert Caller().press("7").last[-1] == EndCall("no_lines", "busy")
