"""Every port the benches use, in one range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Ports:
    """``first`` is the lowest of four thousand ports, all on loopback. Callers call from another address than
    phones, so that the switch takes them for the trunk."""

    first: int = 22000

    callers_address: ClassVar = "127.0.0.2"
    address: ClassVar = "127.0.0.1"

    @property
    def web(self) -> int:
        """The centre's page and API."""
        return self.first

    @property
    def ari(self) -> int:
        """Where the controller waits for Asterisk."""
        return self.first + 1

    @property
    def centre(self) -> tuple[int, int, int]:
        """SIP, HTTP and AMI of the centre's Asterisk."""
        return self.first + 10, self.first + 11, self.first + 12

    @property
    def reference(self) -> tuple[int, int, int]:
        """SIP, HTTP and AMI of the reference's Asterisk."""
        return self.first + 20, self.first + 21, self.first + 22

    @property
    def phones(self) -> int:
        """Where the one SIPp of all phones listens."""
        return self.first + 30

    @property
    def registrar(self) -> int:
        """Where the SIPp that registers the phones sends from."""
        return self.first + 31

    @property
    def callers(self) -> int:
        """Where the SIPp of all callers calls from."""
        return self.first + 32

    @property
    def media(self) -> int:
        """The port that SIPp names in its SDP; nobody listens there."""
        return self.first + 40

    @property
    def rtp(self) -> tuple[int, int]:
        """RTP of both Asterisks, of which only one has calls at a time: enough for an overload, in which
        hundreds of callers wait."""
        return self.first + 100, self.first + 3999
