"""What is done over the manager connection: recordings, variables, reachability, and giving memory back."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any

import structlog
from panoramisk.message import Message

from callcenter.adapters.asterisk.ami import AmiConnectionLost, AmiError, AmiRefused, AmiTimeout, GuardedAmi
from callcenter.adapters.asterisk.config import AMI_USER
from callcenter.adapters.asterisk.contacts import ReachablePhones
from callcenter.adapters.asterisk.dialplan import LEG_VARIABLE
from callcenter.domain.switch import (
    CommandFailed,
    PhoneReachabilityChanged,
    RecordingFailed,
    RecordingStarted,
    SetVariables,
    StartRecording,
    StopRecording,
    SwitchCommand,
    SwitchEvent,
)

log = structlog.get_logger(__name__)

TRIM_INTERVAL_SEC = 60.0
"""The allocator keeps hundreds of megabytes after a busy hour; trimming takes milliseconds, so: when idle."""

_SAFE_PATH = re.compile(r"/[^\x00-\x1f\x7f,;()\"\\${}|]*")
_NO_SUCH_LEG = "No such channel"


class AmiSide:
    """Carries out what ARI cannot; its events go to `deliver` in the order in which they became known.

    `is_idle` says whether no call is up; `lines` are the endpoints that are no phones.
    """

    def __init__(
        self,
        *,
        port: int,
        secret: str,
        lines: Collection[str],
        deliver: Callable[[SwitchEvent], None],
        clock: Callable[[], int],
        is_idle: Callable[[], bool],
    ) -> None:
        self._phones = ReachablePhones()
        self._newer: list[Message] | None = None
        """The news of contacts since a list of them was asked for; None while none is."""
        self._ami = GuardedAmi(
            port=port,
            user=AMI_USER,
            secret=secret,
            on_event=self._on_event,
            on_up=self._on_up,
            on_down=self._phones.unheard,
        )
        self._lines, self._deliver, self._clock, self._is_idle = lines, deliver, clock, is_idle
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def manager(self) -> GuardedAmi:
        """The connection."""
        return self._ami

    def start(self) -> None:
        """Connect, and keep connected."""
        self._ami.start()
        self._spawn(self._trim_when_idle())

    async def close(self) -> None:
        """Disconnect; recordings go on in the switch."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ami.close()

    def reachable(self, seen: frozenset[str]) -> frozenset[str]:
        """The phones that can be reached, where ARI shows `seen`: its view may be older than what was told
        here."""
        return self._phones.reachable(seen) - frozenset(self._lines)

    def start_recording(self, command: StartRecording) -> None:
        """RecordingStarted or RecordingFailed follows, unless the leg has gone."""
        self._spawn(self._start_recording(command))

    def stop_recording(self, command: StopRecording) -> None:
        """CommandFailed follows when it cannot be done though the leg is there."""
        self._act(command, "StopMixMonitor", {"Channel": command.leg_id})

    def set_variables(self, command: SetVariables, text: str) -> None:
        """Keep `text`, all variables of the leg, with it; CommandFailed follows when that cannot be done."""
        headers = {"Channel": command.leg_id, "Variable": LEG_VARIABLE, "Value": text}
        self._act(command, "Setvar", headers)

    def stop_playing(self, leg_id: str) -> None:
        """End what plays on a leg, whoever started it under whatever id."""
        self._act(None, "ControlPlayback", {"Channel": leg_id, "Control": "stop"})

    async def _start_recording(self, command: StartRecording) -> None:
        """`r` takes what the leg says, `t` what it hears, `a` behind what the files hold already; no file
        name, so that no mix is written."""
        stem, suffix = command.path_stem, "wav16" if command.wideband else "wav"
        try:
            if not _SAFE_PATH.fullmatch(stem):
                raise AmiRefused("the file name must be absolute and free of , ; ( ) | $ and quotes")
            options = f"ar({stem}-said.{suffix})t({stem}-heard.{suffix})"
            await self._ami.action("MixMonitor", {"Channel": command.leg_id, "Options": options})
        except AmiError as error:
            if not _leg_gone(error):
                reason = str(error)
                self._deliver(RecordingFailed(self._clock(), command.leg_id, command.recording_id, reason))
        else:
            self._deliver(RecordingStarted(self._clock(), command.leg_id, command.recording_id))

    def _act(self, command: SwitchCommand | None, name: str, headers: dict[str, str]) -> None:
        def failed(error: AmiError) -> None:
            if command is not None and not _leg_gone(error):
                self._deliver(CommandFailed(self._clock(), command, str(error)))

        self._ami.tell(name, headers, failed)

    def _on_up(self) -> None:
        self._newer = []
        self._spawn(self._list_contacts())

    async def _list_contacts(self) -> None:
        """News that came with the answer was handed on before it: it waits until the list is taken."""
        try:
            contacts = await self._all_contacts()
        except AmiConnectionLost:
            return  # the next login asks again
        newer, self._newer = self._newer or [], None
        self._tell(self._phones.listed(contacts))
        for event in newer:
            self._tell(self._phones.changed(event))

    async def _all_contacts(self) -> list[Message]:
        while True:
            with contextlib.suppress(AmiTimeout):
                try:
                    return await self._ami.list_action("PJSIPShowContacts")
                except AmiRefused:
                    return []  # "No Contacts found" is an error to Asterisk

    def _on_event(self, event: Message) -> None:
        if event.event != "ContactStatus":
            return
        if self._newer is not None:
            self._newer.append(event)
        else:
            self._tell(self._phones.changed(event))

    def _tell(self, changes: Iterable[tuple[str, bool]]) -> None:
        for phone, reachable in changes:
            if phone not in self._lines:
                self._deliver(PhoneReachabilityChanged(self._clock(), phone, reachable))

    async def _trim_when_idle(self) -> None:
        while True:
            await asyncio.sleep(TRIM_INTERVAL_SEC)
            if self._is_idle() and self._ami.logged_in:
                try:
                    await self._ami.action("Command", {"Command": "malloc trim"})
                except AmiError as error:
                    log.warning("switch_memory_not_trimmed", reason=str(error))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("switch_task_failed", exc_info=task.exception())


def _leg_gone(error: AmiError) -> bool:
    return isinstance(error, AmiRefused) and _NO_SUCH_LEG in str(error)
