"""Worker processes with real models: what they understand, how they start, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from asr.protocol import (
    CloseStream,
    OpenStream,
    StreamClosed,
    StreamFinal,
    StreamFrame,
    StreamPartial,
    encode,
    read_message,
)
from asr.text import character_error_rate
from asr.worker import EXIT_BROKEN_MODEL, EXIT_NO_SOCKET
from asr.workers import (
    Patience,
    TranscriptionClient,
    TranscriptionJob,
    TranscriptionUnavailable,
    worker_command,
)
from callcenter.models.install import install

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[2]
SPEECH = REPOSITORY / "tests" / "data" / "speech"
MODELS = Path(os.environ.get("CALLCENTER_MODELS_DIR") or REPOSITORY / "var" / "models")


@pytest.fixture(autouse=True)
def run_directory(tmp_path: Path) -> None:
    """The directory of the sockets."""
    (tmp_path / "run").mkdir()


@dataclass(frozen=True, slots=True)
class Saying:
    """A recording with its text."""

    path: Path
    text: str


def sayings(language: str) -> list[Saying]:
    """The test data in one language."""
    manifest = json.loads((SPEECH / "manifest.json").read_text("utf-8"))
    return [Saying(SPEECH / item["file"], item["text"]) for item in manifest if item["language"] == language]


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process that has said it is ready."""

    socket_path: Path
    process: asyncio.subprocess.Process
    ready: dict[str, object]


async def start(*arguments: str) -> asyncio.subprocess.Process:
    """Start a worker process."""
    return await asyncio.create_subprocess_exec(
        *arguments, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def end(process: asyncio.subprocess.Process, signal_number: int = signal.SIGTERM) -> tuple[int, str]:
    """End a process; return its status and what it complained about."""
    if process.returncode is None:
        process.send_signal(signal_number)
    async with asyncio.timeout(20):
        _, complaint = await process.communicate()
    assert process.returncode is not None
    return process.returncode, complaint.decode()


def command(model_id: str, engine: str, languages: tuple[str, ...], socket_path: Path) -> list[str]:
    """The command line of a worker over an installed model."""
    return worker_command(
        socket_path=socket_path,
        model_dir=MODELS / model_id,
        model_id=model_id,
        engine=engine,
        languages=languages,
    )


@asynccontextmanager
async def working(
    model_id: str, engine: str, languages: tuple[str, ...], socket_path: Path
) -> AsyncIterator[Worker]:
    """A ready worker."""
    await install(model_id, MODELS)
    process = await start(*command(model_id, engine, languages, socket_path))
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        assert line, (await end(process))[1]
        yield Worker(socket_path, process, json.loads(line))
    finally:
        await end(process)


def through_telephone(path: Path, target: Path) -> Path:
    """The recording as an 8 kHz mu-law telephone line would carry it, beside a silent agent."""
    samples, rate = soundfile.read(path, dtype="float32")
    narrow = soxr.resample(samples, rate, 8000)
    call = np.stack([narrow, np.zeros_like(narrow)], axis=1)
    soundfile.write(target, call, 8000, subtype="ULAW")
    return target


async def mean_error_rate(client: TranscriptionClient, language: str, spoken: list[Saying]) -> float:
    """The mean character error rate over some sayings."""
    rates = []
    for saying in spoken:
        transcript = await client.transcribe(TranscriptionJob(saying.path.name, saying.path, 0, language))
        rates.append(character_error_rate(saying.text, transcript.text, language))
    return sum(rates) / len(rates)


async def test_vosk_understands_wideband_korean(tmp_path: Path) -> None:
    """Vosk hears 16 kHz Korean; its worker runs at low priority behind a private socket."""
    async with working("vosk-ko", "vosk", ("ko",), tmp_path / "run" / "s") as worker:
        assert worker.ready == {
            "event": "ready",
            "engine": "vosk",
            "model": "vosk-ko",
            "version": worker.ready["version"],
            "pid": worker.process.pid,
        }
        assert stat.S_IMODE(os.stat(worker.socket_path).st_mode) == 0o600
        assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) >= 15
        client = TranscriptionClient(worker.socket_path)
        assert await mean_error_rate(client, "ko", sayings("ko")) < 0.6


async def test_whisper_understands_mandarin_also_over_the_telephone(tmp_path: Path) -> None:
    """Whisper hears Mandarin at 16 kHz and through an 8 kHz mu-law line; the silent side stays empty."""
    async with working("whisper-base", "whisper", ("zh", "en"), tmp_path / "run" / "s") as worker:
        client = TranscriptionClient(worker.socket_path)
        wideband = sayings("zh")
        assert await mean_error_rate(client, "zh", wideband) < 0.3
        telephone = [
            Saying(through_telephone(saying.path, tmp_path / f"{index}.wav"), saying.text)
            for index, saying in enumerate(wideband[:3])
        ]
        assert await mean_error_rate(client, "zh", telephone) < 0.3
        silent = await client.transcribe(TranscriptionJob("agent", telephone[0].path, 1, "zh"))
        assert (silent.text, silent.segments, silent.sample_rate) == ("", (), 8000)


async def test_whisper_invents_nothing_in_what_is_no_speech(tmp_path: Path) -> None:
    """Ring-back, noise and silence around speech add no words to it."""
    saying = sayings("zh")[0]
    speech, rate = soundfile.read(saying.path, dtype="float32")
    at = np.arange(rate * 4) / rate
    ring_back = (0.2 * np.sin(2 * np.pi * 450 * at)).astype(np.float32)
    noise = np.random.default_rng(3).normal(0, 0.02, rate * 5).astype(np.float32)
    silence = np.zeros(rate * 20, np.float32)
    path = tmp_path / "call.wav"
    soundfile.write(path, np.concatenate([ring_back, noise, silence, speech, silence]), rate)
    async with working("whisper-base", "whisper", ("zh",), tmp_path / "run" / "s") as worker:
        transcript = await TranscriptionClient(worker.socket_path).transcribe(
            TranscriptionJob("1", path, 0, "zh")
        )
    assert character_error_rate(saying.text, transcript.text, "zh") < 0.4
    assert transcript.segments[0].start_ms == pytest.approx(29_000, abs=1500)


async def test_live_stream_is_understood_while_it_is_spoken(tmp_path: Path) -> None:
    """Vosk gives partial texts during the utterance and its final on the stream's clock."""
    saying = sayings("ko")[0]
    samples, _ = soundfile.read(saying.path, dtype="int16")
    silence = bytes(16000 * 2 * 2)
    pcm = silence + np.asarray(samples, np.int16).tobytes() + silence
    async with working("vosk-ko", "vosk", ("ko",), tmp_path / "run" / "s") as worker:
        reader, writer = await asyncio.open_unix_connection(str(worker.socket_path))
        writer.write(encode(OpenStream("s", 16000, "ko")))
        for start_byte in range(0, len(pcm), 6400):
            writer.write(encode(StreamFrame("s", pcm[start_byte : start_byte + 6400])))
            await asyncio.sleep(0.02)  # ten times real time; the stream's pace, not a wait for an event
        writer.write(encode(CloseStream("s")))
        received = []
        async with asyncio.timeout(30):
            while not received or not isinstance(received[-1], StreamClosed):
                received.append(await read_message(reader))
                assert received[-1] is not None
        writer.close()
        await writer.wait_closed()
    finals = [message.segment for message in received if isinstance(message, StreamFinal)]
    text = " ".join(segment.text for segment in finals)
    assert character_error_rate(saying.text, text, "ko") < 0.6
    assert finals[0].start_ms == pytest.approx(2250, abs=500)
    first_final = next(index for index, message in enumerate(received) if isinstance(message, StreamFinal))
    assert any(isinstance(message, StreamPartial) for message in received[:first_final])


async def test_killed_worker_is_replaced_and_the_job_is_done(tmp_path: Path) -> None:
    """A job in flight survives a kill -9: the next worker takes the stale socket, and the client its job."""
    saying = sayings("ko")[0]
    socket_path = tmp_path / "run" / "s"
    client = TranscriptionClient(socket_path, patience=Patience(worker_sec=60))
    async with working("vosk-ko", "vosk", ("ko",), socket_path) as worker:
        await client.greet()
        worker.process.kill()
        await worker.process.wait()
    job = asyncio.create_task(client.transcribe(TranscriptionJob("1", saying.path, 0, "ko")))
    async with working("vosk-ko", "vosk", ("ko",), socket_path):
        transcript = await job
    assert character_error_rate(saying.text, transcript.text, "ko") < 0.8


async def test_stopped_worker_makes_the_job_unavailable(tmp_path: Path) -> None:
    """A worker that hangs (SIGSTOP) costs the call its transcript, not the controller its time."""
    async with working("vosk-ko", "vosk", ("ko",), tmp_path / "run" / "s") as worker:
        worker.process.send_signal(signal.SIGSTOP)
        client = TranscriptionClient(worker.socket_path, patience=Patience(worker_sec=0.5, queue_sec=2))
        with pytest.raises(TranscriptionUnavailable):
            await client.transcribe(TranscriptionJob("1", sayings("ko")[0].path, 0, "ko"))
        worker.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    ("model_id", "engine", "damaged", "size"),
    [
        ("vosk-ko", "vosk", "am/final.mdl", None),
        ("vosk-ko", "vosk", "am/final.mdl", 1000),
        ("whisper-base", "whisper", "tokenizer.json", None),
        ("whisper-base", "whisper", "model.bin", 100_000),
    ],
)
async def test_broken_model_ends_the_worker_with_one_clear_line(
    tmp_path: Path, model_id: str, engine: str, damaged: str, size: int | None
) -> None:
    """A missing or truncated file is named with its directory; there is no socket, no hang, no crash."""
    directory = tmp_path / "broken"
    shutil.copytree(
        await install(model_id, MODELS),
        directory,
        copy_function=os.symlink,
    )
    (directory / damaged).unlink()
    if size is not None:
        (directory / damaged).write_bytes((MODELS / model_id / damaged).read_bytes()[:size])
    process = await start(
        *worker_command(
            socket_path=tmp_path / "run" / "s",
            model_dir=directory,
            model_id=model_id,
            engine=engine,
            languages=("ko",),
        )
    )
    async with asyncio.timeout(60):
        await process.wait()
    status, complaint = await end(process)
    assert status == EXIT_BROKEN_MODEL
    assert f"{directory} is broken" in complaint.splitlines()[-1]
    assert not os.listdir(tmp_path / "run")


async def test_second_worker_does_not_take_the_socket_of_the_first(tmp_path: Path) -> None:
    """Two starters leave one worker, and the other says why it ended."""
    script = tmp_path / "script"
    os.mkdir(script)
    (script / "script.json").write_text('{"default": "네", "texts": {}}', "utf-8")
    arguments = worker_command(
        socket_path=tmp_path / "run" / "s",
        model_dir=script,
        model_id="x",
        engine="scripted",
        languages=("ko",),
    )
    first = await start(*arguments)
    assert first.stdout is not None
    await first.stdout.readline()
    second = await start(*arguments)
    async with asyncio.timeout(20):
        await second.wait()
    status, complaint = await end(second)
    assert status == EXIT_NO_SOCKET
    assert "another worker listens there already" in complaint
    saying = sayings("ko")[0]
    transcript = await TranscriptionClient(tmp_path / "run" / "s").transcribe(
        TranscriptionJob("1", saying.path, 0, "ko")
    )
    assert transcript.text == "네"
    assert (await end(first))[0] == 0
    assert not os.listdir(tmp_path / "run")


async def test_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """With --exit-with-parent a kill -9 of the parent leaves no worker behind."""
    script = tmp_path / "script"
    os.mkdir(script)
    (script / "script.json").write_text('{"default": "", "texts": {}}', "utf-8")
    arguments = worker_command(
        socket_path=tmp_path / "run" / "s",
        model_dir=script,
        model_id="x",
        engine="scripted",
        languages=("ko",),
    )
    parent_code = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    parent = await start(sys.executable, "-c", parent_code, *arguments, "--exit-with-parent")
    assert parent.stdout is not None
    assert b"ready" in await parent.stdout.readline()
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(10):
        assert await parent.stdout.read() == b""  # the worker held the other end
    await end(parent)
