"""The process that makes prompts during calls: warm, of low priority, and dispensable.

``python -m callcenter.prompts.worker SPEECH SAID SHIPPED RECORDED MAX_BYTES MAX_AGE_SEC``. Its input and
output are JSON, one object a line. In: ``{"know": [[text, language], ...]}`` and ``{"id", "text", "language",
"within_ms"}``. Out: ``{"pace": [engine, language, ms]}`` once per engine, and per request ``{"id", "stem"}``
(with ``"better": true`` while a better voice is at work on it) or ``{"id", "failed": reason}``. It ends when
its input does: it never outlives the controller.
"""

from __future__ import annotations

import asyncio
import json
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

import structlog

from callcenter.kept_process import KeptProcess
from callcenter.ports import PromptUnavailable
from callcenter.prompts.engines import SynthesisError
from callcenter.prompts.impromptu import SLOW, Bounds, Impromptu, NothingFastEnough
from callcenter.prompts.model import PromptText
from callcenter.prompts.store import PromptStore
from callcenter.standing_back import stand_back

_log = structlog.get_logger()
_END_SEC: Final = 2.0
_BELOW_THE_TELEPHONY: Final = 10
# Of the time that a caller waits: until the worker is to be ready, and until the controller is to know.
_SHARE_OF_THE_WORKER, _SHARE_OF_ALL = 0.8, 0.95
_Answer = Callable[[dict[str, Any]], None]


# --- in the process ----------------------------------------------------------------------------------------


def serve(impromptu: Impromptu, requests: IO[str], answer: _Answer) -> None:
    """Answer requests until they end. Quick engines are measured before the first one; slow ones are loaded
    and measured beside them, and used from then on."""
    mailbox: queue.Queue[tuple[float, dict[str, Any]] | None] = queue.Queue()

    def read() -> None:
        for line in requests:
            mailbox.put((time.monotonic(), json.loads(line)))
        mailbox.put(None)

    def measure_slow() -> None:
        for engine, language in impromptu.engines():
            if engine in SLOW:
                _measure(impromptu, engine, language, answer)

    threading.Thread(target=read, daemon=True).start()
    for engine, language in impromptu.engines():
        if engine not in SLOW:
            _measure(impromptu, engine, language, answer)
    known = False
    while (asked := mailbox.get()) is not None:
        at, request = asked
        if "know" in request:
            impromptu.know(PromptText(text, language) for text, language in request["know"])
            if not known:  # the pieces serve the first callers, so they come first
                known = True
                threading.Thread(target=measure_slow, daemon=True).start()
        else:
            answer({"id": request["id"], **_said(impromptu, request, at, answer)})


def _measure(
    impromptu: Impromptu, engine: str, language: str, answer: Callable[[dict[str, Any]], None]
) -> None:
    with suppress(SynthesisError):
        answer({"pace": [engine, language, round(1000 * impromptu.measure(engine, language))]})


def _said(impromptu: Impromptu, request: dict[str, Any], at: float, answer: _Answer) -> dict[str, str]:
    within_sec = request["within_ms"] / 1000 - (time.monotonic() - at)
    if within_sec <= 0:
        return {"failed": "it waited too long for its turn; the machine is too busy"}
    prompt = PromptText(request["text"], request["language"])

    def meanwhile(stem: Path) -> None:
        answer({"id": request["id"], "stem": str(stem), "better": True})

    try:
        return {"stem": str(impromptu.say(prompt, within_sec, meanwhile))}
    except NothingFastEnough as error:
        return {"failed": str(error)}
    except Exception as error:  # its text may quote what was to be said
        return {"failed": f"a defect: {type(error).__name__}"}


def write_line(to: IO[str], message: dict[str, Any]) -> None:
    """One message, at once and in one piece, whichever thread it comes from."""
    to.write(json.dumps(message) + "\n")
    to.flush()


def main(arguments: list[str]) -> None:
    """The process itself."""
    stand_back(_BELOW_THE_TELEPHONY)
    speech, said, shipped, recorded, max_bytes, max_age_sec = arguments
    store = PromptStore(Path(speech), Path(shipped), recorded=Path(recorded))
    # Whatever a library prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    impromptu = Impromptu(Path(said), store, Bounds(int(max_bytes), float(max_age_sec)))
    serve(impromptu, sys.stdin, partial(write_line, answers))


# --- beside the calls --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Asked:
    """A request on its way; ``meanwhile`` is what can be played if the better voice is late."""

    answer: asyncio.Future[Path]
    request: dict[str, Any]
    meanwhile: Path | None = None


class PromptWorker:
    """Keeps the process running and asks it. Used from one event loop only."""

    def __init__(self, speech: Path, said: Path, shipped: Path, recorded: Path, bounds: Bounds) -> None:
        folders = [str(folder.absolute()) for folder in (speech, said, shipped, recorded)]
        self._process = KeptProcess(
            "callcenter.prompts.worker",
            (*folders, str(bounds.max_bytes), str(bounds.max_age_sec)),
            begun=self._begun,
            take=self._take,
            is_silent=True,  # a library's warning may quote what is said
        )
        self._known: list[list[str]] = []
        self._keeper: asyncio.Task[None] | None = None
        self._asked: dict[int, _Asked] = {}
        self._last_id = 0
        self.pace_ms: dict[tuple[str, str], int] = {}
        """Milliseconds that each engine takes for a typical sentence of each language, as measured."""

    @property
    def runs(self) -> bool:
        """The process is there."""
        return self._process.pid is not None

    def know(self, prompts: Iterable[PromptText]) -> None:
        """Pieces from which sentences may be joined; starts the process."""
        self._known = [[prompt.text, prompt.language] for prompt in prompts]
        if self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(self._process.run(), name="prompt-worker")
        else:
            self._process.tell({"know": self._known})

    async def say(self, prompt: PromptText, within_ms: int) -> Path:
        """The audio of the prompt, without suffix. Raises PromptUnavailable before that time is over.

        A process that dies over it is asked again when it is back.
        """
        self._last_id += 1
        asked = _Asked(
            asyncio.get_running_loop().create_future(),
            {
                "id": self._last_id,
                "text": prompt.text,
                "language": prompt.language,
                "within_ms": round(within_ms * _SHARE_OF_THE_WORKER),
            },
        )
        self._asked[self._last_id] = asked
        try:
            self._process.tell(asked.request)
            async with asyncio.timeout(within_ms * _SHARE_OF_ALL / 1000):
                return await asked.answer
        except TimeoutError:
            if asked.meanwhile is not None:
                return asked.meanwhile
            raise PromptUnavailable("the prompt worker was too slow; the machine is too busy") from None
        finally:
            del self._asked[asked.request["id"]]

    async def close(self) -> None:
        """End the process."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=_END_SEC)
            self._keeper = None

    def _begun(self) -> None:
        self._process.tell({"know": self._known})
        for asked in self._asked.values():
            self._process.tell(asked.request)

    def _take(self, message: dict[str, Any]) -> None:
        if "pace" in message:
            engine, language, ms = message["pace"]
            self.pace_ms[engine, language] = ms
            _log.info("prompt_engine_measured", engine=engine, language=language, typical_sentence_ms=ms)
            return
        asked = self._asked.get(message["id"])
        if asked is None or asked.answer.done():
            return
        if message.get("better"):
            asked.meanwhile = Path(message["stem"])
        elif "stem" in message:
            asked.answer.set_result(Path(message["stem"]))
        else:
            asked.answer.set_exception(PromptUnavailable(message["failed"]))


if __name__ == "__main__":
    main(sys.argv[1:])
