"""Settings of the widget: pages of other systems that may have it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator

from acd_settings import Problem
from located_yaml import Section

_HERE: Final = re.compile(r"localhost|127(\.[0-9]{1,3}){3}")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_USUAL_PORT: Final = {"https": 443, "http": 80}


def _origin(text: str) -> str:
    """The origin as browsers write it. Raises ValueError."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("an origin is written https://crm.example or https://crm.example:8443") from None
    if parts.scheme not in _USUAL_PORT or not _HOST.fullmatch(host):
        raise ValueError(
            "an origin is written https://crm.example: each host by itself, without wildcards, a name with "
            "other letters as xn--..."
        )
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("an origin ends with the host or the port: leave out what follows")
    if parts.scheme == "http" and not _HERE.fullmatch(host):
        raise ValueError(
            "whoever is on the line to a page by http could use the telephone through it: https is needed, "
            "but for pages of this machine"
        )
    shown = "" if port is None or port == _USUAL_PORT[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


class WidgetSection(Section):
    """Screen pop and call control in pages of other systems (docs/widget.md)."""

    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    """Those pages, as scheme, host and port. Empty: there is no widget."""
    across_sites: bool = False
    """Some of the pages are of another site than the centre, such as crm.example and calls.test: a log-in in
    the widget then has a cookie that browsers send along in such pages. The centre itself must come by
    https."""

    def disagreements(self) -> Iterator[Problem]:
        """What is well-formed but does not fit together."""
        if self.across_sites and not self.origins:
            told = "says nothing without the pages that may have the widget: add 'origins: [https://...]'"
            yield ("widget", "across_sites"), told
        for place, origin in enumerate(self.origins):
            if origin in self.origins[:place]:
                yield ("widget", "origins", place), f"{origin} stands here twice: leave one out"
