"""What the contract tests of the Telephony port share: the switch, and a controller's end of it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from callcenter.domain.switch import SwitchConnected
from tests.contract.asterisk_process import AsteriskProcess, running_asterisk
from tests.contract.telephony_rigs import AsteriskRig, MemoryRig, Rig


@pytest.fixture(scope="module")
def asterisk() -> Iterator[AsteriskProcess]:
    """One Asterisk for all tests of a file."""
    with running_asterisk() as process:
        yield process


@pytest.fixture(params=["memory", pytest.param("asterisk", marks=pytest.mark.integration)])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A connected controller's end, with nothing going on."""
    made: Rig
    made = MemoryRig() if request.param == "memory" else AsteriskRig(request.getfixturevalue("asterisk"))
    await made.telephony.start()
    await made.until(SwitchConnected)
    yield made
    await made.close()
