"""What both phone workers share: their place under the parent, their command input and event output."""

import argparse
import contextlib
import ctypes
import os
import select
import signal
import sys
import threading
from dataclasses import dataclass

from callcenter.phones.lines import decode_command, encode_event
from callcenter.phones.protocol import (
    Command,
    CommandDone,
    CommandRefused,
    Event,
    Refusal,
    now_ms,
)

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class RefusedError(Exception):
    """A command this worker does not carry out; becomes a CommandRefused."""

    def __init__(self, refusal: Refusal, text: str) -> None:
        super().__init__(text)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """Where a phone lives: address, SIP port and first RTP port (0: any free one), codecs best first."""

    bind: str
    sip_port: int
    rtp_port: int
    rtp_port_count: int
    codecs: tuple[str, ...]

    def arguments(self) -> list[str]:
        """The command line that `parse` reads back."""
        return [
            f"--bind={self.bind}",
            f"--sip-port={self.sip_port}",
            f"--rtp-port={self.rtp_port}",
            f"--rtp-port-count={self.rtp_port_count}",
            f"--codecs={','.join(self.codecs)}",
        ]

    @staticmethod
    def parse(arguments: list[str] | None = None) -> "WorkerOptions":
        """Options from the command line; exits with a usage message if they are wrong."""
        parser = argparse.ArgumentParser(description="A simulated SIP phone, driven by JSON lines on stdin.")
        parser.add_argument("--bind", required=True)
        parser.add_argument("--sip-port", type=int, default=0)
        parser.add_argument("--rtp-port", type=int, default=0)
        parser.add_argument("--rtp-port-count", type=int, default=16)
        parser.add_argument("--codecs", default="PCMU,PCMA")
        got = parser.parse_args(arguments)
        return WorkerOptions(
            got.bind, got.sip_port, got.rtp_port, got.rtp_port_count, tuple(got.codecs.split(","))
        )


class ParentLink:
    """Commands in, events out. `emit` may be called from any thread; everything else from the main thread."""

    def __init__(self) -> None:
        """Take stdin and stdout for the protocol; what libraries print goes to stderr instead."""
        self._events = os.dup(1)
        os.dup2(2, 1)
        os.set_blocking(0, False)
        self._partial = b""
        self._lock = threading.Lock()
        self.parent_gone = False

    def emit(self, event: Event) -> None:
        """Report an event. A parent that is gone is noticed, not raised."""
        line = encode_event(event)
        with self._lock:
            try:
                while line:
                    line = line[os.write(self._events, line) :]
            except BrokenPipeError:
                self.parent_gone = True

    def done(self, ref: int) -> None:
        """Answer a command that was carried out."""
        self.emit(CommandDone(now_ms(), ref))

    def refuse(self, ref: int, refusal: Refusal, text: str) -> None:
        """Answer a command that was not."""
        self.emit(CommandRefused(now_ms(), ref, refusal, text))

    def commands(self, wait_sec: float = 0.0) -> list[tuple[int, Command]]:
        """The commands that have arrived, waiting up to `wait_sec` for one; notices the parent's end."""
        if not select.select([0], [], [], wait_sec)[0]:
            return []
        with contextlib.suppress(BlockingIOError):
            received = os.read(0, 65536)
            if not received:
                self.parent_gone = True
            *lines, self._partial = (self._partial + received).split(b"\n")
            return [decode_command(line) for line in lines]
        return []


def settle_under_parent() -> None:
    """Die with the parent (Linux prctl), and leave Ctrl-C to it."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above took effect
        sys.exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
