"""Flows changed over the API: drafts, mistakes at their lines, tests, versions, stages, what is refused."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from web_twin import Twin

from callcenter.audit.model import AuditDeed
from callcenter.audit.service import AuditLog
from callcenter.audit.store import MemoryAudit
from callcenter.domain.events import FlowsPublished, FlowsRefused
from callcenter.domain.flow_stage import Guards
from callcenter.flow_editing.beginning import begun
from callcenter.flow_editing.bench import Bench, BeyondBounds
from callcenter.flow_editing.memory import MemoryAtWork, ThreadBench, unspoken
from callcenter.flow_editing.service import FlowEditing
from callcenter.flow_editing_in_force import CommandsNoted, ControllerAtHand
from callcenter.flow_versions.model import (
    Doing,
    NotNow,
    content_of,
    hash_of,
    published,
    rolled_back,
    share_set,
)
from callcenter.flow_versions.service import act
from callcenter.flow_versions.store import FlowStore
from callcenter.places import Places
from callcenter.prompts.model import prompt_key, voices_for
from callcenter.prompts.shipped import SHIPPED_DIRECTORY, read_manifest
from callcenter.settings import load_settings
from ivr_flows.check import prompts_of
from ivr_flows.files import SHIPPED_FLOWS
from ivr_flows.loader import load_each
from located_yaml import Mistakes, load

CONFIG = Path(__file__).parents[2] / "config"
FILE, TESTS = "korean_line.yaml", "tests/korean_line.yaml"


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
async def twin(tmp_path: Path, audit: MemoryAudit) -> AsyncIterator[Twin]:
    async with Twin(tmp_path, audit=audit).serving() as twin:
        yield twin


@pytest.fixture
async def olga(twin: Twin) -> AsyncIterator[ClientSession]:
    """An operator at work."""
    async with twin.caller("olga") as client:
        yield client


async def asked(client: ClientSession, action: str, status: int = 200, **body: object) -> dict[str, Any]:
    async with client.post(f"/api/flows/{action}", json=body) as response:
        told: dict[str, Any] = await response.json()
        assert response.status == status, told
        return told


async def seen(client: ClientSession, what: str = "") -> dict[str, Any]:
    async with client.get(f"/api/flows{what}") as response:
        assert response.status == 200
        told: dict[str, Any] = await response.json()
        return told


async def publish(client: ClientSession, **body: object) -> dict[str, Any]:
    content = (await seen(client))["content"]
    return await asked(client, "publish", note="summer", content=content, **body)


async def written(client: ClientSession, name: str = FILE) -> dict[str, Any]:
    overview = await seen(client)
    (file,) = (one for one in (*overview["files"], *overview["tests"]) if one["name"] == name)
    return dict(file)


async def saved(client: ClientSession, old: str, new: str) -> str:
    """The file with ``new`` instead of ``old``."""
    before = await written(client)
    assert old in before["text"]
    text = str(before["text"]).replace(old, new)
    await asked(client, "save", name=FILE, text=text, seen=before["hash"])
    return text


async def test_from_the_first_version_to_the_way_back(olga: ClientSession, audit: MemoryAudit) -> None:
    """Every step says what may be done next, and stands in both logs with its author and reason."""
    first = await seen(olga)
    assert first["in_force"] is None
    assert first["allowed_actions"] == ["publish"]
    assert {one["state"] for one in first["files"]} == {"unpublished"}
    assert (await publish(olga))["number"] == 1
    assert (await publish(olga))["number"] is None
    text = await saved(olga, "timeout_sec: 5", "timeout_sec: 7")
    now = await seen(olga)
    assert {one["name"]: one["state"] for one in now["files"]}[FILE] == "changed"
    assert now["allowed_actions"] == ["save", "publish", "stage-new"]
    lines = (await seen(olga, "/diff"))["lines"]
    assert "-    timeout_sec: 5" in lines
    assert "+    timeout_sec: 7" in lines
    assert (await publish(olga, percent=10))["number"] == 2
    stage = (await seen(olga))["stage"]
    assert (stage["number"], stage["percent"], stage["author"], stage["note"]) == (2, 10, "olga", "summer")
    assert stage["guards"]["min_calls"] > 0
    assert (await written(olga))["state"] == "staged"
    await asked(olga, "stage", note="more", percent=40)
    await asked(olga, "finish", note="good")
    await asked(olga, "rollback", note="too slow")
    after = await seen(olga)
    assert after["in_force"]["number"] == after["running"] == 1
    assert (await written(olga))["text"] == text
    entries = (await seen(olga, "/versions"))["entries"]
    assert [(one["deed"], one["number"], one["note"]) for one in entries] == [
        ("rolled_back", 1, "too slow"), ("finished", 2, "good"), ("share_set", 2, "more"),
        ("staged", 2, "summer"), ("published", 1, "summer"),
    ]  # fmt: skip
    assert entries[0]["changes"] == "korean_line.yaml +1 -1"
    noted = [(one.entry.deed, one.entry.user, one.entry.what) for one in audit.kept]
    assert (AuditDeed.FLOWS_PUBLISHED, "olga", "version 2") in noted
    assert (AuditDeed.FLOWS_ROLLED_BACK, "olga", "version 1") in noted
    assert (AuditDeed.FLOW_WRITTEN, "olga", FILE) in noted


async def test_mistakes_are_told_at_their_lines_and_written_nowhere(olga: ClientSession) -> None:
    """As one types: of the flow by itself, of its surroundings, with the node, and with the graph so far."""
    before = await written(olga)
    text = str(before["text"]).replace("queue: korean", "queue: corean")
    line = text.splitlines().index(next(one for one in text.splitlines() if "corean" in one)) + 1
    told = await asked(olga, "check", files=[{"name": FILE, "text": text}], shown=FILE)
    (mistake,) = told["mistakes"]
    assert (mistake["file"], mistake["line"], bool(mistake["node"])) == (FILE, line, True)
    assert "did you mean 'korean'" in mistake["message"]
    assert told["graph"]["flow"] == before["flow"]
    assert await written(olga) == before
    assert (await asked(olga, "check", files=[], shown=FILE))["mistakes"] == []


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1]\nb: *x\n",
        "[" * 5000,
        "{" * 5000,
        "- " * 5000,
        "a: !!python/object:os.system x",
        "x" * 300_000,
    ],
)
async def test_what_is_typed_cannot_unfold_nor_run(olga: ClientSession, text: str) -> None:
    """Each is one mistake, at once."""
    told = await asked(olga, "check", files=[{"name": FILE, "text": text}], shown=FILE)
    assert any(mistake["file"] == FILE for mistake in told["mistakes"])
    assert told["graph"] is None


async def test_more_than_a_megabyte_is_not_even_read(olga: ClientSession) -> None:
    """The body as a whole is bounded."""
    body = io.BytesIO(b'{"files": [], "shown": "' + b"x" * (1 << 20) + b'"}')
    headers = {"Content-Type": "application/json"}
    async with olga.post("/api/flows/check", data=body, headers=headers) as response:
        assert response.status == 413


async def test_a_broken_draft_is_kept_and_never_published(twin: Twin, olga: ClientSession) -> None:
    """Refused with every mistake; what is in force stays, and the next start runs that."""
    body = {"name": FILE, "text": "flow: x", "seen": (await written(olga))["hash"]}
    assert (await asked(olga, "save", 409, **body))["code"] == "not_now"
    await publish(olga)
    await asked(olga, "save", **body)
    told = await asked(olga, "publish", 409, note="x", content=(await seen(olga))["content"])
    assert told["code"] == "flows_unsound"
    assert FILE in told["what"]
    assert (await seen(olga))["in_force"]["number"] == 1
    assert (await written(olga))["flow"] == "x"


async def test_nobody_overwrites_what_they_have_not_seen(olga: ClientSession, twin: Twin) -> None:
    """Neither a draft of somebody else, nor by publishing one."""
    await publish(olga)
    before, content = await written(olga), (await seen(olga))["content"]
    await saved(olga, "timeout_sec: 5", "timeout_sec: 7")
    told = await asked(olga, "save", 409, name=FILE, text="flow: mine", seen=before["hash"])
    assert told["code"] == "changed_meanwhile"
    assert (await asked(olga, "save", 409, name=FILE, text="flow: mine", seen=None))["status"] == 409
    assert (await asked(olga, "publish", 409, note="x", content=content))["code"] == "not_now"
    assert "timeout_sec: 7" in (await written(olga))["text"]
    assert list(twin.at_work.settings.centre.flows_dir.glob(".*")) == []  # type: ignore[union-attr]


async def test_the_flows_of_the_product_are_copied_before_they_are_changed(tmp_path: Path) -> None:
    """The product's own stay as they are; from then on the copy is what is published and tested."""
    settings = load_settings(CONFIG, (), {"CALLCENTER__CENTRE__DATA_DIR": str(tmp_path)})
    places = Places.of(settings.centre)
    editing = FlowEditing(MemoryAtWork(settings, places, int), ThreadBench(), places, int, unspoken)
    before = await editing.overview()
    await editing.publish("li", "x", content_of(before.flows), None)
    text = before.flows[FILE].decode() + "# ours\n"
    await editing.save(FILE, text, hash_of(before.flows[FILE]))
    after = await editing.overview()
    assert after.flows == {**before.flows, FILE: text.encode()}
    assert after.tests == before.tests
    assert (SHIPPED_FLOWS / FILE).read_bytes() == before.flows[FILE]
    again = load_settings(CONFIG, (), {"CALLCENTER__CENTRE__DATA_DIR": str(tmp_path)})
    assert again.centre.flows_dir == tmp_path / "flows"


async def test_a_flow_is_begun(olga: ClientSession, audit: MemoryAudit) -> None:
    """Small, sound, spoken already, and in force only once it is published; what it is called is checked."""
    assert (await asked(olga, "new", 409, name="night_line"))["code"] == "not_now"
    await publish(olga)
    begun = await asked(olga, "new", name="night_line")
    assert begun["name"] == "night_line.yaml"
    told = await asked(olga, "check", files=[], shown="night_line.yaml")
    assert (told["mistakes"], told["graph"]["flow"]) == ([], "night_line")
    (file,) = (one for one in (await seen(olga))["files"] if one["name"] == "night_line.yaml")
    assert (file["state"], file["flow"], file["numbers"]) == ("new", "night_line", [])
    for name, code in (
        ("night_line", "flow_name_taken"),
        ("korean_line", "flow_name_taken"),
        ("night line", "flow_name_unfit"),
        ("../night", "flow_name_unfit"),
        ("夜间", "flow_name_unfit"),
    ):
        assert (await asked(olga, "new", 409, name=name))["code"] == code
    noted = [(one.entry.deed, one.entry.what) for one in audit.kept]
    assert (AuditDeed.FLOW_WRITTEN, "night_line.yaml") in noted


@pytest.mark.parametrize("language", ["zh", "en", "ko", "fr"])
def test_a_flow_begins_with_words_that_are_spoken_already(language: str) -> None:
    """By the voices that come with the product."""
    (flow,), mistakes = load_each({"night.yaml": begun("night", language)})
    assert mistakes == []
    shipped = read_manifest(SHIPPED_DIRECTORY)
    for prompt in prompts_of(flow):
        assert any(prompt_key(prompt, voice) in shipped for voice in voices_for(prompt.language))


@pytest.mark.parametrize("name", ["../x.yaml", "tests/../x.yaml", "/x.yaml", ".x.yaml", "x.yml", "x/y.yaml"])
async def test_files_lie_where_flows_lie(olga: ClientSession, name: str) -> None:
    """No other name is taken."""
    await publish(olga)
    await asked(olga, "save", 422, name=name, text="flow: x", seen=None)


async def test_tests_run_on_what_is_typed(olga: ClientSession) -> None:
    """What was heard instead, at the line of what was expected; and how much of each flow they go through."""
    told = await asked(olga, "test", files=[])
    assert {case["outcome"] for case in told["cases"]} == {"passed"}
    (covered,) = (one for one in told["coverage"] if one["file"] == FILE)
    assert covered["way_percent"] == 100.0
    assert covered["covered"]
    text = str((await written(olga))["text"])
    changed = text.replace("안녕하십니까.", "어서 오십시오.")
    assert changed != text
    told = await asked(olga, "test", files=[{"name": FILE, "text": changed}])
    failed = [case for case in told["cases"] if case["outcome"] == "failed"]
    assert failed
    assert failed[0]["file"] == TESTS
    assert failed[0]["failures"][0]["line"] > 0
    assert any("hears" in line for line in failed[0]["trace"])
    broken = await asked(olga, "test", files=[{"name": TESTS, "text": "flow: korean_line\ncases: 3"}])
    assert (broken["cases"], broken["mistakes"][0]["file"]) == ([], TESTS)


async def test_what_the_controller_refuses_is_told(twin: Twin, olga: ClientSession) -> None:
    """With its reasons; the person knows that it is not in force."""
    twin.at_work.answers = FlowsRefused(1, 1, ["korean_line.yaml:3:1: no queue 'korean'"])
    told = await asked(olga, "publish", 409, note="x", content=(await seen(olga))["content"])
    assert told["code"] == "flows_refused"
    assert "no queue 'korean'" in told["what"]


class Control:
    """What ``ControllerAtHand`` subscribes to."""

    def subscribe(self, listener: Any, *kinds: type) -> None:
        self.tell = listener


async def test_the_controller_at_hand_is_heard() -> None:
    """Its answer to this entry or a later one, never to an earlier; also one that came first."""
    control = Control()

    def look() -> None:
        control.tell(1, FlowsRefused(0, 3, ["of an earlier entry"]))
        control.tell(2, FlowsPublished(0, 2, {}, 5))

    at_hand = ControllerAtHand(None, control, look)  # type: ignore[arg-type]
    assert await at_hand.take_up(4) == FlowsPublished(0, 2, {}, 5)
    assert await at_hand.take_up(5) == FlowsPublished(0, 2, {}, 5)


async def test_what_commands_publish_stands_in_the_audit_log(tmp_path: Path) -> None:
    """Once, also after a restart; what the console did is noted by its routes."""
    store, audit = FlowStore(tmp_path), MemoryAudit()
    by_command = Doing(1, "li", "why", command=True)
    act(store, lambda state: published(state, 1, by_command, None, Guards()))
    act(store, lambda state: published(state, 2, Doing(2, "olga"), 10, Guards()))
    act(store, lambda state: share_set(state, 30, by_command))
    for _ in range(2):
        noted = CommandsNoted(store, AuditLog(audit))
        await noted.look()
        await noted.look()
    assert [
        (one.entry.user, one.entry.deed, one.entry.what, dict(one.entry.detail)) for one in audit.kept
    ] == [
        ("li", AuditDeed.FLOWS_PUBLISHED, "version 1", {"note": "why"}),
        ("li", AuditDeed.FLOWS_STAGED, "version 2", {"note": "why", "percent": "30"}),
    ]


async def test_what_is_published_comes_whole_from_the_bench(tmp_path: Path) -> None:
    """Proved, kept and spoken are the same whether a thread or the process has read it."""
    twin, bench = Twin(tmp_path), Bench()
    places = Places(tmp_path / "var")
    editing = FlowEditing(twin.at_work, bench, places, twin.clock, unspoken)
    try:
        seen = await editing.overview()
        done = await editing.publish("li", "x", content_of(seen.flows), None)
        assert done is not None
        assert done.action.number == 1
        assert FlowStore(places.flow_versions).version(1).flows.keys() == set(seen.flow_of.values())
        with pytest.raises(NotNow):
            await editing.change("li", "x", lambda state, doing: rolled_back(state, None, doing))
    finally:
        editing.close()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGALRM)


def _devour() -> int:
    return len(bytes(3 << 30))


async def test_the_bench_outlives_what_is_tried_on_it() -> None:
    """Too long or too large ends the process; the next text meets a new one. Mistakes come whole."""
    bench = Bench()
    try:
        with pytest.raises(Mistakes) as wrong:
            await bench.run(load, "a: [", "f.yaml")
        assert wrong.value.found[0].file == "f.yaml"
        for work in (_die, _devour):
            with pytest.raises(BeyondBounds, match=" -> "):
                await bench.run(work)
        assert (await bench.run(load, "a: 1", "f.yaml")).data == {"a": 1}
    finally:
        bench.close()
