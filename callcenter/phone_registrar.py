"""The port by which telephones in browsers are made known to the switch."""

from __future__ import annotations

from typing import Protocol


class SwitchRefused(Exception):
    """The switch could not be reached, or did not take the phone; the message is for people."""


class PhoneRegistrar(Protocol):
    """Where phones are made known to the switch while it runs."""

    async def put(self, name: str, password: str) -> None:
        """From now on the phone registers with this password, and with no earlier one. Raises
        SwitchRefused."""
        ...

    async def remove(self, name: str) -> None:
        """The phone can register no more; a call that it carries goes on. One that is not known is no
        mistake. Raises SwitchRefused."""
        ...

    async def known(self) -> frozenset[str]:
        """The names of all softphones that the switch knows. Raises SwitchRefused."""
        ...
