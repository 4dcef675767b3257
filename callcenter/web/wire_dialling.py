"""The JSON shapes of calls that agents make, and of keys pressed in calls. See ``wire``."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from callcenter.web.wire import Instant, Wire
from callcenter.web.wire_api import Name


class DialOutRequest(Wire):
    """Whom to call: a number, or the caller of ``call_id``, who hung up while waiting a while ago."""

    number: Annotated[str, Field(max_length=33)] = ""
    call_id: Annotated[str, Field(max_length=128)] = ""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if bool(self.number) == bool(self.call_id):
            raise ValueError("give either number or call_id")
        return self


class KeysRequest(Wire):
    """The keys to be pressed in the call: digits, * and #."""

    call_id: Name
    digits: Annotated[str, Field(min_length=1, max_length=32)]


class MissedCall(Wire):
    """A caller who hung up while waiting; the number is masked for viewers without the right to it."""

    call_id: str
    caller: str
    queue: str | None
    ended_at: Instant
    today: bool


class MissedCallsAnswer(Wire):
    """Callers of today and yesterday with whom nobody has talked since, the newest first. Not ``whole`` while
    the record cannot be read: then it is only the last ones."""

    calls: list[MissedCall]
    whole: bool
