"""`python -m asr.worker`: the process that holds one speech model, apart from everything that must not wait.

It runs at low priority, loads and warms its model, then listens on a unix socket (mode 0600) and prints one
JSON line on standard output: {"event": "ready", "engine", "model", "version", "pid"}. SIGTERM and SIGINT end
it with status 0. It never starts half: when it cannot serve it prints one line on standard error and ends
with status 2 (wrong use), 3 (broken model) or 4 (no socket).
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import orjson

from asr.recognizer import Engine, FailureReason, RecognitionError
from asr.server import Limits, WorkerServer

EXIT_BROKEN_MODEL = 3
EXIT_NO_SOCKET = 4
# sun_path of sockaddr_un, less its closing zero.
_MAX_SOCKET_PATH_BYTES = 107
_PR_SET_PDEATHSIG = 1


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the process with status 2 when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m asr.worker", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="unix socket to listen on")
    parser.add_argument("--model-dir", type=Path, required=True, help="directory of the model")
    parser.add_argument(
        "--model-id", help="name of the model in transcripts; the directory's name by default"
    )
    parser.add_argument("--engine", choices=("vosk", "whisper", "scripted"), required=True)
    parser.add_argument("--language", required=True, help="languages of the model, comma-separated: zh,en")
    parser.add_argument("--threads", type=int, default=1, help="decodings at once")
    parser.add_argument(
        "--recognizers", type=int, default=1, help="recognizers to warm; all but one after ready"
    )
    parser.add_argument("--max-jobs", type=int, default=32, help="recordings that may wait")
    parser.add_argument("--max-streams", type=int, default=6, help="live streams that may be open")
    parser.add_argument("--nice", type=int, default=15, help="niceness to run at")
    parser.add_argument(
        "--idle", action="store_true", help="run only while the processors would be idle (SCHED_IDLE)"
    )
    parser.add_argument("--exit-with-parent", action="store_true", help="end when the starting process ends")
    options = parser.parse_args(arguments)
    if min(options.threads, options.recognizers, options.max_jobs) < 1 or options.max_streams < 0:
        parser.error("--threads, --recognizers and --max-jobs must be at least 1, --max-streams at least 0")
    return options


def load_engine(options: argparse.Namespace) -> Engine:
    """Load the model the command line names. Blocks for seconds. Raises RecognitionError(MODEL_BROKEN)."""
    languages = tuple(language.strip() for language in options.language.split(","))
    directory: Path = options.model_dir
    model_id: str = options.model_id or directory.name
    if not directory.is_dir():
        raise RecognitionError(FailureReason.MODEL_BROKEN, f"there is no model directory {directory}")
    match options.engine:
        case "vosk":
            from asr.vosk_recognizer import VoskEngine

            return VoskEngine(directory, model_id, languages[0])
        case "whisper":
            if find_spec("faster_whisper") is None:
                raise RecognitionError(
                    FailureReason.MODEL_BROKEN,
                    f"model {model_id} needs the package faster-whisper; install it",
                )
            from asr.whisper_recognizer import WhisperEngine

            return WhisperEngine(directory, model_id, languages, options.threads)
        case _:
            from asr.scripted import ScriptedEngine

            return ScriptedEngine.load(directory, languages)


async def serve(engine: Engine, options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the socket cannot be had."""
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    claim_socket(options.socket)
    limits = Limits(options.threads, options.max_jobs, options.max_streams)
    async with WorkerServer(engine, limits).listening(options.socket):
        _announce(engine)
        warming = asyncio.create_task(_warm_rest(engine, options.recognizers - 1))
        await stop.wait()
        warming.cancel()


def claim_socket(path: Path) -> None:
    """Make `path` free to listen on: remove a socket nobody answers at. Raises OSError when it is taken."""
    if len(os.fsencode(path)) > _MAX_SOCKET_PATH_BYTES:
        raise OSError(f"the path is longer than {_MAX_SOCKET_PATH_BYTES} bytes; choose a shorter one")
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
    raise OSError("another worker listens there already")


def lower_priority(nice: int, idle: bool) -> None:
    """Give way to telephony: to everything else at all with `idle`, where the system allows it."""
    os.nice(nice)
    if idle and hasattr(os, "sched_setscheduler"):
        try:
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        except OSError as error:
            logging.getLogger(__name__).warning("SCHED_IDLE is not to be had: %s", error)


def exit_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends (Linux)."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended in between
        sys.exit(0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a worker; return its exit status."""
    options = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.WARNING, format="asr.worker: %(message)s")
    if options.exit_with_parent:
        exit_with_parent()
    lower_priority(options.nice, options.idle)
    try:
        engine = load_engine(options)
        engine.warm_up()
    except RecognitionError as error:
        print(f"asr.worker: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_BROKEN_MODEL
    try:
        asyncio.run(serve(engine, options))
    except OSError as error:
        print(f"asr.worker: cannot listen at {options.socket}: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_NO_SOCKET
    return 0


def _announce(engine: Engine) -> None:
    line = {
        "event": "ready",
        "engine": engine.name,
        "model": engine.model,
        "version": engine.version,
        "pid": os.getpid(),
    }
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


async def _warm_rest(engine: Engine, count: int) -> None:
    for _ in range(count):
        await asyncio.to_thread(engine.warm_up)


if __name__ == "__main__":
    sys.exit(main())
