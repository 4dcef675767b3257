"""The running controller, as another command of ours reaches it: by a signal, and by what it journals."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from callcenter.adapters.journal_tail import JournalTail
from callcenter.embedded.process_identity import ProcessIdentity
from callcenter.places import Places

ANSWERS_WITHIN_S = 15.0
LOOK_S = 0.005
Fact = TypeVar("Fact")


def controller_of(places: Places) -> ProcessIdentity | None:
    """The controller that runs in this data directory; None when there is none. A pid file that a dead one
    left behind is told apart from a stranger who has its number now."""
    with suppress(OSError, ValueError):
        pid, start_ticks, boot = (places.run / "controller.pid").read_text().split()
        known = ProcessIdentity(int(pid), int(start_ticks), boot)
        if known.is_alive():
            return known
    return None


def tell_controller(places: Places, word: signal.Signals) -> bool:
    """Send the word to the running controller; whether there is one. One that has only just been started, and
    would die of it, is left alone: it is going to read everything anyway."""
    controller = controller_of(places)
    if controller is None:
        return False
    if _catches(controller.pid, word):
        with suppress(ProcessLookupError):
            os.kill(controller.pid, word)
    return True


def answers(tail: JournalTail, *kinds: type[Fact]) -> Iterator[Fact]:
    """The facts of these kinds of DomainEvent that the controller journals, as they come; they end when it
    has said nothing more for so long that it is not going to."""
    names = tuple(kind.__name__ for kind in kinds)
    give_up_at = time.monotonic() + ANSWERS_WITHIN_S
    while time.monotonic() < give_up_at:
        for event in tail.news(names):
            if isinstance(event, kinds):
                yield event
        time.sleep(LOOK_S)


def _catches(pid: int, word: signal.Signals) -> bool:
    """Whether the process has a handler for it (proc(5), SigCgt)."""
    with suppress(OSError, StopIteration, ValueError):
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        caught = next(line for line in status if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (word - 1) & 1)
    return False
