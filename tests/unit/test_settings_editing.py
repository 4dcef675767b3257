"""Settings changed over the API: the files keep what people wrote, are exchanged whole or not at all, and can
be put back."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from callcenter.settings import SettingsSource, load_settings, written
from callcenter.settings.written import NOTE
from callcenter.settings_editing.agents_csv import BadFile, RowDeed
from callcenter.settings_editing.history import SettingsHistory, with_secrets, without_secrets
from callcenter.settings_editing.memory import SHIPPED, MemoryInForce
from callcenter.settings_editing.model import (
    Given,
    MovedOn,
    NothingToUndo,
    NotWritable,
    NotYours,
    Renamed,
    Taken,
    Wish,
)
from callcenter.settings_editing.service import SettingsEditing
from located_yaml import Mistake, Mistakes

NOW = 1_700_000_000_000


@dataclass
class Bench:
    """The shipped settings, to be changed."""

    config: Path
    editing: SettingsEditing
    force: MemoryInForce

    def text(self, name: str) -> str:
        return (self.config / name).read_text(encoding="utf-8")

    async def wish(self, author: str = "ada") -> Wish:
        """Of somebody who has just looked."""
        return Wish((await self.editing.seen()).version, author, "because", everything=author == "ada")


def bench_of(directory: Path, environment: dict[str, str] | None = None, *overlays: Path) -> Bench:
    config = directory / "config"
    if not config.exists():
        shutil.copytree(SHIPPED, config)
    source = SettingsSource(config, overlays, environment or {})
    force = MemoryInForce(source, source.load())
    editing = SettingsEditing(source, SettingsHistory(directory / "history"), force, lambda: NOW)
    return Bench(config, editing, force)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return bench_of(tmp_path)


async def test_comments_and_layout_stay(bench: Bench) -> None:
    """Only the lines change that say something else; what is new stands where people would write it."""
    before = bench.text("agents.yaml").splitlines()
    saved = await bench.editing.save(
        await bench.wish(),
        [
            Given(("skills", "german"), "德语 German"),
            Given(("agents", "1001", "skills", "german"), 7),
            Given(("agents", "1005"), {"name": "赵敏", "skills": {"german": 9}}),
            Taken(("agents", "1002", "skills", "english")),
        ],
    )
    after = bench.text("agents.yaml").splitlines()
    assert [line for line in after if line not in before] == [
        "  german: 德语 German",
        "  '1001': {name: 李伟, skills: {mandarin: 9, complaints: 5, german: 7}}",
        "  '1002': {name: 王芳, skills: {mandarin: 8, complaints: 8}}",
        "  '1005': {name: 赵敏, skills: {german: 9}}",
    ]
    assert [line for line in before if line.startswith("#")] == [
        line for line in after if line.startswith("#")
    ]
    assert (saved.changed, saved.in_force, saved.needs_start) == (("agents.yaml",), True, ())
    assert bench.force.in_force[-1].agents["1001"].skills["german"] == 7


async def test_a_skill_is_renamed_everywhere(bench: Bench) -> None:
    """Agents and queues go on meaning the same skill; both files change together."""
    saved = await bench.editing.save(await bench.wish(), [Renamed(("skills", "mandarin"), "putonghua")])
    assert saved.changed == ("agents.yaml", "queues.yaml")
    settings = bench.force.in_force[-1]
    assert "mandarin" not in settings.skills
    assert settings.agents["1001"].skills["putonghua"] == 9
    assert settings.queues["general"].skills["putonghua"] == 5


async def test_all_mistakes_at_once_and_nothing_is_written(bench: Bench) -> None:
    """Each with its file and line and the nearest right name."""
    before = bench.text("agents.yaml"), bench.text("queues.yaml")
    wrong = [
        Given(("agents", "1001", "skills", "mandarine"), 5),
        Given(("queues", "general", "max_wait_secs"), 5),
        Given(("queues", "korean", "ring_timeout_sec"), 1),
    ]
    with pytest.raises(Mistakes) as refused:
        await bench.editing.save(await bench.wish(), wrong)
    told = [(Path(one.file).name, one.message) for one in refused.value.found]
    assert (
        "queues.yaml",
        "queues.general.max_wait_secs: unknown field 'max_wait_secs'; did you mean 'max_wait_sec'?",
    ) in told
    assert any(file == "queues.yaml" and "ring_timeout_sec" in message for file, message in told)
    with pytest.raises(Mistakes) as refused:
        await bench.editing.save(await bench.wish(), wrong[:1])
    (mistake,) = refused.value.found
    assert mistake.path == ("agents", "1001", "skills", "mandarine")
    assert mistake.line == 12
    assert "did you mean 'mandarin'?" in mistake.message
    assert (bench.text("agents.yaml"), bench.text("queues.yaml")) == before
    assert bench.force.in_force == []


async def test_a_section_that_stands_nowhere_gets_its_home(bench: Bench) -> None:
    """In the file where people look for it."""
    wanted = {"queue": "general", "shown": "12345"}
    await bench.editing.save(await bench.wish(), [Given(("dial_out",), wanted)])
    assert bench.text("queues.yaml").endswith("\ndial_out: {queue: general, shown: '12345'}\n")
    (bench.config / "desk.yaml").unlink()
    saved = await bench.editing.save(await bench.wish(), [Given(("desk", "repeat_days"), 3)])
    assert (saved.changed, bench.text("desk.yaml")) == (("desk.yaml",), "desk: {repeat_days: 3}\n")
    await bench.editing.undo(await bench.wish(), 2)
    assert not (bench.config / "desk.yaml").exists()


async def test_who_was_slower_is_told_who_was_quicker(bench: Bench) -> None:
    """Over the API by name; by hand at least where and when."""
    ada, bob = await bench.wish("ada"), await bench.wish("bob")
    both = [bench.editing.save(one, [Given(("routing", "seed"), at)]) for at, one in enumerate((ada, bob), 1)]
    first, second = await asyncio.gather(*both, return_exceptions=True)
    assert not isinstance(first, BaseException)
    assert isinstance(second, MovedOn)
    assert (second.author, second.at) == ("ada", NOW)
    seen = await bench.wish()
    (bench.config / "desk.yaml").write_text("desk: {repeat_days: 9}\n", encoding="utf-8")
    with pytest.raises(MovedOn) as refused:
        await bench.editing.save(seen, [Given(("routing", "seed"), 4)])
    assert (refused.value.author, refused.value.files) == ("", ("desk.yaml",))
    assert bench.text("desk.yaml") == "desk: {repeat_days: 9}\n"


@pytest.mark.parametrize("dies_before", [1, 2, 3])
async def test_a_crash_in_between_leaves_all_or_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, dies_before: int
) -> None:
    """Dead before the note: nothing. Dead after it, between two files: whoever reads sees the whole change,
    and the next start completes it, history included."""

    class Killed(BaseException):
        pass

    whole, written_files = written.write_whole, []

    def dying(path: Path, text: bytes, mode: int | None = None) -> None:
        written_files.append(path.name)
        if len(written_files) == dies_before:
            raise Killed
        whole(path, text, mode)

    monkeypatch.setattr(written, "write_whole", dying)
    with pytest.raises(Killed):
        await bench.editing.save(await bench.wish(), [Renamed(("skills", "mandarin"), "putonghua")])
    monkeypatch.undo()
    assert written_files == [NOTE, "agents.yaml", "queues.yaml"][:dies_before]
    skills = load_settings(bench.config).skills
    assert ("putonghua" in skills) is (dies_before > 1)
    await bench.editing.finish()
    assert not (bench.config / NOTE).exists()
    assert load_settings(bench.config).skills == skills
    assert ("putonghua:" in bench.text("queues.yaml")) is (dies_before > 1)
    told, _ = await bench.editing.history()
    assert [one.author for one in told] == ["ada"][: dies_before - 1]


async def test_a_disk_that_refuses_leaves_everything_as_it_was(bench: Bench) -> None:
    """Also when the first of two files was exchanged already."""
    before = bench.text("agents.yaml")
    (bench.config / ".queues.yaml.part").mkdir()
    with pytest.raises(NotWritable, match=r"queues\.yaml"):
        await bench.editing.save(await bench.wish(), [Renamed(("skills", "mandarin"), "putonghua")])
    assert bench.text("agents.yaml") == before
    assert not (bench.config / NOTE).exists()
    assert (await bench.editing.history())[0] == []


async def test_changes_are_undone_one_after_the_other(bench: Bench) -> None:
    """The newest first, to the very character; not once a file was changed by hand since."""
    shipped = bench.text("queues.yaml")
    for seed in (1, 2):
        await bench.editing.save(await bench.wish(), [Given(("routing", "seed"), seed)])
    with pytest.raises(NothingToUndo):
        await bench.editing.undo(await bench.wish(), 1)
    await bench.editing.undo(await bench.wish("bob"), 2)
    await bench.editing.undo(await bench.wish("bob"), 1)
    assert bench.text("queues.yaml") == shipped
    told, _ = await bench.editing.history()
    assert [(one.number, one.author, one.undoes, one.undone_by) for one in told] == [
        (4, "bob", 1, 0),
        (3, "bob", 2, 0),
        (2, "ada", 0, 3),
        (1, "ada", 0, 4),
    ]
    assert "+  seed: 2" in told[2].diff
    await bench.editing.save(await bench.wish(), [Given(("routing", "seed"), 3)])
    (bench.config / "queues.yaml").write_text(bench.text("queues.yaml") + "# by hand\n", encoding="utf-8")
    assert not (await bench.editing.history())[0][0].can_be_undone
    with pytest.raises(NothingToUndo):
        await bench.editing.undo(await bench.wish(), 5)


async def test_what_the_environment_sets_is_not_changed_here(tmp_path: Path) -> None:
    """The variable is named, but not what it holds."""
    bench = bench_of(tmp_path, {"CALLCENTER__ROUTING__SEED": "77"})
    part = next(one for one in (await bench.editing.seen()).sections if one.name == "routing")
    assert part.fixed == {"routing.seed": "CALLCENTER__ROUTING__SEED"}
    with pytest.raises(Mistakes, match="CALLCENTER__ROUTING__SEED: change it there"):
        await bench.editing.save(await bench.wish(), [Given(("routing", "seed"), 1)])
    await bench.editing.save(await bench.wish(), [Given(("routing", "call_choice"), "longest_waiting")])
    assert bench.force.in_force[-1].routing.seed == 77


async def test_an_overlay_is_changed_where_it_has_the_word(tmp_path: Path) -> None:
    """A change goes into the file that is heard."""
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("queues: {korean: {ring_timeout_sec: 3}} # short\n", encoding="utf-8")
    bench = bench_of(tmp_path, None, overlay)
    saved = await bench.editing.save(await bench.wish(), [Given(("queues", "korean", "ring_timeout_sec"), 9)])
    assert saved.changed == ("overlay:overlay.yaml",)
    assert overlay.read_text(encoding="utf-8") == "queues: {korean: {ring_timeout_sec: 9}} # short\n"
    whole = {"title": "K", "category": "c"}
    with pytest.raises(Mistakes, match="stands in several files"):
        await bench.editing.save(await bench.wish(), [Given(("queues", "korean"), whole)])


async def test_trunks_wait_for_the_next_start(bench: Bench) -> None:
    """Written and sound, but not in force: that is said, until it is undone."""
    saved = await bench.editing.save(await bench.wish(), [Given(("trunks", "city", "channel_limit"), 30)])
    assert (saved.in_force, saved.needs_start) == (True, ("trunks",))
    assert (await bench.editing.seen()).needs_start == ("trunks",)
    await bench.editing.undo(await bench.wish(), 1)
    assert (await bench.editing.seen()).needs_start == ()


async def test_what_the_running_centre_refuses_is_told(bench: Bench) -> None:
    """It is written, but not in force."""
    bench.force.refusal = Mistakes([Mistake("hotline.yaml", 3, 1, (), "no queue 'x'")])
    saved = await bench.editing.save(await bench.wish(), [Given(("routing", "seed"), 1)])
    assert (saved.in_force, [one.message for one in saved.mistakes]) == (False, ["no queue 'x'"])


async def test_a_whole_file_is_checked_like_entries(bench: Bench) -> None:
    """Its comments are its writer's; what is wrong stands at its line."""
    text, version = await bench.editing.file("queues.yaml") or ("", "")
    with pytest.raises(Mistakes) as refused:
        await bench.editing.write_file(
            Wish(version, "ada"), "queues.yaml", text.replace("korean: 5", "greek: 5")
        )
    assert refused.value.found[0].line == 1 + text[: text.index("korean: 5")].count("\n")
    await bench.editing.write_file(Wish(version, "ada"), "queues.yaml", f"# ours\n{text}")
    assert bench.text("queues.yaml").startswith("# ours\n# Queues")
    assert await bench.editing.file("../secrets.json") is None
    assert await bench.editing.write_file(await bench.wish(), "new.yaml", "") is None


async def test_what_is_not_for_operations_is_for_administrators(bench: Bench) -> None:
    """Where the stores are, and which secrets of the environment are sent to whom; comments are free."""
    text, version = await bench.editing.file("webhooks.yaml") or ("", "")
    hook = "webhooks: {mine: {url: 'https://example.org', secret_headers: {X: SECRET}}}\n"
    with pytest.raises(NotYours, match="webhooks"):
        await bench.editing.write_file(Wish(version, "olga"), "webhooks.yaml", hook)
    with pytest.raises(NotYours, match="admission"):
        await bench.editing.save(Wish(version, "olga"), [Given(("admission", "burst"), 3)])
    await bench.editing.write_file(Wish(version, "olga"), "webhooks.yaml", f"# ours\n{text}")
    saved = await bench.editing.write_file(await bench.wish("ada"), "webhooks.yaml", hook)
    assert saved is not None
    with pytest.raises(NotYours):
        await bench.editing.undo(await bench.wish("olga"), 2)


async def test_no_password_is_told_and_none_is_lost(bench: Bench) -> None:
    """Of an address that has one, only that it has one; unchanged it goes back as it was."""
    path = bench.config / "callcenter.yaml"
    url = "postgresql://cc:s3cret-word@db.example/centre"
    path.write_text(
        bench.text(path.name).replace("database_url: null", f"database_url: {url}"), encoding="utf-8"
    )
    text, version = await bench.editing.file(path.name) or ("", "")
    assert "postgresql://cc:********@db.example/centre" in text
    saved = await bench.editing.write_file(
        Wish(version, "ada", "", True), path.name, text.replace("port: 8080", "port: 8081")
    )
    assert saved is not None
    assert saved.needs_start == ("services", "web")
    assert url in bench.text(path.name)
    told, _ = await bench.editing.history()
    assert "s3cret-word" not in told[0].diff


def test_a_hidden_password_goes_with_its_address() -> None:
    """Of two, each has its own back; at another host it is nobody's."""
    before = "a: redis://:one@x:1/0\nb: redis://:two@y:1/0\n"
    hidden = without_secrets(before)
    assert hidden == "a: redis://:********@x:1/0\nb: redis://:********@y:1/0\n"
    assert with_secrets(hidden, before) == before
    assert "two" not in with_secrets(hidden.replace("@y", "@z"), before)


async def test_agents_come_by_csv_row_by_row(bench: Bench) -> None:
    """What is wrong in one keeps no other back; fields that the file does not name stay."""
    file = (
        "id,name,skills,groups\n"
        "1004,김지우,korean:10;mandarin:5,\n"
        "1005,赵敏,mandarin:9;complaints:5,day;late\n"
        "1006,坏,mandarine:9,\n"
        "1007,坏,mandarin:99,\n"
        "1005,再来,,\n"
        "1001,李伟,mandarin:3,\n"
    )
    rows = await bench.editing.check_agents(file)
    assert [(row.line, row.agent_id, row.deed) for row in rows] == [
        (2, "1004", RowDeed.SAME),
        (3, "1005", RowDeed.ADDED),
        (4, "1006", RowDeed.REFUSED),
        (5, "1007", RowDeed.REFUSED),
        (6, "1005", RowDeed.REFUSED),
        (7, "1001", RowDeed.CHANGED),
    ]
    assert "did you mean 'mandarin'" in rows[2].told
    assert bench.force.in_force == []
    _, saved = await bench.editing.import_agents(await bench.wish(), file)
    assert saved is not None
    agents = bench.force.in_force[-1].agents
    assert (agents["1005"].groups, agents["1001"].skills) == (("day", "late"), {"mandarin": 3})
    assert agents["1004"].queues == ("korean", "general")
    again = await bench.editing.check_agents(await bench.editing.agents_file())
    assert {row.deed for row in again} == {RowDeed.SAME}
    with pytest.raises(BadFile, match="the first line"):
        await bench.editing.check_agents("name\nx\n")
