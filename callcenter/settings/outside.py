"""The shape of the settings about other systems: what flows can ask and whom they can tell, by HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from acd_settings import Problem
from located_yaml import Section

SLOT: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9_]{0,63})\}")
"""Where a value stands in an address."""
OWN_LOOK_UPS: Final = ("caller", "ticket")
"""What flows can ask of the centre itself, under these names."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
"""As flows can write it."""
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Header = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{0,1000}$")]
DottedPath = Annotated[str, StringConstraints(pattern=r"^[^.\s]{1,64}(\.[^.\s]{1,64}){0,9}$")]
TimeoutMs = Annotated[int, Field(ge=50, le=30_000)]


def _plain_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address begins with http:// or https:// and a host")
    if parts.username or parts.password:
        raise ValueError("no user or password in an address: use 'secret_headers'")
    if set("{}") & set(f"{parts.netloc}{parts.fragment}"):
        raise ValueError("values may stand in the path and behind the '?', not in the host")
    return url


def safe_address(url: str) -> str:
    """The address, of http or https, with values in its path or query at most. Raises ValueError."""
    if set("{}") & set(SLOT.sub("", url)):
        raise ValueError("a value is written {name}; other braces are not allowed")
    return _plain_address(url)


def _fixed_address(url: str) -> str:
    if set("{}") & set(url):
        raise ValueError("the address of a webhook is always the same: what is told stands in its body")
    return _plain_address(url)


class HttpSection(Section):
    """Whom to ask or tell by HTTP."""

    headers: Mapping[Header, HeaderValue] = {}
    secret_headers: Mapping[Header, Variable] = {}
    """Headers whose values are secret, each with the environment variable that holds it."""

    def variables(self) -> Iterator[tuple[str, str]]:
        """The environment variables needed, each with the field that needs it."""
        for header, variable in self.secret_headers.items():
            yield f"secret_headers.{header}", variable


class LookUpSection(HttpSection):
    """One system that flows can ask (``look_up: NAME``). It must be safe to ask twice."""

    url: Annotated[str, AfterValidator(safe_address)]
    """``{name}`` in its path or query stands for a value of the node's ``with``, safely quoted."""
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Name] = {}
    """What a POST tells as JSON: fields, each with the name of a value of the node's ``with``."""
    timeout_ms: TimeoutMs = 2000
    """For each try."""
    retries: Annotated[int, Field(ge=0, le=3)] = 1
    """After no answer, or one of 500 and above; the node's ``timeout_sec`` bounds all tries together."""
    results: Annotated[Mapping[Name, DottedPath], Field(min_length=1)]
    """What the node can take, each with where it stands in the JSON that comes: ``data.items.0.name``."""
    not_found: tuple[Annotated[int, Field(ge=200, le=499)], ...] = (404,)
    """The statuses of HTTP that mean that there is no such thing."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The values that the node must give, each once."""
        return tuple(dict.fromkeys([*SLOT.findall(self.url), *self.body.values()]))


class WebhookSection(HttpSection):
    """One system that flows can tell something (``send: NAME``)."""

    url: Annotated[str, AfterValidator(_fixed_address)]
    sign_with: Variable | None = None
    """The environment variable with the key by which each message is signed (HMAC-SHA256, as
    standardwebhooks.com says it: ``whsec_`` and base64, or any other text)."""
    timeout_ms: TimeoutMs = 5000
    """For each try."""
    give_up_after_sec: Annotated[int, Field(ge=1, le=604_800)] = 86_400
    """From when the flow asked for it; until then it is tried again and again."""

    def variables(self) -> Iterator[tuple[str, str]]:
        """See HttpSection."""
        yield from super().variables()
        if self.sign_with is not None:
            yield "sign_with", self.sign_with


def outside_problems(look_ups: Mapping[str, LookUpSection]) -> Iterator[Problem]:
    """What is well-formed but does not fit together."""
    for name, section in look_ups.items():
        if name in OWN_LOOK_UPS:
            yield ("look_ups", name), f"'{name}' is one of the centre's own look-ups: name it otherwise"
        if section.body and section.method == "GET":
            yield ("look_ups", name, "body"), "a GET has no body: add 'method: POST'"
