"""The controller's side of publishing and of `callcenter reload`: it takes up what the store and the settings
say, whole or not at all.

Files are read and proved in a thread, beside the calls; only the exchange itself is a message of the mailbox.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from callcenter import assembly
from callcenter.controller import memory
from callcenter.controller.centre import Centre
from callcenter.controller.floor import CentreConfig
from callcenter.controller.flow_set import StagedFlows
from callcenter.controller.messages import FlowsChanged
from callcenter.controller.published_flows import PublishedFlows
from callcenter.controller.shell import Controller
from callcenter.domain.events import DomainEvent, FlowsRefused, FlowStageWithdrawn
from callcenter.domain.flow_stage import Stage
from callcenter.flow_versions.model import StagedVersion
from callcenter.flow_versions.service import flows_at_once, flows_of_version, withdraw_by_guard
from callcenter.flow_versions.store import FlowStore, FlowStoreError
from callcenter.ports import Clock, Recollection
from callcenter.prompts.service import PromptService
from callcenter.settings import Settings
from ivr_flows.effects import PromptText
from ivr_flows.model import Flow
from located_yaml import Mistakes

log = structlog.get_logger(__name__)
PUBLISHED = signal.SIGUSR1
"""The word of a publisher to the controller: there is a new entry in the publishing log."""
NOTE_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What the controller runs: as the fields of CentreConfig."""

    number: int
    action: int
    flows: dict[str, Flow]
    staged: StagedFlows | None = None

    def texts(self, settings: Settings) -> set[PromptText]:
        """Every text that a caller of the version in force, or of the one staged, can hear."""
        return {text for flows in self.running for text in assembly.all_prompts(settings, flows)}

    @property
    def running(self) -> list[Mapping[str, Flow]]:
        """The flows that new callers may take."""
        return [self.flows, *([self.staged.flows] if self.staged else [])]

    def into(self, config: CentreConfig) -> CentreConfig:
        """The same settings with these flows."""
        return replace(
            config,
            flows=self.flows,
            flows_number=self.number,
            flows_action=self.action,
            staged=self.staged,
        )


@dataclass(slots=True)
class Library:
    """Versions as they are needed, each read and proved once by the same settings."""

    store: FlowStore
    _proved: dict[int, dict[str, Flow]] = field(default_factory=dict)
    _by: Settings | None = None

    def take(self, settings: Settings, before: Taken | None = None) -> Taken:
        """What is in force and staged now; as long as nothing was published what runs already, or at the
        start (``before`` is None) the files of centre.flows_dir. A start leaves out a staged version that
        does not fit, with an error in the log: it must not keep the centre from its callers. Raises Mistakes,
        FlowStoreError and OSError."""
        if settings != self._by:
            self._proved, self._by = {}, settings
        state = self.store.state()
        if not state.number:
            runs = assembly.fitting(settings, before.flows) if before else assembly.written_flows(settings)
            return Taken(0, state.action, runs)
        flows = self._sound(settings, state.number, starts=before is None)
        staged = self._staged(settings, state.staged, starts=before is None) if state.staged else None
        used = {state.number, state.staged.number if state.staged else 0}
        self._proved = {number: known for number, known in self._proved.items() if number in used}
        return Taken(state.number, state.action, flows, staged)

    def _staged(self, settings: Settings, staged: StagedVersion, *, starts: bool) -> StagedFlows | None:
        try:
            flows = self._sound(settings, staged.number, starts=starts)
        except (Mistakes, FlowStoreError) as wrong:
            if not starts:
                raise
            log.error("staged_flows_refused", version=staged.number, mistakes=_told(wrong))
            return None
        hashes = {name: flow.version for name, flow in flows.items()}
        return StagedFlows(Stage(staged.number, staged.percent, staged.began, staged.guards, hashes), flows)

    def _sound(self, settings: Settings, number: int, *, starts: bool) -> dict[str, Flow]:
        if number not in self._proved:
            read = flows_of_version if starts else flows_at_once
            try:
                flows = assembly.fitting(settings, read(self.store, number))
            except Mistakes:  # told with their lines
                flows = assembly.fitting(settings, flows_of_version(self.store, number))
            self._proved[number] = flows
        return self._proved[number]

    def older(self, published: PublishedFlows) -> None:
        """Give the calls that a dead controller left the flows they began with. A version that cannot be had
        is told in the log; its calls go on by the one in force."""
        for number in sorted(published.unknown_numbers() - {0}):
            try:
                published.keep(number, flows_of_version(self.store, number))
            except (Mistakes, FlowStoreError, OSError) as wrong:
                log.error("older_flows_missing", version=number, reason=_told(wrong))


class FlowsInForce:
    """Keeps the controller in step with the store, and lets other settings come in force where the flows fit
    them. To be made at the start, which it may refuse by Mistakes, FlowStoreError and OSError; ``look`` after
    every word of a publisher, ``reload`` when the settings have changed. ``taken`` is what runs."""

    def __init__(self, store: FlowStore, settings: Settings, prompts: PromptService, clock: Clock) -> None:
        self._library = Library(store)
        self.taken = self._library.take(settings)
        self._settings = settings
        self._reread: Callable[[], Settings] | None = None
        self._asking: list[asyncio.Future[None]] = []
        self._prompts = prompts
        self._clock = clock
        self._looking = asyncio.Event()
        self._noting = asyncio.Event()
        self._withdrawn = (0, 0, "")

    def remembered(self, config: CentreConfig, recollection: Recollection) -> Centre:
        """The Centre that the journal remembers: new callers take what is published, live calls what they
        began with."""
        centre = memory.remembered(self.taken.into(config), recollection)
        self._library.older(centre.published)
        return centre

    def look(self) -> None:
        """See what is published. Never waits."""
        self._looking.set()

    def reload(self, reread: Callable[[], Settings]) -> None:
        """Put in force what ``reread`` answers (it may raise Mistakes), and what is published: both or, when
        anything is wrong, neither. Never waits."""
        self._reread = reread
        self._looking.set()

    async def reloaded(self, reread: Callable[[], Settings]) -> None:
        """``reload``, and wait until it is in force. Raises Mistakes, FlowStoreError and OSError when it is
        refused."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asking.append(answer)
        self.reload(reread)
        await answer

    def fitting(self, settings: Settings) -> None:
        """Whether what runs fits these settings. Callable from any thread. Raises Mistakes with all that does
        not."""
        taken = self.taken
        if not taken.number and settings.centre.flows_dir != self._settings.centre.flows_dir:
            assembly.written_flows(settings)
            return
        assembly.fitting(settings, taken.flows)
        if taken.staged is not None:
            assembly.fitting(settings, dict(taken.staged.flows))

    def follow(self, _: int, event: DomainEvent) -> None:
        """A listener of the controller, for FlowStageWithdrawn: what a guard withdrew is to be noted in the
        publishing log."""
        if isinstance(event, FlowStageWithdrawn):
            self.note(event.began, event.at, why(event))

    def note(self, began: int, at: int, told: str) -> None:
        """See to it that the publishing log says, too, that a guard ended this stage. Noted twice is noted
        once."""
        self._withdrawn = (began, at, told)
        self._noting.set()

    async def run(self, control: Controller, put_in_force: Callable[[Settings], None]) -> None:
        """Look whenever told to, for ever. Whatever is wrong changes nothing and is journaled;
        ``put_in_force`` is given settings that everything fits, just before their numbers are exchanged."""
        while True:
            await self._looking.wait()
            self._looking.clear()
            reread, self._reread = self._reread, None
            asking, self._asking = self._asking, []
            refusal: Exception | None = None
            try:
                if reread is None:
                    await self._look(control)
                else:
                    await self._reload(control, reread, put_in_force)
            except (Mistakes, FlowStoreError, OSError) as wrong:
                refusal = wrong
                await self._refuse(control, wrong, settings=reread is not None)
            _answer(asking, refusal)

    async def run_notes(self) -> None:
        """Carry withdrawals into the publishing log, for ever; again and again while it refuses."""
        while True:
            await self._noting.wait()
            self._noting.clear()
            try:
                await asyncio.to_thread(withdraw_by_guard, self._library.store, *self._withdrawn)
            except (FlowStoreError, OSError) as wrong:
                log.error("withdrawal_not_noted", reason=str(wrong))
                await asyncio.sleep(NOTE_AGAIN_S)
                self._noting.set()

    async def _look(self, control: Controller) -> None:
        taken = await asyncio.to_thread(self._library.take, self._settings, self.taken)
        if taken.action != self.taken.action:
            await self._speak(taken, self._settings)
            self._exchange(control, taken, self._settings)

    async def _reload(
        self, control: Controller, reread: Callable[[], Settings], put_in_force: Callable[[Settings], None]
    ) -> None:
        settings, taken = await asyncio.to_thread(self._proved, reread)
        await self._speak(taken, settings)
        put_in_force(settings)
        self._exchange(control, taken, settings)

    def _proved(self, reread: Callable[[], Settings]) -> tuple[Settings, Taken]:
        """The settings, and the flows that fit them. Raises Mistakes with all that is wrong."""
        settings = reread()
        unset = assembly.unset_variables(settings, os.environ)
        try:
            taken = self._library.take(settings, self.taken)
        except Mistakes as wrong:
            raise Mistakes([*unset, *wrong.found]) from None
        if unset:
            raise Mistakes(unset)
        return settings, taken

    async def _speak(self, taken: Taken, settings: Settings) -> None:
        if new := taken.texts(settings) - self.taken.texts(self._settings):
            await self._prompts.prepare(new, synthesize=False)

    def _exchange(self, control: Controller, taken: Taken, settings: Settings) -> None:
        numbers, any_number = assembly.number_routes(settings, taken.flows)
        self.taken, self._settings = taken, settings
        control.post(FlowsChanged(taken.number, taken.action, taken.flows, taken.staged, numbers, any_number))
        log.info("flows_in_force", version=taken.number, action=taken.action)

    async def _refuse(self, control: Controller, wrong: Exception, *, settings: bool) -> None:
        """Refused settings say nothing of what was published meanwhile: those in force judge that."""
        action = self.taken.action if settings else await asyncio.to_thread(self._last_action)
        log.error("settings_refused" if settings else "flows_refused", action=action, mistakes=_told(wrong))
        control.record(FlowsRefused(self._clock(), action, _told(wrong)))
        if settings:
            self._looking.set()

    def _last_action(self) -> int:
        try:
            return self._library.store.state().action
        except FlowStoreError:
            return 0


def _answer(asking: list[asyncio.Future[None]], refusal: Exception | None) -> None:
    """Who asked may have gone."""
    for one in asking:
        if one.done():
            continue
        if refusal is None:
            one.set_result(None)
        else:
            one.set_exception(refusal)


def why(event: FlowStageWithdrawn) -> str:
    """The guard's reason in words, with its figures."""
    return (
        f"{event.guard}: {event.staged_share:.1%} of {event.staged_calls} callers of version {event.number}, "
        f"{event.in_force_share:.1%} of {event.in_force_calls} of the version in force; worse by "
        f"{event.worse_by:.1%}, allowed {event.allowed:.1%}, chance alone up to {event.by_chance:.1%}"
    )


def _told(wrong: Exception) -> list[str]:
    return [str(mistake) for mistake in wrong.found] if isinstance(wrong, Mistakes) else [str(wrong)]
