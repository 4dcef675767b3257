"""A switch's softphones in memory, for tests and for a page without a switch."""

from __future__ import annotations

from callcenter.domain.softphones import SOFTPHONE_PREFIX
from callcenter.phone_registrar import SwitchRefused


class MemoryRegistrar:
    """See callcenter.phone_registrar.PhoneRegistrar. ``away``: nothing can be asked of it."""

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}
        self.away = False

    async def put(self, name: str, password: str) -> None:
        """See PhoneRegistrar."""
        self._reach()
        if not name.startswith(SOFTPHONE_PREFIX):
            raise SwitchRefused("not the name of a softphone")
        self.passwords[name] = password

    async def remove(self, name: str) -> None:
        """See PhoneRegistrar."""
        self._reach()
        self.passwords.pop(name, None)

    async def known(self) -> frozenset[str]:
        """See PhoneRegistrar."""
        self._reach()
        return frozenset(self.passwords)

    def restart(self) -> None:
        """As a switch that was restarted: nothing is known any more."""
        self.passwords.clear()

    def _reach(self) -> None:
        if self.away:
            raise SwitchRefused("the telephone switch cannot be reached")
