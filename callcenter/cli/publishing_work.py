"""Publishing in steps: prove, speak, keep, tell the running controller, and hear that it is in force."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from rich.console import Console

from callcenter import assembly
from callcenter.adapters.journal_tail import JournalTail
from callcenter.cli.controller_process import ANSWERS_WITHIN_S, answers, tell_controller
from callcenter.cli.failure import Failure
from callcenter.domain.events import FlowsPublished, FlowsRefused
from callcenter.domain.flow_stage import Guards
from callcenter.flow_versions import service
from callcenter.flow_versions.model import Action, Deed, Doing, State
from callcenter.flow_versions.store import FlowStore
from callcenter.flows_in_force import PUBLISHED
from callcenter.places import Places
from callcenter.prompts.service import PromptService
from callcenter.settings import Settings
from ivr_flows.model import Flow

DONE = {
    Deed.PUBLISHED: "Version {number} is published",
    Deed.ROLLED_BACK: "Version {number} is put in force again",
    Deed.STAGED: "Version {number} is staged for {percent} % of new callers",
    Deed.SHARE_SET: "Version {number} is now for {percent} % of new callers",
    Deed.FINISHED: "Version {number} is now for all callers",
    Deed.WITHDRAWN: "Version {number} is withdrawn",
    Deed.GUARD: "Version {number} is withdrawn",
}


def publish_written(settings: Settings, places: Places, doing: Doing, percent: int | None) -> None:
    """Publish what is written in flows_dir. Raises Mistakes, NotNow, FlowStoreError and Failure."""
    new = service.draft(settings.centre.flows_dir, partial(assembly.fitting, settings))
    _ready(settings, places, new.flows)
    allowed = settings.publishing
    guards = Guards(allowed.min_calls, allowed.containment_drop, allowed.abandonment_rise, allowed.error_rise)
    store, tail = FlowStore(places.flow_versions), JournalTail(places.journal)
    action = service.publish(store, new, doing, percent, guards)
    if action is None:
        sys.stdout.write("Nothing to publish: the version in force has the very same files.\n")
        return
    _put_in_force(places, tail, action)


def change(settings: Settings, places: Places, decide: Callable[[State], Action]) -> None:
    """Let a version that was published once come in force, or a stage change. Raises as
    ``publish_written``: also an older version must fit the settings of today."""
    store, tail = FlowStore(places.flow_versions), JournalTail(places.journal)
    wanted = decide(store.state())
    if wanted.deed is not Deed.WITHDRAWN:
        flows = service.flows_of_version(store, wanted.number)
        _ready(settings, places, assembly.fitting(settings, flows))
    action = service.act(store, decide)
    _put_in_force(places, tail, action)


def _ready(settings: Settings, places: Places, flows: Mapping[str, Flow]) -> None:
    """Have all texts of these flows spoken. What cannot be spoken is told, and hinders nothing: the callers
    hear a tone there."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with console.status("prompts"):
        texts = assembly.all_prompts(settings, flows)
        report = asyncio.run(PromptService(places.prompts).prepare(texts))
    for problem in report.problems:
        console.print(str(problem), markup=False)


def _put_in_force(places: Places, tail: JournalTail, action: Action) -> None:
    done = DONE[action.deed].format(number=action.number, percent=action.percent)
    told_at = time.time_ns() // 1_000_000
    if not tell_controller(places, PUBLISHED):
        sys.stdout.write(f"{done}. No centre runs in {places.data_dir}: in force from its next start.\n")
        return
    answer = _answer(tail, action.action)
    if isinstance(answer, FlowsRefused):
        told = "\n".join(answer.mistakes)
        raise Failure(
            f"{told}\n{done}, but the running controller refuses it by the settings that it has in force, "
            "and goes on as before -> `callcenter reload` puts the settings of today in force, and then this"
        )
    took_ms = max(0, answer.at - told_at)
    sys.stdout.write(f"{done}. In force {took_ms} ms after the controller was told.\n")


def _answer(tail: JournalTail, action: int) -> FlowsPublished | FlowsRefused:
    told: Iterator[FlowsPublished | FlowsRefused] = answers(tail, FlowsPublished, FlowsRefused)
    for event in told:
        if event.action >= action:
            return event
    raise Failure(
        f"entry {action} of the publishing log is written, but the controller has not said within "
        f"{ANSWERS_WITHIN_S:.0f} s that it is in force -> see log/controller.log; it is taken up at the "
        "next start at the latest"
    )
