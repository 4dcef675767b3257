"""The PhoneRegistrar port, on its twin and on a real Asterisk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from callcenter.adapters.asterisk.softphones import AsteriskSoftphones
from callcenter.phone_registrar import PhoneRegistrar, SwitchRefused
from callcenter.softphones.memory import MemoryRegistrar
from tests.contract.asterisk_process import running_asterisk


@pytest.fixture(params=["memory", pytest.param("asterisk", marks=pytest.mark.integration)])
async def registrar(request: pytest.FixtureRequest) -> AsyncIterator[PhoneRegistrar]:
    if request.param == "memory":
        yield MemoryRegistrar()
        return
    with running_asterisk() as process:
        async with AsteriskSoftphones(process.config) as registrar:
            yield registrar
        assert process.errors() == []


async def test_phones_come_and_go(registrar: PhoneRegistrar) -> None:
    """Put twice is another password; removed twice is no mistake; other phones are none of these."""
    assert await registrar.known() == frozenset()
    for name, password in (("soft-1001", "one"), ("soft-1001", 'an;"other\\'), ("soft-1002", "two")):
        await registrar.put(name, password)
    assert await registrar.known() == {"soft-1001", "soft-1002"}
    for _ in range(2):
        await registrar.remove("soft-1001")
    assert await registrar.known() == {"soft-1002"}


async def test_only_softphones_are_touched(registrar: PhoneRegistrar) -> None:
    """A configured phone cannot be changed by a name that an agent happens to have."""
    with pytest.raises(SwitchRefused):
        await registrar.put("1001", "secret")
    assert await registrar.known() == frozenset()
