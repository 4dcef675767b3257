"""The JSON shapes of softphones. See ``wire``."""

from __future__ import annotations

from callcenter.web.wire import Instant, Wire


class SoftphoneRequest(Wire):
    """``restarted``: the page has only just been opened, so that no call of this phone can be alive; one that
    still looks alive is held for it, and rings again when it has registered."""

    restarted: bool


class IceServer(Wire):
    """A STUN or TURN server (RTCIceServer of WebRTC)."""

    urls: str
    username: str = ""
    credential: str = ""


class SoftphoneAnswer(Wire):
    """SIP credentials that are good until ``expires_at`` or until others are given out. ``phone`` is its name
    at log-in; ``echo`` is whom to call to hear oneself; ``issue`` numbers the credentials."""

    phone: str
    password: str
    issue: int
    expires_at: Instant
    echo: str
    ice_servers: list[IceServer]


class SoftphoneState(Wire):
    """The number of the credentials that are good now; 0: none are."""

    issue: int
