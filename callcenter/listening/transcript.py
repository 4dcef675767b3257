"""What is said in a call, as it stands now: nothing of it is stored, and it is gone with the call."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

KEPT = 1000
"""Utterances of a call that can be read; of a longer one the last."""
GIVEN_UP_MS = 3000
"""What somebody was saying so long ago, and was not understood to the end, is no part of what follows."""


class Unread(StrEnum):
    """Why a talk that should be read is not."""

    NO_MODEL = "no_model"
    """Nobody here recognises speech of this language while it is spoken."""
    NO_ROOM = "no_room"
    """The machine follows as many speakers as it can."""
    AWAY = "away"
    """The speech worker has gone, does not answer or takes no audio."""
    NO_AUDIO = "no_audio"
    """The switch does not hand the audio on."""


class Reading(StrEnum):
    """Whether what is said just now is read."""

    HEARD = "heard"
    PAUSED = "paused"
    """Nobody talks: the caller is held, or between two agents."""
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Utterance:
    """``number`` orders the utterances of a call by when they began to be heard, at ``at`` (epoch
    milliseconds). One that is not final may still become another text. ``lost``: here somebody spoke, but the
    recogniser was behind; it has no text."""

    number: int
    side: str
    text: str = field(repr=False)
    at: int
    is_final: bool
    lost: bool = False


class LiveTranscript:
    """The utterances of one call, in order. Whoever reads along asks for what changed since a revision, and
    waits for the next: so a slow reader costs nobody anything, and gets what stands then."""

    def __init__(self, began_at: int) -> None:
        self.began_at = began_at
        """Tells it apart from that of an earlier controller, whose utterances were numbered alike."""
        self.revision = 0
        self.reading = Reading.PAUSED
        self.why: Unread | None = None
        self._utterances: deque[tuple[int, Utterance]] = deque(maxlen=KEPT)
        """Each with the revision in which it became what it is."""
        self._heard_at: dict[str, int] = {}
        """When each side was last heard."""
        self._numbered = 0
        self._changed = asyncio.Event()

    def heard(self) -> None:
        """What is said is read from now on."""
        self._is(Reading.HEARD, None)

    def paused(self) -> None:
        """The talk is over, or held: what was heard so far is all there is."""
        self._is(Reading.PAUSED, None)

    def unread(self, why: Unread) -> None:
        """What is said is not read for now."""
        self._is(Reading.UNREAD, why)

    def partial(self, side: str, text: str, at: int) -> None:
        """This side is saying something, which is this as far as one can tell yet."""
        self._say(side, text, at, is_final=False)

    def final(self, side: str, text: str, at: int) -> None:
        """This side has said this."""
        self._say(side, text, at, is_final=True)

    def lost(self, side: str, at: int) -> None:
        """Something that this side said was not heard."""
        self._close(side)
        last = next((one for _, one in reversed(self._utterances) if one.side == side), None)
        if last is None or not last.lost:
            self._append(Utterance(self._next(), side, "", at, is_final=True, lost=True))

    def since(self, revision: int) -> Sequence[Utterance]:
        """What is not as it was in this revision (0: everything), in order."""
        return [utterance for changed_in, utterance in self._utterances if changed_in > revision]

    async def changes(self, within_sec: float) -> None:
        """Wait for the next change, and no longer than this."""
        try:
            async with asyncio.timeout(within_sec):
                await self._changed.wait()
        except TimeoutError:
            return

    # --- inner workings ------------------------------------------------------------------------------------

    def _is(self, reading: Reading, why: Unread | None) -> None:
        if (reading, why) != (self.reading, self.why):
            for side in {one.side for _, one in self._utterances if not one.is_final}:
                self._close(side)
            self.reading, self.why = reading, why
            self._tell()

    def _say(self, side: str, text: str, at: int, *, is_final: bool) -> None:
        if at - self._heard_at.get(side, at) > GIVEN_UP_MS:
            self._close(side)
        self._heard_at[side] = at
        place = self._open(side)
        if place is None:
            if text:
                self._append(Utterance(self._next(), side, text, at, is_final))
            return
        open_one = self._utterances[place][1]
        self._put(place, replace(open_one, text=text or open_one.text, is_final=is_final))

    def _close(self, side: str) -> None:
        """What this side was saying stays as it was last understood."""
        place = self._open(side)
        if place is not None:
            self._put(place, replace(self._utterances[place][1], is_final=True))

    def _open(self, side: str) -> int | None:
        """Where the utterance stands that this side is in the middle of."""
        for place in range(len(self._utterances) - 1, -1, -1):
            utterance = self._utterances[place][1]
            if utterance.side == side:
                return None if utterance.is_final else place
        return None

    def _next(self) -> int:
        self._numbered += 1
        return self._numbered

    def _append(self, utterance: Utterance) -> None:
        self._tell()
        self._utterances.append((self.revision, utterance))

    def _put(self, place: int, utterance: Utterance) -> None:
        self._tell()
        self._utterances[place] = (self.revision, utterance)

    def _tell(self) -> None:
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()


class LiveTranscripts:
    """The transcripts of the calls that are being read, by call."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._of: dict[str, LiveTranscript] = {}

    def find(self, call_id: str) -> LiveTranscript | None:
        """The call's, once a talk of it was to be read and as long as the call goes on."""
        return self._of.get(call_id)

    def of(self, call_id: str) -> LiveTranscript:
        """The call's, which begins now if there is none."""
        if call_id not in self._of:
            self._of[call_id] = LiveTranscript(self._clock())
        return self._of[call_id]

    def forget(self, call_id: str) -> None:
        """The call is over."""
        known = self._of.pop(call_id, None)
        if known is not None:
            known.paused()
