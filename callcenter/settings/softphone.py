"""Settings of telephones in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from callcenter.settings.outside import Variable
from located_yaml import Section


class IceServerSection(Section):
    """A STUN or TURN server, for agents who do not reach the centre's machine directly."""

    urls: Annotated[str, StringConstraints(pattern=r"^(stun|stuns|turn|turns):[^\s]+$")]
    username: str = ""
    credential_env: Variable | None = None
    """The environment variable that holds its password."""

    def variables(self) -> Iterator[tuple[str, str]]:
        """The environment variables needed, each with the field that needs it."""
        if self.credential_env is not None:
            yield "credential_env", self.credential_env


class SoftphonesSection(Section):
    """Telephones in the browser. The page must come by https, or from this machine: browsers give the
    microphone to no other."""

    codecs: tuple[str, ...] = ("opus", "g722", "ulaw", "alaw")
    credentials_sec: Annotated[int, Field(ge=120, le=86_400)] = 3600
    """How long the credentials of a page are good; it renews them by itself."""
    silence_sec: Annotated[int, Field(ge=5, le=600)] = 8
    """A softphone that sends no audio for so long is gone: a browser sends all the time, also when muted."""
    back_within_sec: Annotated[int, Field(ge=0, le=600)] = 20
    """How long a call is kept for an agent whose phone, of whatever kind, is gone from the talk. The caller
    hears music meanwhile, and waits for another agent afterwards."""
    ice_servers: tuple[IceServerSection, ...] = ()
