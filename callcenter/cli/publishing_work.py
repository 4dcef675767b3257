"""Publishing from the command line, beside a controller that may be running."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import TypeVar

from rich.console import Console

from callcenter.adapters.journal_tail import JournalTail
from callcenter.cli.controller_process import ANSWERS_WITHIN_S, answers, tell_controller
from callcenter.cli.failure import Failure
from callcenter.domain.events import FlowsPublished, FlowsRefused
from callcenter.flow_editing.publishing import Answer, Done, NoAnswer, Publishing
from callcenter.flow_versions.model import Action, Deed, Doing, State
from callcenter.flows_in_force import PUBLISHED
from callcenter.places import Places
from callcenter.settings import Settings

DONE = {
    Deed.PUBLISHED: "Version {number} is published",
    Deed.ROLLED_BACK: "Version {number} is put in force again",
    Deed.STAGED: "Version {number} is staged for {percent} % of new callers",
    Deed.SHARE_SET: "Version {number} is now for {percent} % of new callers",
    Deed.FINISHED: "Version {number} is now for all callers",
    Deed.WITHDRAWN: "Version {number} is withdrawn",
    Deed.GUARD: "Version {number} is withdrawn",
}
T = TypeVar("T")


class ControllerBeside:
    """Implements ``callcenter.flow_editing.publishing.TakesUp``: the controller of this data directory, by a
    signal and by what it journals."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._tail = JournalTail(places.journal)

    async def take_up(self, action: int) -> Answer | None:
        """See the port."""
        if not tell_controller(self._places, PUBLISHED):
            return None
        for event in answers(self._tail, FlowsPublished, FlowsRefused):
            if isinstance(event, Answer) and event.action >= action:
                return event
        raise NoAnswer(
            f"entry {action} of the publishing log is written, but the controller has not said within "
            f"{ANSWERS_WITHIN_S:.0f} s that it is in force -> see log/controller.log; it is taken up at the "
            "next start at the latest"
        )


def publish_written(settings: Settings, places: Places, doing: Doing, percent: int | None) -> None:
    """Publish what is written in flows_dir. Raises as ``Publishing``, and Failure."""
    done = _carried_out(_publishing(settings, places).publish(doing, percent))
    if done is None:
        sys.stdout.write("Nothing to publish: the version in force has the very same files.\n")
    else:
        _tell(places, done)


def change(settings: Settings, places: Places, decide: Callable[[State], Action]) -> None:
    """Let a version that was published once come in force, or a stage change. Raises as ``Publishing``, and
    Failure."""
    _tell(places, _carried_out(_publishing(settings, places).change(decide)))


def _publishing(settings: Settings, places: Places) -> Publishing:
    return Publishing(settings, places, ControllerBeside(places))


def _carried_out(work: Coroutine[object, object, T]) -> T:
    with Console(stderr=True).status("prompts"):
        try:
            return asyncio.run(work)
        except NoAnswer as silence:
            raise Failure(str(silence)) from None


def _tell(places: Places, done: Done) -> None:
    for problem in done.unspoken:
        sys.stderr.write(f"{problem}\n")
    told = DONE[done.action.deed].format(number=done.action.number, percent=done.action.percent)
    if done.answer is None:
        sys.stdout.write(f"{told}. No centre runs in {places.data_dir}: in force from its next start.\n")
        return
    if isinstance(done.answer, FlowsRefused):
        mistakes = "\n".join(done.answer.mistakes)
        raise Failure(
            f"{mistakes}\n{told}, but the running controller refuses it by the settings in force there, and "
            "goes on as before -> `callcenter reload` puts the settings of today in force, and then this"
        )
    took_ms = max(0, done.answer.at - done.told_at)
    sys.stdout.write(f"{told}. In force {took_ms} ms after the controller was told.\n")
