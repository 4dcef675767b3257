"""Speech in menus: what is understood, how fast, and how many callers can be listened to at once."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asr.hearing import Hearing, HearingUnavailable, hearing
from asr.protocol import OpenStream, StreamFinal
from asr.workers import worker_command
from bench.figures import percentile, shown
from bench.process_cost import cpu_ms
from bench.report import Report
from bench.sayings import HZ, Saying, sayings
from bench.spoken_menu import branch_times
from ivr_flows.effects import HeardWord
from ivr_flows.files import read_flows
from ivr_flows.model import MenuNode
from ivr_flows.understanding import understood

MODEL: Final = "vosk-ko"
LANGUAGE: Final = "ko"
PIECE_MS: Final = 100
PAUSE_MS: Final = 600
SILENCE_MS: Final = 1500
"""After each saying."""
STREAMS: Final = (4, 8, 12, 16, 24)
GIVE_UP_SEC: Final = 10.0
NOTHING_HEARD_SEC: Final = 2.0


async def run(directory: Path, installed: Path, *, quick: bool) -> list[Report]:
    """Three tables: recognition, streams, and callers at real phones."""
    menu = read_flows()["korean_line"].nodes["main_menu"]
    assert isinstance(menu, MenuNode)
    directory.mkdir(parents=True, exist_ok=True)
    async with _worker(directory, installed, max(STREAMS)) as (socket, pid):
        recognised = await _recognition(socket, menu)
        streams = await _streams(socket, pid, menu, (4, 12) if quick else STREAMS)
    told = await branch_times(directory / "centre", installed, calls=6 if quick else 24)
    return [recognised, streams, told]


@asynccontextmanager
async def _worker(directory: Path, installed: Path, streams: int) -> AsyncIterator[tuple[Path, int]]:
    socket = directory / "speech.sock"
    command = worker_command(
        socket_path=socket.resolve(),
        model_dir=(installed / "models" / MODEL).resolve(),
        model_id=MODEL,
        engine="vosk",
        languages=(LANGUAGE,),
        streams=streams,
    )
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield socket, process.pid
    finally:
        process.terminate()
        await process.wait()


# --- one after the other -----------------------------------------------------------------------------------


async def _recognition(socket: Path, menu: MenuNode) -> Report:
    report = Report(
        "speech: what is understood of 50 synthetic sayings (16 kHz, five accented voices)",
        (
            "",
            "choices",
            "understood",
            "not understood",
            "taken for another",
            "other sayings",
            "taken for one",
        ),
        notes=["For its phrases: as a menu listens. Freely: the same sayings without a grammar."],
    )
    for name, phrases in (("for its phrases", menu.phrases(LANGUAGE)), ("freely", ())):
        found = Counter[str]()
        for saying in sayings():
            heard = await _heard(socket, saying, phrases)
            meant = understood(heard, menu.spoken(LANGUAGE), LANGUAGE)
            sure = meant.choice if meant and meant.confidence >= menu.min_confidence else ""
            found[_verdict(saying.choice, sure)] += 1
        choices = found["right"] + found["missed"] + found["wrong"]
        report.rows.append(
            (
                name,
                str(choices),
                *(str(found[verdict]) for verdict in ("right", "missed", "wrong")),
                str(found["none"] + found["invented"]),
                str(found["invented"]),
            )
        )
        report.data[name] = dict(found)
    return report


def _verdict(wanted: str, got: str) -> str:
    if not wanted:
        return "invented" if got else "none"
    return "right" if got == wanted else "wrong" if got else "missed"


async def _heard(socket: Path, saying: Saying, phrases: tuple[str, ...]) -> list[HeardWord]:
    """The first utterance; nothing when there is none for some seconds."""
    asked = OpenStream(saying.file, HZ, LANGUAGE, phrases, PAUSE_MS, max_behind_ms=60_000)
    async with hearing(socket, asked, open_within_sec=GIVE_UP_SEC) as stream:
        for piece in _pieces(saying):
            stream.feed(piece)
        with suppress(TimeoutError):
            async with asyncio.timeout(NOTHING_HEARD_SEC):
                async for event in stream.events():
                    if isinstance(event, StreamFinal):
                        return [HeardWord(word.text, word.confidence) for word in event.segment.words]
        return []


# --- many at once ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """When the words came, in ms after the caller had finished; None: never."""

    after_ms: float | None
    failed: bool = False


async def _streams(socket: Path, pid: int, menu: MenuNode, counts: Sequence[int]) -> Report:
    report = Report(
        "speech: callers who are listened to at once, by one worker with one decoding thread",
        ("callers", "sayings", "heard", "after p50 ms", "p95 ms", "given up", "worker, of one core"),
        notes=[
            f"After: from the last sound to the words; {PAUSE_MS} ms of it are the pause that ends a saying.",
            "Given up: the worker was more than 2 s behind, and the caller goes on by keys.",
            "At real time; every caller has the next thing to say as soon as one was heard.",
        ],
    )
    phrases = menu.phrases(LANGUAGE)
    for count in counts:
        began, spent = asyncio.get_running_loop().time(), cpu_ms(pid)
        parts = await asyncio.gather(*(_caller(socket, number, phrases) for number in range(count)))
        share = (cpu_ms(pid) - spent) / 1000 / (asyncio.get_running_loop().time() - began)
        said = [one for part in parts for one in part]
        after = [one.after_ms for one in said if one.after_ms is not None]
        report.rows.append(
            (
                str(count),
                str(len(said)),
                str(len(after)),
                *(shown(percentile(after, percent)) if after else "-" for percent in (50, 95)),
                str(sum(one.failed for one in said)),
                f"{share:.2f}",
            )
        )
        report.data[str(count)] = {"after_ms": sorted(after), "core_share": share}
    return report


async def _caller(socket: Path, number: int, phrases: tuple[str, ...]) -> list[_Said]:
    """A caller who says six things, one after the other."""
    mine = list(itertools.islice(itertools.cycle(one for one in sayings() if one.choice), number, number + 6))
    await asyncio.sleep(number % 10 * 0.17)
    said: list[_Said] = []
    for saying in mine:
        try:
            async with hearing(socket, _request(f"{number}", phrases)) as stream:
                said.append(_Said(await _after(stream, saying)))
        except HearingUnavailable:
            said.append(_Said(None, failed=True))
    return said


async def _after(stream: Hearing, saying: Saying) -> float | None:
    clock = asyncio.get_running_loop().time
    began = clock()
    feeding = asyncio.create_task(_feed(stream, saying, began))
    try:
        async with asyncio.timeout(saying.speech_ms / 1000 + GIVE_UP_SEC):
            async for event in stream.events():
                if isinstance(event, StreamFinal):
                    return (clock() - began) * 1000 - saying.speech_ms
    except TimeoutError:
        pass
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
    return None


async def _feed(stream: Hearing, saying: Saying, began: float) -> None:
    """At real time; silence follows for as long as anybody listens."""
    pieces = itertools.chain(_pieces(saying), itertools.repeat(bytes(_bytes(PIECE_MS))))
    for number, piece in enumerate(pieces, start=1):
        await asyncio.sleep(max(0.0, began + number * PIECE_MS / 1000 - asyncio.get_running_loop().time()))
        stream.feed(piece)


def _request(stream_id: str, phrases: tuple[str, ...]) -> OpenStream:
    return OpenStream(stream_id, HZ, LANGUAGE, phrases, PAUSE_MS, 2000)


def _pieces(saying: Saying) -> list[bytes]:
    pcm = saying.pcm + bytes(_bytes(SILENCE_MS))
    return [pcm[start : start + _bytes(PIECE_MS)] for start in range(0, len(pcm), _bytes(PIECE_MS))]


def _bytes(ms: int) -> int:
    return HZ * ms // 1000 * 2
