"""What callers hear, as the console shows and changes it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from web_twin import PROMPT, PROMPT_NUMBER, Twin

from callcenter.audit.model import AuditDeed
from callcenter.audit.store import MemoryAudit
from callcenter.prompt_catalogue.said import CENTRE, PIECES, WAITING, WrittenFlows, said_by
from callcenter.prompts import audio
from callcenter.prompts.catalogue import number_of
from callcenter.prompts.model import PromptText
from callcenter.prompts.recordings import Recordings
from ivr_flows.files import read_flows

HERE = f"/api/prompts/{PROMPT_NUMBER}"
FLOW = """\
flow: line
languages: [zh]
start: hello
nodes:
  hello: {play: {zh: 您好。}, next: end}
  end: {hang_up: done}
"""


def sound(peak: float = 0.3, form: str = "WAV", rate_hz: int = 48_000, seconds: float = 2.0) -> bytes:
    """Syllables with pauses; above a peak of 1 they are clipped."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    samples = np.clip(np.sin(1130 * time) * (np.sin(19 * time) > 0) * peak, -1, 1)
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=form)
    return file.getvalue()


@pytest.fixture
def store() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
async def twin(tmp_path: Path, store: MemoryAudit) -> AsyncIterator[Twin]:
    async with Twin(tmp_path, audit=store).serving() as twin:
        yield twin


async def test_every_text_is_told_with_what_speaks_it(twin: Twin) -> None:
    """And with what it measures; a text that nothing speaks needs attention."""
    twin.prompts.said[PromptText("这句话没有人读过。", "zh")] = ["line"]
    async with twin.caller("olga") as client, client.get("/api/prompts") as response:
        spoken, silent = (await response.json())["prompts"]
    assert (spoken["text"], spoken["state"], spoken["said_by"]) == (
        PROMPT.text,
        "shipped",
        ["citizen_hotline"],
    )
    assert (spoken["needs_attention"], spoken["allowed_actions"]) == (False, ["record"])
    assert 3000 < spoken["duration_ms"] < 5000
    assert -21 < spoken["level_dbfs"] < -19
    assert (silent["state"], silent["needs_attention"], silent["audio"]) == ("missing", True, None)


async def test_the_audio_is_what_callers_hear_whole_or_a_part(twin: Twin) -> None:
    """Wide-band WAV; what has none is not found."""
    twin.prompts.said[PromptText("这句话没有人读过。", "zh")] = ["line"]
    async with twin.caller("olga") as client:
        async with client.get(f"{HERE}/audio") as response:
            assert response.headers["Content-Type"] == "audio/wav"
            samples, rate_hz = soundfile.read(io.BytesIO(await response.read()))
        async with client.get(f"{HERE}/audio", headers={"Range": "bytes=0-99"}) as part:
            assert (part.status, len(await part.read())) == (206, 100)
        silent = number_of(PromptText("这句话没有人读过。", "zh"))
        for number in (silent, "999999"):
            async with client.get(f"/api/prompts/{number}/audio") as nothing:
                assert nothing.status == 404
    assert rate_hz == 16_000
    assert len(samples) > 3 * rate_hz


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (sound(), None),
        (sound(form="MP3"), None),
        (sound(form="OGG"), None),
        (sound(peak=0.002), "silent"),
        (sound(peak=3.0), "clipped"),
        (sound(seconds=0.1), "unusable"),
    ],
)
async def test_a_recording_is_measured_and_kept_only_when_it_can_be_heard_well(
    twin: Twin, store: MemoryAudit, sent: bytes, fault: str | None
) -> None:
    """What examining refuses, recording refuses too, and nothing is changed or noted then."""
    async with twin.caller("olga") as client:
        async with client.post("/api/prompts/examine", data=sent) as response:
            figures = await response.json()
        assert figures["fault"] == fault
        assert (figures["clipped"] > 100) == (fault == "clipped")
        assert twin.prompts.changed == []
        async with client.post(f"{HERE}/recording", data=sent) as response:
            told = await response.json()
        if fault:
            assert (response.status, told["code"]) == (422, f"recording_{fault}")
            assert (twin.prompts.changed, store.kept) == ([], [])
        else:
            assert (told["state"], told["allowed_actions"]) == ("recorded", ["record", "remove"])
            assert -21 < told["level_dbfs"] < -19
            assert twin.prompts.changed == [PROMPT]


async def test_what_is_no_sound_is_refused(twin: Twin) -> None:
    """Words, nothing, and far too much of it."""
    async with twin.caller("olga") as client:
        for sent in (b"not sound", b"", sound(rate_hz=192_000, seconds=0.5)):
            async with client.post("/api/prompts/examine", data=sent) as response:
                assert (response.status, (await response.json())["code"]) == (422, "recording_unusable")
        async with client.post("/api/prompts/examine", data=io.BytesIO(bytes(25 * 1024 * 1024))) as response:
            assert response.status == 413


async def test_a_recording_is_removed_and_the_made_voice_is_back(twin: Twin, store: MemoryAudit) -> None:
    """Both are noted with the text; a second time there is nothing to remove."""
    async with twin.caller("olga") as client:
        await client.post(f"{HERE}/recording", data=sound())
        async with client.post(f"{HERE}/remove", json={}) as response:
            assert (await response.json())["prompt"]["state"] == "shipped"
        async with client.post(f"{HERE}/remove", json={}) as response:
            assert (response.status, (await response.json())["code"]) == (409, "no_recording")
    assert twin.prompts.changed == [PROMPT, PROMPT]
    noted = [
        (kept.entry.user, kept.entry.deed, kept.entry.what, kept.entry.detail["action"])
        for kept in store.kept
    ]
    what = f"{PROMPT_NUMBER} {PROMPT.text}"
    assert noted == [
        ("olga", AuditDeed.PROMPT_CHANGED, what, "recording"),
        ("olga", AuditDeed.PROMPT_CHANGED, what, "remove"),
    ]


async def test_a_recording_of_words_that_have_changed_is_told_and_can_be_removed(twin: Twin) -> None:
    """With what the words are now; nobody records it anew."""
    twin.prompts.record_some()
    async with twin.caller("olga") as client:
        async with client.get("/api/prompts") as response:
            stale = [one for one in (await response.json())["prompts"] if one["state"] == "stale"]
        changed = next(one for one in stale if one["now"])
        assert (changed["now"], changed["allowed_actions"]) == (PROMPT.text, ["remove"])
        async with client.post(f"/api/prompts/{changed['number']}/remove", json={}) as response:
            assert (await response.json())["prompt"] is None
    assert twin.prompts.changed == []


async def test_a_damaged_list_of_recordings_is_told_with_its_cure(twin: Twin) -> None:
    """Nothing is guessed from it."""
    (twin.prompts.own / "recorded").mkdir(parents=True)
    (twin.prompts.own / "recorded" / "manifest.json").write_text("{")
    async with twin.caller("olga") as client, client.get("/api/prompts") as response:
        assert (response.status, (await response.json())["code"]) == (409, "prompts_damaged")


def test_who_says_what() -> None:
    """Flows by name, the waiting room, the centre and the words of numbers, each once."""
    waiting = PromptText("请您稍候。", "zh")
    said = said_by([*read_flows().items(), *read_flows().items()], [waiting])
    assert said[PROMPT] == ["citizen_hotline"]
    assert said[waiting] == [WAITING]
    assert {CENTRE, PIECES} <= {name for names in said.values() for name in names}
    assert all(len(set(names)) == len(names) for names in said.values())


def test_flows_that_are_being_written_count_as_they_last_were_sound(tmp_path: Path) -> None:
    """Read anew when a file has changed."""
    file, written = tmp_path / "line.yaml", WrittenFlows(tmp_path)
    assert written.flows() == {}
    file.write_text(FLOW, encoding="utf-8")
    first = written.flows()["line"]
    assert written.flows()["line"] is first
    file.write_text(FLOW + "  alone: {hang_up: done}\n", encoding="utf-8")
    assert written.flows()["line"] is first
    file.write_text(FLOW.replace("您好。", "您好吗？"), encoding="utf-8")
    assert written.flows()["line"].version != first.version


def test_two_who_change_recordings_at_once_lose_none(tmp_path: Path) -> None:
    """A console, a telephone and a command may all be at it."""
    samples = audio.finish_speech(np.sin(np.arange(16_000) / 7).astype(np.float32) * 0.3, 16_000)
    texts = [PromptText(f"第 {i} 句。", "zh") for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: Recordings(tmp_path).keep(text, samples, "test"), texts))
    assert {entry.text for entry in Recordings(tmp_path).entries()} == {text.text for text in texts}
