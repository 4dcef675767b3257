"""One call of a pyVoIP phone: its state watched, its audio played and kept."""

import audioop
import threading
import wave
from pathlib import Path
from typing import Any

from pyVoIP.VoIP.VoIP import CallState

from callcenter.phones.protocol import (
    Confirmed,
    Disconnected,
    DtmfReceived,
    EndedBy,
    MediaChanged,
    MediaState,
    MediaStats,
    PlayDone,
    Refusal,
    now_ms,
)
from callcenter.phones.worker_process import ParentLink, RefusedError

SAMPLE_RATE_HZ = 8000
_JUMP_SAMPLES = 10 * SAMPLE_RATE_HZ
_SILENCE = b"\x80"  # of unsigned 8 bit samples


class HeardAudio:
    """What arrives on a call, put in order by RTP timestamp. Stands in for pyVoIP's RTPPacketManager.

    pyVoIP's own buffer starts anew whenever timestamps jump, as they do when a call is bridged elsewhere.
    """

    def __init__(self) -> None:
        self.packets = 0
        self._samples = bytearray()
        self._base: int | None = None

    def write(self, timestamp: int, samples: bytes) -> None:
        """Keep a packet; lost ones before it become silence."""
        self.packets += 1
        if self._base is None or not -1 < timestamp - self._base - len(self._samples) < _JUMP_SAMPLES:
            self._base = timestamp - len(self._samples)
        missing = timestamp - self._base - len(self._samples)
        self._samples += _SILENCE * missing + samples

    def save(self, path: str) -> None:
        """Write a mono 16 bit WAV file of all that was heard."""
        with wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(audioop.lin2lin(audioop.bias(bytes(self._samples), 1, -128), 1, 2))


class PyvoipCall:
    """A call that `watch` must be called for, every 20 ms or so, until it is `over`."""

    def __init__(self, link: ParentLink, ref: str, call: Any, refused: dict[str, tuple[int, str]]) -> None:
        self.ref = ref
        self.call = call
        self.over = threading.Event()
        self.ended_here = False
        self._link = link
        self._refused = refused
        self._heard = HeardAudio()
        self._confirmed_at: int | None = None
        self._recording_path = ""
        self._playing: tuple[int, str, bool, int] | None = None  # ref, path, loop, until

    @property
    def state(self) -> CallState:
        """pyVoIP's word for where the call is."""
        state: CallState = self.call.state
        return state

    def record(self, path: str) -> None:
        """Keep what is heard; the file is written at the end."""
        if not path.endswith(".wav") or not Path(path).parent.is_dir():
            raise RefusedError(
                Refusal.BAD_ARGUMENT, f"cannot record to {path}: want a .wav in a folder that exists"
            )
        self._recording_path = path

    def play(self, ref: int, path: str, loop: bool) -> None:
        """Replace what plays; waits for the answer before it starts."""
        _narrow_samples(path)  # refuses now what cannot be played later
        self.stop_playing()
        self._playing = (ref, path, loop, 0)

    def stop_playing(self, completed: bool = False) -> None:
        """Fall silent; reports the end of a file that was not looping."""
        if self._playing is None:
            return
        ref, _, loop, _ = self._playing
        self._playing = None
        if not completed:
            for client in self.call.RTPClients:
                client.pmout = type(client.pmout)()
        if not loop:
            self._link.emit(PlayDone(now_ms(), self.ref, ref, completed))

    def watch(self) -> None:
        """Report what has changed, and keep the audio going."""
        if self.state is CallState.ANSWERED:
            if self._confirmed_at is None:
                self._confirmed_at = now_ms()
                for client in self.call.RTPClients:
                    client.pmin = self._heard
                self._link.emit(MediaChanged(now_ms(), self.ref, MediaState.ACTIVE))
                self._link.emit(Confirmed(now_ms(), self.ref, "PCMU", SAMPLE_RATE_HZ))
            while digit := self.call.get_dtmf():
                self._link.emit(DtmfReceived(now_ms(), self.ref, digit))
            self._keep_playing()
        elif self.state is CallState.ENDED:
            self._end()

    def _keep_playing(self) -> None:
        if self._playing is None:
            return
        ref, path, loop, until = self._playing
        if now_ms() < until:
            return
        if until and not loop:
            self.stop_playing(completed=True)
            return
        samples = _narrow_samples(path)
        self.call.write_audio(samples)
        self._playing = (ref, path, loop, now_ms() + len(samples) * 1000 // SAMPLE_RATE_HZ)

    def _end(self) -> None:
        now = now_ms()
        self.stop_playing()
        if self._recording_path and self._confirmed_at is not None:
            self._heard.save(self._recording_path)
        if self._confirmed_at is not None:
            sent = (now - self._confirmed_at) // 20
            self._link.emit(MediaStats(now, self.ref, sent, self._heard.packets, 0, 0.0))
        sip_code, reason = self._refused.pop(self.call.call_id, (200, "OK"))
        by = EndedBy.LOCAL if self.ended_here else EndedBy.REMOTE
        self._link.emit(Disconnected(now, self.ref, sip_code, reason, by))
        self._release_ports()
        self.over.set()

    def _release_ports(self) -> None:
        """pyVoIP gives back the ports of placed calls only."""
        taken = self.call.phone.assignedPorts
        for client in self.call.RTPClients:
            if client.inPort in taken and client.inPort not in self.call.assignedPorts:
                taken.remove(client.inPort)


def _narrow_samples(path: str) -> bytes:
    """The file as 8 kHz unsigned 8 bit samples; RefusedError for anything but a mono 16 bit WAV file."""
    try:
        with wave.open(path) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (OSError, wave.Error, EOFError) as error:
        raise RefusedError(Refusal.BAD_ARGUMENT, f"cannot play {path}: {error}") from error
    if (channels, width) != (1, 2) or not data:
        raise RefusedError(Refusal.BAD_ARGUMENT, f"cannot play {path}: want mono, 16 bit, not empty")
    if rate != SAMPLE_RATE_HZ:
        data, _ = audioop.ratecv(data, 2, 1, rate, SAMPLE_RATE_HZ, None)
    return audioop.bias(audioop.lin2lin(data, 2, 1), 1, 128)
