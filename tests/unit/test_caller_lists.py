"""Lists of callers: who is on which, how entries are written, kept on disk, changed and told."""

import asyncio
import csv
import stat
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from web_twin import Twin

from callcenter.caller_lists.model import Deed, NewEntry, Refused, new_entry, plain_number, rows_of
from callcenter.caller_lists.service import CallerListService, ListsInForce, RowResult
from callcenter.caller_lists.store import MemoryCallerListStore
from callcenter.cli import callers_work
from callcenter.cli.failure import Failure
from callcenter.domain.caller_lists import CallerLists, ListEntry
from callcenter.domain.numbering import NumberingPlan
from callcenter.ports import StoreAway
from callcenter.settings import load_settings

NOON = 1_763_697_600_000
NAMES = {"black": "黑名单", "vip": "重要来电人"}


def entry(entry_id: str, name: str, number: str, expires_at: int | None = None) -> ListEntry:
    return ListEntry(entry_id, name, number, "", "sue", NOON, expires_at)


LISTS = CallerLists(
    [
        entry("1", "vip", "02155512345"),
        entry("2", "vip", "02155*"),
        entry("3", "vip", "021*"),
        entry("4", "black", "02155*", NOON),
        entry("5", "black", "*"),
    ]
)


@pytest.mark.parametrize(
    ("caller", "now", "found"),
    [
        ("02155512345", NOON, {"vip": "1", "black": "5"}),
        ("02155599999", NOON, {"vip": "2", "black": "5"}),
        ("02155599999", NOON - 1, {"vip": "2", "black": "4"}),
        ("02188888888", NOON, {"vip": "3", "black": "5"}),
        ("021", NOON, {"vip": "3", "black": "5"}),
        ("010", NOON, {"black": "5"}),
        ("", NOON, {}),
    ],
)
def test_the_number_counts_more_than_its_prefix(caller: str, now: int, found: dict[str, str]) -> None:
    """The longest prefix more than a shorter one; what has expired not at all."""
    assert LISTS.of(caller, now) == found


CHINA = NumberingPlan("CN")
SPELT = CallerLists(
    [
        entry("whole", "vip", "13800138000"),
        entry("fixed", "vip", "+862155512345"),
        entry("area", "vip", "021*"),
        entry("closer", "vip", "+8621555*"),
        entry("abroad", "black", "00*"),
        entry("short", "vip", "95588"),
        entry("hongkong", "black", "21234567"),
        entry("bare", "key", "86139*"),
    ],
    CHINA,
)


@pytest.mark.parametrize(
    ("caller", "found"),
    [
        *((caller, {"vip": "whole"}) for caller in ("13800138000", "+8613800138000", "8613800138000")),
        ("008613800138000", {"vip": "whole", "black": "abroad"}),  # as it was shown it begins so
        *((caller, {"vip": "fixed"}) for caller in ("02155512345", "862155512345", "2155512345")),
        ("02155500000", {"vip": "closer"}),
        *((caller, {"vip": "area"}) for caller in ("02188888888", "+862188888888", "862188888888")),
        *((caller, {"black": "abroad"}) for caller in ("+14155550123", "0014155550123")),
        ("95588", {"vip": "short"}),
        ("+8695588", {}),
        ("8613900139000", {"key": "bare"}),
        ("+8613700137000", {}),
        ("anonymous", {}),
        ("", {}),
    ],
)
def test_a_caller_is_on_a_list_however_the_number_is_spelt(caller: str, found: dict[str, str]) -> None:
    """Entries of before as well, also those that only fit what one trunk shows; the prefix counts that leaves
    the fewest digits open."""
    assert SPELT.of(caller, NOON) == found


def test_a_trunk_shows_numbers_in_its_own_way() -> None:
    """What its numbers are is told by its plan, what stands on the lists by the centre's; what was listed as
    it is shown there still counts."""
    pbx, hongkong = NumberingPlan("CN", "900", "9"), NumberingPlan("HK")
    assert SPELT.of("913800138000", NOON, pbx) == {"vip": "whole"}
    assert SPELT.of("913800138000", NOON) == {}
    assert SPELT.of("902188888888", NOON, pbx) == {"vip": "area"}
    assert SPELT.of("21234567", NOON, hongkong) == {"black": "hongkong"}
    assert SPELT.of("31234567", NOON, hongkong) == {"black": "abroad"}


async def test_what_is_added_is_canonical_and_stands_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of before is changed, not doubled; whoever removes one may write it otherwise."""
    store = MemoryCallerListStore()
    await store.add([NewEntry("vip", "02155512345")], "old", NOON - 1)
    service = CallerListService(store, NAMES, lambda: NOON, CHINA)
    written = ["138 0013 8000", "+86 138-0013-8000", "(021) 5551 2345", "0086138*", "021*", "95588"]
    results = await service.add([{"list": "vip", "number": number} for number in written], "sue")
    deeds = [result.deed for result in results]
    assert deeds == [Deed.ADDED, Deed.CHANGED, Deed.CHANGED, Deed.ADDED, Deed.ADDED, Deed.ADDED]
    kept = {counted.entry.number: counted.entry.author for counted in await service.entries()}
    assert kept == dict.fromkeys(["02155512345", "+8613800138000", "+86138*", "021*", "95588"], "sue")
    removed: list[str] = []

    class Api:
        async def caller_lists(self, name: str) -> dict[str, Any]:
            return {"entries": [asdict(one.entry) for one in await service.entries(name)]}

        async def remove_caller(self, entry_id: str) -> None:
            entry = await service.remove(entry_id, "sue")
            removed.append(entry.number if entry else "")

    settings = load_settings(Path(__file__).parents[2] / "config")
    for number in ("013800138000", "+862155512345"):
        deed: list[Any] = []
        monkeypatch.setattr(callers_work, "_ask", lambda _, wanted, deed=deed: deed.append(wanted))
        callers_work.remove_one(settings, number, "vip")
        await deed[0](Api())
    assert removed == ["+8613800138000", "02155512345"]
    with pytest.raises(Failure, match="not removed: a number is written in digits"):
        callers_work.remove_one(settings, "x", "vip")


def test_entries_are_read_as_people_write_them() -> None:
    """Signs between the digits do not count; an entry holds to the end of its last day."""
    written = {"list": " vip ", "number": "021-5551 (234)", "reason": " a  b ", "expires_on": "2026-12-31"}
    assert new_entry(written, NAMES) == NewEntry("vip", "0215551234", "a b", 1_798_761_600_000)
    assert new_entry({"list": "vip", "number": "+86 21*"}, NAMES) == NewEntry("vip", "+8621*")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"list": "vips", "number": "1"}, "no list 'vips'; did you mean 'vip'?; there are: black, vip"),
        ({"list": "vip", "number": "12a"}, "a number is written in digits"),
        ({"list": "vip", "number": "*"}, "a number is written in digits"),
        ({"list": "vip"}, "a number is written in digits"),
        ({"list": "vip", "number": "1", "expires_on": "2026-02-30"}, "a day such as 2026-12-31"),
        ({"list": "vip", "number": "1", "expires_on": "9999-12-31"}, "a day such as 2026-12-31"),
        ({"list": "vip", "number": "1", "reason": "x" * 201}, "more than 200 characters"),
    ],
)
def test_what_is_wrong_in_an_entry_is_told(written: dict[str, str | None], words: str) -> None:
    """With the nearest name, or how it is written."""
    with pytest.raises(Refused) as refused:
        new_entry(written, NAMES)
    assert words in str(refused.value)


def test_a_number_is_not_shown_by_chance() -> None:
    """Neither an entry nor one that is to be added shows it."""
    assert "555" not in f"{entry('1', 'vip', '555')} {NewEntry('vip', plain_number('555'))}"


def test_rows_of_a_file_keep_their_lines() -> None:
    """Also behind a cell that goes over several."""
    reader = csv.DictReader(["list,number,reason,other\n", 'vip,1,"a\n', 'b",x\n', "vip,2\n"])
    assert list(rows_of(reader)) == [
        (3, {"list": "vip", "number": "1", "reason": "a\nb", "expires_on": ""}),
        (4, {"list": "vip", "number": "2", "reason": "", "expires_on": ""}),
    ]


async def test_what_is_right_is_added_and_the_rest_is_told() -> None:
    """Row by row; the log knows who added how many, and no number."""
    service = CallerListService(MemoryCallerListStore(), NAMES, lambda: NOON)
    changes: list[None] = []
    service.changed = lambda: changes.append(None)
    rows = [{"list": "vip", "number": "13812345678"}, {"list": "vp", "number": "1"}]
    with capture_logs() as logs:
        added, refused = await service.add(rows, "sue")
        assert (added, refused.deed) == (RowResult(Deed.ADDED), Deed.REFUSED)
        assert await service.add(rows[:1], "ada") == [RowResult(Deed.CHANGED)]
        assert await service.add(rows[1:], "ada") == [refused]
        (kept,) = await service.entries("vip")
        assert (kept.entry.author, kept.entry.added_at) == ("ada", NOON)
        assert await service.remove(kept.entry.entry_id, "sue") == kept.entry
        assert await service.remove(kept.entry.entry_id, "sue") is None
    assert len(changes) == 3
    assert [log["event"] for log in logs] == ["callers_listed", "callers_listed", "caller_unlisted"]
    assert "13812345678" not in str([log for log in logs if log.pop("number", None) is None])


class Away(MemoryCallerListStore):
    """Away while told so."""

    away = False

    async def version(self) -> int:
        if self.away:
            raise StoreAway("PostgreSQL does not answer")
        return await super().version()


async def test_the_last_known_lists_outlive_store_and_controller(tmp_path: Path) -> None:
    """Told once for each change; kept in a file that only its owner reads; a start without the store has
    them."""
    store, path = Away(), tmp_path / "lists.json"
    told: asyncio.Queue[CallerLists] = asyncio.Queue()
    in_force = ListsInForce(store, path)
    assert in_force.known().of("138", NOON) == {}
    running = asyncio.create_task(in_force.run(told.put_nowait))
    try:
        async with asyncio.timeout(5):
            await told.get()
            await store.add([NewEntry("vip", "138", "议员")], "sue", NOON)
            in_force.look()
            assert (await told.get()).of("138", NOON).keys() == {"vip"}
            while not path.exists() or "议员" not in path.read_text():
                await asyncio.sleep(0.01)
            in_force.look()
            store.away = True
            in_force.look()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert told.empty()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ListsInForce(store, path).known().of("138", NOON).keys() == {"vip"}


@pytest.mark.parametrize("content", ["{", "[{}]", "7"])
def test_a_damaged_file_stops_nothing(tmp_path: Path, content: str) -> None:
    """It is told, and the store is asked."""
    path = tmp_path / "lists.json"
    path.write_text(content)
    with capture_logs() as logs:
        assert ListsInForce(MemoryCallerListStore(), path).known().of("138", NOON) == {}
    assert logs[0]["event"] == "caller_lists_unreadable"


# --- over HTTP, and on the command line --------------------------------------------------------------------


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    async with Twin(tmp_path).serving() as twin:
        yield twin


async def test_supervisors_keep_the_lists(twin: Twin) -> None:
    """Add, see, remove; what is wrong in an entry is told, what is not there is 404."""
    entries = [{"list": "vip", "number": "0215*", "expires_on": "2026-12-31"}, {"list": "x", "number": "1"}]
    async with twin.caller("sue") as client:
        async with client.post("/api/caller-lists", json={"entries": entries}) as response:
            added, refused = (await response.json())["results"]
        assert added == {"deed": "added", "told": ""}
        assert (refused["deed"], refused["told"]) == ("refused", "no list 'x'; there are: vip")
        async with client.get("/api/caller-lists", params={"list": "vip"}) as response:
            answer = await response.json()
        (entry,) = answer["entries"]
        assert answer["lists"] == {"vip": "重要来电人"}
        assert (entry["number"], entry["author"], entry["hits"]) == ("0215*", "sue", 0)
        assert entry["expires_at"] == "2027-01-01T00:00:00.000Z"
        for times, status in enumerate((200, 404)):
            async with client.post(f"/api/caller-lists/{entry['entry_id']}/remove") as response:
                assert response.status == status, times
        async with client.get("/api/caller-lists", params={"list": "vp"}) as response:
            assert response.status == 404


def test_a_file_is_imported_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each row that is refused is told with its line; the others are in. A file that is none is told too."""
    service = CallerListService(MemoryCallerListStore(), NAMES, lambda: NOON)

    def asked(settings: object, deed: object) -> list[dict[str, str]]:
        rows = [row for _, row in callers_work._read(file)]
        results = asyncio.run(service.add(rows, "admin"))
        return [{"deed": one.deed.value, "told": one.told} for one in results]

    monkeypatch.setattr(callers_work, "_ask", asked)
    settings = load_settings(Path(__file__).parents[2] / "config")
    file = tmp_path / "callers.csv"
    file.write_text("\ufefflist,number,reason\nvip,138,a\nvp,139,b\nvip,138,c\n", encoding="utf-8")
    assert callers_work.import_file(settings, file) == 1
    told = capsys.readouterr().out
    assert f"{file}:3: no list 'vp'; did you mean 'vip'?" in told
    assert "1 added, 1 changed, 1 refused" in told
    file.write_text("name;number\n", encoding="utf-8")
    with pytest.raises(Failure, match="its first line names the columns: list,number,reason,expires_on"):
        callers_work.import_file(settings, file)


CSV = """\ufefflist,number,reason,expires_on
vip,'+86 138-0013-8000,重点,
vip,x,,
vip,+8613800138000,again,2099-12-31
"""


async def test_a_file_is_told_row_by_row_before_anything_is_done(tmp_path: Path) -> None:
    """What would become of each row is what then becomes of it."""
    async with Twin(tmp_path).serving() as twin, twin.caller("sue") as client:
        told = []
        for dry_run in (True, False):
            asked = {"csv": CSV, "dry_run": dry_run}
            async with client.post("/api/caller-lists/import", json=asked) as response:
                assert response.status == 200, await response.text()
                told.append((await response.json())["rows"])
            assert len(await twin.caller_lists.entries()) == (0 if dry_run else 1)
        async with client.post("/api/caller-lists/import", json={"csv": "a,b\n1,2"}) as response:
            assert (response.status, (await response.json())["code"]) == (422, "bad_list_file")
    assert told[0] == told[1]
    assert [(row["line"], row["deed"]) for row in told[0]] == [(2, "added"), (3, "refused"), (4, "changed")]
    assert "digits" in told[0][1]["told"]


async def test_what_is_exported_can_be_imported_again(tmp_path: Path) -> None:
    """Numbers with a + stay numbers, last days stay; who may not see numbers gets them masked."""
    async with Twin(tmp_path).serving() as twin:
        rows = [{"list": "vip", "number": "+8613812345678", "reason": "=1", "expires_on": "2099-12-31"}]
        await twin.caller_lists.add(rows, "sue")
        texts = {}
        for who in ("sue", "olga"):
            async with twin.caller(who) as client, client.get("/api/caller-lists/export") as response:
                texts[who] = await response.text()
        async with twin.caller("sue") as client:
            asked = {"csv": texts["sue"]}
            async with client.post("/api/caller-lists/import", json=asked) as response:
                (row,) = (await response.json())["rows"]
        (kept,) = await twin.caller_lists.entries()
    assert row["deed"] == "changed"
    assert (kept.entry.reason, kept.entry.expires_at) == ("=1", 4_102_444_800_000)
    assert "13812345678" not in texts["olga"]
    assert "****5678" in texts["olga"]


@pytest.mark.parametrize(
    ("who", "words", "found"),
    [
        ("sue", "13812345678", {"whole", "beginning"}),
        ("sue", "2345", {"whole"}),
        ("sue", "整日", {"other"}),
        ("sue", "", {"whole", "beginning", "other"}),
        ("olga", "13812345678", {"whole", "beginning"}),
        ("olga", "2345", set()),
        ("olga", "ADA", {"other"}),
    ],
)
async def test_entries_are_found_by_words_and_by_whom_they_meet(
    tmp_path: Path, who: str, words: str, found: set[str]
) -> None:
    """Who may not see numbers cannot guess them digit by digit."""
    twin = Twin(tmp_path)
    for number, reason, author in (
        ("13812345678", "whole", "sue"),
        ("138*", "beginning", "sue"),
        ("0215550", "other 整日骚扰", "ada"),
    ):
        await twin.caller_lists.add([{"list": "vip", "number": number, "reason": reason}], author)
    async with twin.serving(), twin.caller(who) as client:
        async with client.get("/api/caller-lists", params={"search": words, "limit": "1"}) as response:
            told = await response.json()
        async with client.get("/api/caller-lists", params={"search": words}) as response:
            everything = await response.json()
    assert {one["reason"].split()[0] for one in everything["entries"]} == found
    assert (told["total"], len(told["entries"])) == (len(found), min(1, len(found)))
