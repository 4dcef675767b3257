"""The controller takes up what is published: whole or not at all, and tells so in the journal."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from callcenter import assembly
from callcenter.adapters.memory import MemoryJournal
from callcenter.controller.admission import AdmissionGate, AdmissionLimit
from callcenter.controller.messages import Started
from callcenter.controller.shell import Controller
from callcenter.domain import events as e
from callcenter.domain.flow_stage import Guards
from callcenter.domain.switch import CallerArrived, SwitchConnected
from callcenter.flow_versions import model, service
from callcenter.flow_versions.model import Deed, Doing
from callcenter.flow_versions.store import FlowStore
from callcenter.flows_in_force import FlowsInForce
from callcenter.places import Places
from callcenter.prompts.service import PromptService
from callcenter.settings import Settings, load_settings
from ivr_flows.files import SHIPPED_FLOWS
from located_yaml import Mistakes

CONFIG = Path(__file__).parents[2] / "config"
DOING = Doing(1_000, "li", "")
NOW = 1_763_697_600_000


class Silent(PromptService):
    """Every text has audio; notes which ones were asked for."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.prepared: list[set[Any]] = []

    async def prepare(self, texts: Any, *, synthesize: bool = True) -> Any:
        self.prepared.append(set(texts))
        return None

    def media_uri(self, prompt: Any) -> str:
        return f"sound:/{prompt.text}"


class Rig:
    """A controller's side of publishing over a real store, without a switch."""

    def __init__(self, directory: Path, journal: MemoryJournal | None = None, **environment: str) -> None:
        self.flows_dir = directory / "flows"
        if not self.flows_dir.exists():
            shutil.copytree(SHIPPED_FLOWS, self.flows_dir)
        self.settings = self.read(**environment)
        self.places = Places(directory / "var")
        self.store = FlowStore(self.places.flow_versions)
        self.prompts = Silent(directory / "prompts")
        self.flows = FlowsInForce(self.store, self.settings, self.prompts, lambda: NOW)
        config = assembly.centre_config(
            self.settings, self.flows.taken.flows, self.prompts.media_uri, self.places
        )
        self.journal = journal or MemoryJournal()
        centre = self.flows.remembered(config, self.journal.recall())
        gate = AdmissionGate(AdmissionLimit(100, 100))
        self.control = Controller(centre, gate, self.journal, lambda: NOW, lambda job: None)
        self.control.subscribe(self.flows.follow)
        self.reloaded: list[Settings] = []

    def put_in_force(self, settings: Settings) -> None:
        self.reloaded.append(settings)
        self.control.post(assembly.reconfigured(settings))

    def read(self, **environment: str) -> Settings:
        where = {"CALLCENTER__CENTRE__FLOWS_DIR": str(self.flows_dir)}
        return load_settings(CONFIG, environment={**where, **environment})

    def publish(self, mark: str, percent: int | None = None) -> None:
        path = self.flows_dir / "korean_line.yaml"
        source = (SHIPPED_FLOWS / path.name).read_text(encoding="utf-8")
        path.write_text(source.replace("ko: 상담 또는", f"ko: {mark} 상담 또는"), encoding="utf-8")
        new = service.draft(self.flows_dir, dict)
        assert service.publish(self.store, new, DOING, percent, Guards(10)) is not None

    def events(self, kind: type[e.DomainEvent]) -> list[Any]:
        told = self.journal.since(0, 10_000) or []
        return [event for _, event in told if isinstance(event, kind)]

    async def until(self, kind: type[e.DomainEvent], count: int) -> Any:
        async with asyncio.timeout(10):
            while len(found := self.events(kind)) < count:
                await asyncio.sleep(0.005)
        return found[-1]


@asynccontextmanager
async def running(directory: Path, journal: MemoryJournal | None = None) -> AsyncIterator[Rig]:
    rig = Rig(directory, journal)
    rig.control.post(Started())
    rig.control.post(SwitchConnected(NOW, (), (), frozenset()))
    work = (rig.flows.run(rig.control, rig.put_in_force), rig.flows.run_notes())
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield rig
    finally:
        rig.control.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_nothing_published_is_as_it_always_was(tmp_path: Path) -> None:
    """The files of flows_dir run, and no fact is journaled of it, also when it is looked again."""
    async with running(tmp_path) as rig:
        assert rig.flows.taken.number == 0
        rig.flows.look()
        await asyncio.sleep(0.1)
        assert rig.events(e.FlowsPublished) == []


async def test_what_is_published_is_taken_up_at_once(tmp_path: Path) -> None:
    """With only its new texts made ready, and told once."""
    async with running(tmp_path) as rig:
        rig.publish("하나")
        rig.flows.look()
        told = await rig.until(e.FlowsPublished, 1)
        assert (told.number, told.action, told.staged) == (1, 1, None)
        assert told.flows == {name: flow.version for name, flow in rig.flows.taken.flows.items()}
        assert {prompt.text[:2] for prompt in rig.prompts.prepared[-1]} == {"하나"}
        rig.flows.look()
        await asyncio.sleep(0.1)
        assert len(rig.events(e.FlowsPublished)) == 1


async def test_many_words_at_once_are_one_look(tmp_path: Path) -> None:
    """The last state counts; a publisher in between hears of it by the entry of the log."""
    async with running(tmp_path) as rig:
        for mark in ("하나", "둘", "셋"):
            rig.publish(mark)
            rig.flows.look()
        assert (await rig.until(e.FlowsPublished, 1)).action == 3


async def test_what_does_not_fit_the_settings_in_force_changes_nothing(tmp_path: Path) -> None:
    """All of it is told; with the right settings it is taken up."""
    async with running(tmp_path) as rig:
        rig.publish("하나")
        rig.flows.look()
        await rig.until(e.FlowsPublished, 1)
        path = rig.flows_dir / "korean_line.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("queue: korean", "queue: seoul"), "utf-8")
        service.publish(rig.store, service.draft(rig.flows_dir, dict), DOING)
        rig.flows.look()
        refused = await rig.until(e.FlowsRefused, 1)
        assert refused.action == 2
        assert "unknown queue 'seoul'" in refused.mistakes[0]
        assert str(rig.store.path(2) / "korean_line.yaml") in refused.mistakes[0]
        assert rig.control.centre.floor.config.flows_number == 1
        seoul = "{title: Seoul, category: consultation, skills: {korean: 5}}"
        rig.flows.reload(partial(rig.read, CALLCENTER__QUEUES__SEOUL=seoul))
        assert (await rig.until(e.FlowsPublished, 2)).number == 2


async def test_a_damaged_store_changes_nothing(tmp_path: Path) -> None:
    """Whoever edits a published version, is told; the running one goes on."""
    async with running(tmp_path) as rig:
        rig.publish("하나")
        rig.flows.look()
        await rig.until(e.FlowsPublished, 1)
        rig.publish("둘")
        (rig.store.path(2) / "korean_line.yaml").write_text("flow: x\n")
        rig.flows.look()
        assert "is not as it was published" in (await rig.until(e.FlowsRefused, 1)).mistakes[0]
        assert rig.control.centre.floor.config.flows_number == 1
    with pytest.raises(Exception, match="is not as it was published"):
        Rig(tmp_path)


async def test_numbers_and_calendars_come_with_new_settings(tmp_path: Path) -> None:
    """A number that leads elsewhere is in force for new callers; one that leads nowhere is refused."""
    async with running(tmp_path) as rig:
        rig.flows.reload(partial(rig.read, CALLCENTER__NUMBERS__777="{flow: korean_line, language: ko}"))
        async with asyncio.timeout(5):
            while rig.control.centre.floor.config.route("777").flow != "korean_line":
                await asyncio.sleep(0.01)
        assert rig.events(e.FlowsPublished) == []
        rig.flows.reload(partial(rig.read, CALLCENTER__NUMBERS__777="{flow: nowhere, language: ko}"))
        refused = await rig.until(e.FlowsRefused, 1)
        assert "numbers.777: no flow 'nowhere'" in refused.mistakes[0]
        assert rig.control.centre.floor.config.route("777").flow == "korean_line"


@pytest.mark.parametrize("published", [False, True])
async def test_settings_that_the_running_flows_do_not_fit_are_refused_whole(
    tmp_path: Path, published: bool
) -> None:
    """Whether these flows were published or are the files of the start: with all mistakes, and all that ran
    before goes on; also for who publishes next."""
    async with running(tmp_path) as rig:
        if published:
            rig.publish("하나")
            rig.flows.look()
            await rig.until(e.FlowsPublished, 1)
        known = rig.read(
            CALLCENTER__NUMBERS__777="{flow: nowhere}",
            CALLCENTER__WEBHOOKS__CRM="{url: 'http://h/', sign_with: NOT_SET_ANYWHERE}",
        )
        queues = {name: queue for name, queue in known.queues.items() if name != "korean"}
        rig.flows.reload(lambda: known.model_copy(update={"queues": queues}))
        refused = await rig.until(e.FlowsRefused, 1)
        flow = (rig.store.path(1) if published else rig.flows_dir) / "korean_line.yaml"
        missing, calling = "unknown queue 'korean'", "numbers.777: no flow 'nowhere'"
        unset = "webhooks.crm.sign_with: set the environment variable NOT_SET_ANYWHERE"
        assert any(told.startswith(f"{flow}:") and missing in told for told in refused.mistakes)
        assert all(any(words in told for told in refused.mistakes) for words in (calling, unset))
        centre = rig.control.centre
        assert "korean" in centre.queueing.router.config.queues
        assert centre.floor.config.route("777") == centre.floor.config.any_number
        assert rig.reloaded == []
        rig.publish("둘")
        rig.flows.look()
        assert (await rig.until(e.FlowsPublished, 1 + published)).number == 1 + published


async def test_settings_that_everything_fits_come_in_force_with_their_numbers(tmp_path: Path) -> None:
    """Those that cannot be read change nothing; the same once more are answered for once more."""
    async with running(tmp_path) as rig:
        rig.flows.reload(partial(rig.read, CALLCENTER__QUEUES__KOREAN="{titel: x}"))
        assert "titel" in (await rig.until(e.FlowsRefused, 1)).mistakes[0]
        for count in (1, 2):
            rig.flows.reload(partial(rig.read, CALLCENTER__QUEUES__KOREAN__MAX_WAITING="7"))
            async with asyncio.timeout(10):
                while len(rig.reloaded) < count:
                    await asyncio.sleep(0.005)
        async with asyncio.timeout(10):
            while rig.control.centre.queueing.router.config.queues["korean"].max_waiting != 7:
                await asyncio.sleep(0.005)


async def test_a_restart_runs_what_was_published_whatever_flows_dir_says(tmp_path: Path) -> None:
    """Also broken files there hinder no start; and live calls get the version they began with."""
    async with running(tmp_path) as rig:
        for mark in ("하나", "둘"):
            rig.publish(mark)
            rig.flows.look()
            await rig.until(e.FlowsPublished, ["하나", "둘"].index(mark) + 1)
            rig.control.post(CallerArrived(NOW, f"leg-{mark}", "city", "12345082", "021"))
        journal = rig.journal
    rig.publish("셋")
    (rig.flows_dir / "korean_line.yaml").write_text("flow: nonsense\n")
    async with running(tmp_path, journal) as again:
        assert again.flows.taken.number == 3
        assert [event.number for event in again.events(e.FlowsPublished)] == [1, 2, 3]
        published = again.control.centre.published
        assert published.unknown_numbers() == set()
        for call in again.control.centre.floor.calls.values():
            assert published.flow_of(call).version == call.checkpoint["version"]
        assert {call.flows_number for call in again.control.centre.floor.calls.values()} == {1, 2}
    shutil.rmtree(tmp_path / "var")
    with pytest.raises(Mistakes):
        Rig(tmp_path)


async def test_a_guard_s_withdrawal_comes_into_the_publishing_log(tmp_path: Path) -> None:
    """With the figures, once; and again after a controller that died before it could note it."""
    async with running(tmp_path) as rig:
        rig.publish("하나")
        rig.publish("둘", percent=50)
        rig.flows.look()
        assert (await rig.until(e.FlowsPublished, 1)).staged["number"] == 2
        rig.control.record(e.FlowStageWithdrawn(NOW, 2, 2, "errors", 0.5, 20, 0.0, 20, 0.5, 0.02, 0.47))
        async with asyncio.timeout(5):
            while rig.store.state().staged is not None:
                await asyncio.sleep(0.01)
        last = rig.store.actions()[-1]
        assert (last.deed, last.author) == (Deed.GUARD, "guard")
        assert "errors: 50.0% of 20 callers of version 2, 0.0% of 20 of the version in force" in last.note
        rig.flows.note(2, NOW, "once more")
        await asyncio.sleep(0.1)
        assert len(rig.store.actions()) == 3


async def test_a_staged_version_that_does_not_fit_any_more_keeps_nobody_from_the_centre(
    tmp_path: Path,
) -> None:
    """A start leaves it out; while the centre runs it is refused aloud."""
    Rig(tmp_path).publish("하나")
    rig = Rig(tmp_path)
    path = rig.flows_dir / "korean_line.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("queue: korean", "queue: seoul"), "utf-8")
    service.publish(rig.store, service.draft(rig.flows_dir, dict), DOING, 10, Guards())
    async with running(tmp_path) as started:
        assert (started.flows.taken.number, started.flows.taken.staged) == (1, None)
        service.act(started.store, lambda state: model.share_set(state, 20, DOING))
        started.flows.look()
        assert "seoul" in (await started.until(e.FlowsRefused, 1)).mistakes[0]
