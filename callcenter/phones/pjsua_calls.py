"""The pjsua2 objects of one phone: its account and its calls, translated into protocol events.

pjsua2 calls back into these classes. An exception that leaves such a callback aborts the process, so each
one is `_guarded`. They run on the main thread only (`mainThreadOnly`), inside `libHandleEvents`.
"""

# ruff: noqa: N802  # pjsua2 names its callbacks

import os
import struct
import wave
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pjsua2 as pj

from callcenter.phones.protocol import (
    Confirmed,
    Disconnected,
    DtmfReceived,
    EndedBy,
    Incoming,
    MediaChanged,
    MediaState,
    MediaStats,
    PlayDone,
    Refusal,
    Registered,
    RegistrationFailed,
    Ringing,
    TransferProgress,
    WorkerFault,
    now_ms,
)
from callcenter.phones.sip_text import parse_headers, user_part
from callcenter.phones.worker_process import RefusedError

if TYPE_CHECKING:
    from callcenter.phones.pjsua_worker import PjsuaPhone

_MEDIA_STATES = {
    pj.PJSUA_CALL_MEDIA_ACTIVE: MediaState.ACTIVE,
    pj.PJSUA_CALL_MEDIA_LOCAL_HOLD: MediaState.LOCAL_HOLD,
    pj.PJSUA_CALL_MEDIA_REMOTE_HOLD: MediaState.REMOTE_HOLD,
}
_RECORDING_CLOSED_WITHIN_MS = 500
_PLAY_END_TOLERANCE_MS = 200


def _guarded(callback: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def guarded(self: Any, param: Any) -> None:
        try:
            callback(self, param)
        except Exception as error:  # pjsua2 would abort the process
            self.phone.link.emit(WorkerFault(now_ms(), f"{callback.__name__}: {describe(error)}"))

    return guarded


def describe(error: Exception) -> str:
    """One line for a person; pjsua2 errors keep their text in `reason`."""
    return str(getattr(error, "reason", "") or error) or type(error).__name__


class PjsuaAccount(pj.Account):  # type: ignore[misc]  # pjsua2 is untyped
    """A SIP address of the phone, registered or (for trunk callers) not."""

    def __init__(self, phone: "PjsuaPhone", user: str) -> None:
        super().__init__()
        self.phone = phone
        self.user = user
        self.is_registered = False
        """The registrar has taken a registration, and no farewell since."""

    @_guarded
    def onRegState(self, param: Any) -> None:
        """Report the registrar's answer; an unregistration (expiration 0) is not one."""
        if param.code // 100 != 2:
            self.phone.link.emit(RegistrationFailed(now_ms(), self.user, param.code or 408, param.reason))
            return
        self.is_registered = param.expiration > 0
        if self.is_registered:
            self.phone.link.emit(Registered(now_ms(), self.user))

    @_guarded
    def onIncomingCall(self, param: Any) -> None:
        """Let it ring and hand it to the phone's answer policy."""
        call = PjsuaCall(self.phone, self, self.phone.next_incoming_ref(), param.callId)
        self.phone.calls[call.ref] = call
        caller = user_part(call.getInfo().remoteUri)
        call.reply(180)
        headers = parse_headers(param.rdata.wholeMsg)
        self.phone.link.emit(Incoming(now_ms(), call.ref, caller, headers))
        self.phone.apply_answer_policy(call)


class PjsuaCall(pj.Call):  # type: ignore[misc]  # pjsua2 is untyped
    """One call: what plays into it, what records it, and how it is reported.

    After DISCONNECTED the phone must call `closed()` until it is true, and then forget the call.
    """

    def __init__(
        self, phone: "PjsuaPhone", account: PjsuaAccount, ref: str, call_id: int = pj.PJSUA_INVALID_ID
    ) -> None:
        super().__init__(account, call_id)
        self.phone = phone
        self.ref = ref
        self.ended_here = False
        self._confirmed = False
        self._media: Any = None
        self._player: Any = None
        self._play_ref = 0
        self._play_position = 0
        self._play_ends_at = 0
        self._recorder: Any = None
        self._recording_path = ""
        self._sent_packets = 0
        self._received_packets = 0
        self._lost_packets = 0
        self._jitter_max_ms = 0.0
        self._disconnected: Disconnected | None = None

    # What the phone tells it ---------------------------------------------------------------------------

    def reply(self, sip_code: int) -> None:
        """Answer the INVITE with a provisional or final status."""
        param = pj.CallOpParam(True)
        param.statusCode = sip_code
        self.answer(param)

    def play(self, ref: int, path: str, loop: bool) -> None:
        """Replace what plays. The file is read as it plays, so it must stay."""
        length_ms = check_playable(path)
        player = pj.AudioMediaPlayer()
        player.createPlayer(path, 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)
        self.stop_playing()
        self._player, self._play_ref, self._play_position = player, 0 if loop else ref, 0
        self._play_ends_at = now_ms() + length_ms - _PLAY_END_TOLERANCE_MS
        self._looping = loop
        if self._media is not None:
            player.startTransmit(self._media)

    def stop_playing(self, completed: bool = False) -> None:
        """Fall silent; reports the end of a file that was not looping."""
        if self._player is None:
            return
        player, self._player = self._player, None
        if self._media is not None:
            with suppress(pj.Error):  # the stream may just have gone, and the plug with it
                player.stopTransmit(self._media)
        self.phone.retire(player)
        if self._play_ref:
            self.phone.link.emit(PlayDone(now_ms(), self.ref, self._play_ref, completed))

    def watch_playing(self) -> None:
        """Notice the end of the file: pjmedia puts the position of a finished player back to 0.

        Its own thread moves the position, which is seen to fall back for a moment whenever a buffer is
        refilled; so no file is over before its length has passed.
        """
        if self._player is None or not self._play_ref or self._media is None:
            return
        position = self._player.getPos()
        if position < self._play_position and now_ms() >= self._play_ends_at:
            self.stop_playing(completed=True)
        self._play_position = max(position, self._play_position)

    def record(self, path: str) -> None:
        """Record what is heard from the moment that audio flows."""
        if self._recording_path:
            raise RefusedError(Refusal.WRONG_STATE, f"call {self.ref} is already being recorded")
        folder = Path(path).parent
        if not path.endswith(".wav") or not folder.is_dir():
            raise RefusedError(
                Refusal.BAD_ARGUMENT, f"cannot record to {path}: want a .wav in a folder that exists"
            )
        self._recording_path = path
        if self._media is not None:
            self._start_recorder()

    # What pjsua2 tells it ------------------------------------------------------------------------------

    @_guarded
    def onCallState(self, param: Any) -> None:
        """Report ringing, the answer and the end."""
        info = self.getInfo()
        match info.state:
            case pj.PJSIP_INV_STATE_EARLY if info.role == pj.PJSIP_ROLE_UAC:
                self.phone.link.emit(Ringing(now_ms(), self.ref, info.lastStatusCode))
            case pj.PJSIP_INV_STATE_CONFIRMED if not self._confirmed:
                self._confirmed = True
                stream = self.getStreamInfo(0)
                self.phone.link.emit(Confirmed(now_ms(), self.ref, stream.codecName, stream.codecClockRate))
            case pj.PJSIP_INV_STATE_DISCONNECTED:
                self._media = None
                self.stop_playing()
                self._recorder = None
                self._disconnected = Disconnected(
                    now_ms(),
                    self.ref,
                    info.lastStatusCode,
                    info.lastReason,
                    EndedBy.LOCAL if self.ended_here else EndedBy.REMOTE,
                )

    @_guarded
    def onCallMediaState(self, param: Any) -> None:
        """(Re)connect player and recorder: a re-INVITE may have replaced the stream."""
        info = self.getInfo()  # its members live as long as it does
        media = info.media
        state = _MEDIA_STATES.get(media[0].status, MediaState.NONE) if media else MediaState.NONE
        self._media = self.getAudioMedia(0) if state is MediaState.ACTIVE else None
        if self._media is not None:
            if self._player is not None:
                self._player.startTransmit(self._media)
            if self._recording_path:
                self._start_recorder()
        self.phone.link.emit(MediaChanged(now_ms(), self.ref, state))

    @_guarded
    def onStreamDestroyed(self, param: Any) -> None:
        """Count the packets of a stream that ends, the call's last one or one that a re-INVITE replaces."""
        statistics = self.getStreamStat(param.streamIdx)  # keeps its members alive
        rtcp = statistics.rtcp
        self._sent_packets += rtcp.txStat.pkt
        self._received_packets += rtcp.rxStat.pkt
        self._lost_packets += rtcp.rxStat.loss
        self._jitter_max_ms = max(self._jitter_max_ms, rtcp.rxStat.jitterUsec.max / 1000)

    @_guarded
    def onDtmfDigit(self, param: Any) -> None:
        """Report one digit."""
        self.phone.link.emit(DtmfReceived(now_ms(), self.ref, param.digit))

    @_guarded
    def onCallTransferStatus(self, param: Any) -> None:
        """Report what the NOTIFYs of our REFER say; hang up when it worked, as a desk phone does."""
        final = bool(param.finalNotify)
        self.phone.link.emit(TransferProgress(now_ms(), self.ref, param.statusCode, final))
        if final and param.statusCode // 100 == 2:
            self.ended_here = True
            self.hangup(pj.CallOpParam())

    # The end -------------------------------------------------------------------------------------------

    def closed(self) -> bool:
        """True once, after the end, when the recording is complete on disk; Disconnected is out then.

        pjmedia closes the file on its own thread one frame later, hence the look at the file.
        """
        over = self._disconnected
        if over is None:
            return False
        waited_ms = now_ms() - over.at
        if self._recording_path and not _is_complete_wav(self._recording_path):
            if waited_ms < _RECORDING_CLOSED_WITHIN_MS:
                return False
            self.phone.link.emit(WorkerFault(now_ms(), f"recording not written: {self._recording_path}"))
        if self._confirmed:
            self.phone.link.emit(self._stats())
        self.phone.link.emit(over)
        return True

    def _stats(self) -> MediaStats:
        return MediaStats(
            now_ms(),
            self.ref,
            self._sent_packets,
            self._received_packets,
            self._lost_packets,
            self._jitter_max_ms,
        )

    def _start_recorder(self) -> None:
        if self._recorder is None:
            self._recorder = pj.AudioMediaRecorder()
            self._recorder.createRecorder(self._recording_path)
        self._media.startTransmit(self._recorder)


def check_playable(path: str) -> int:
    """The length in milliseconds; RefusedError unless `path` is a WAV file that pjmedia plays: mono, 16 bit,
    not empty."""
    try:
        with wave.open(path) as file:
            channels, width, frames = file.getnchannels(), file.getsampwidth(), file.getnframes()
            rate_hz = file.getframerate()
    except (OSError, wave.Error, EOFError) as error:
        raise RefusedError(Refusal.BAD_ARGUMENT, f"cannot play {path}: {error}") from error
    if (channels, width) != (1, 2) or not frames:
        raise RefusedError(
            Refusal.BAD_ARGUMENT,
            f"cannot play {path}: {channels} channel(s), {8 * width} bit, {frames} frames; "
            "want mono, 16 bit, not empty",
        )
    return int(frames * 1000 // rate_hz)


def _is_complete_wav(path: str) -> bool:
    """Whether the RIFF header is written and agrees with the file's length."""
    try:
        with open(path, "rb") as file:
            head = file.read(8)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return False
    return len(head) == 8 and head[:4] == b"RIFF" and struct.unpack("<I", head[4:])[0] + 8 == size
