"""A phone's call as its user sees it: waiting ends with the event, the end of the call, or the time."""

import asyncio

import pytest

from callcenter.phones.call import CallEndedError, PhoneCall
from callcenter.phones.protocol import (
    Command,
    Confirmed,
    Disconnected,
    DtmfReceived,
    EndedBy,
    HangUp,
    MediaChanged,
    MediaState,
    Play,
    PlayDone,
    TransferProgress,
)

END = Disconnected(9, "out-1", 486, "Busy Here", EndedBy.REMOTE)


class Worker:
    """Takes commands and numbers them."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    async def execute(self, command: Command) -> int:
        self.commands.append(command)
        return len(self.commands)


@pytest.fixture
def worker() -> Worker:
    """A worker that obeys."""
    return Worker()


@pytest.fixture
def call(worker: Worker) -> PhoneCall:
    """A call just placed."""
    return PhoneCall(worker.execute, "out-1")


async def test_the_answer_ends_the_wait_for_it(call: PhoneCall) -> None:
    """confirmed() returns the event, also when it is asked for later."""
    waiting = asyncio.create_task(call.confirmed())
    await asyncio.sleep(0)
    answer = Confirmed(5, "out-1", "PCMU", 8000)
    call.apply(answer)
    assert await waiting == answer
    assert await call.confirmed() == answer


async def test_the_end_of_the_call_ends_every_wait(call: PhoneCall) -> None:
    """What can no longer happen raises CallEndedError with the end; ended() returns it."""
    waits = [asyncio.create_task(wait) for wait in (call.confirmed(), call.rung(), call.received(1))]
    await asyncio.sleep(0)
    call.apply(END)
    for result in await asyncio.gather(*waits, return_exceptions=True):
        assert isinstance(result, CallEndedError)
        assert result.end == END
    assert await call.ended() == END


async def test_waiting_has_an_end_of_its_own(call: PhoneCall) -> None:
    """Nothing happens: TimeoutError."""
    with pytest.raises(TimeoutError):
        await call.confirmed(0.01)
    with pytest.raises(TimeoutError):
        await call.ended(0.01)


async def test_digits_add_up_in_their_order(call: PhoneCall) -> None:
    """received(n) waits for the n-th digit and gives all."""
    waiting = asyncio.create_task(call.received(3))
    for digit in "29#":
        await asyncio.sleep(0)
        call.apply(DtmfReceived(1, "out-1", digit))
    assert await waiting == "29#"


@pytest.mark.parametrize("completed", [True, False])
async def test_play_returns_when_its_own_file_is_over(call: PhoneCall, completed: bool) -> None:
    """The end of another file does not end it; whether it was played through is the answer."""
    waiting = asyncio.create_task(call.play("a.wav"))
    await asyncio.sleep(0)
    call.apply(PlayDone(1, "out-1", 7, True))
    await asyncio.sleep(0)
    assert not waiting.done()
    call.apply(PlayDone(2, "out-1", 1, completed))
    assert await waiting is completed


async def test_a_call_that_ends_cuts_the_file_short(call: PhoneCall, worker: Worker) -> None:
    """play() is false then, not an error: a caller who hangs up while speaking is ordinary."""
    waiting = asyncio.create_task(call.play("a.wav"))
    await asyncio.sleep(0)
    call.apply(END)
    assert await waiting is False
    assert worker.commands == [Play("out-1", "a.wav", False)]


async def test_a_looped_file_is_not_waited_for(call: PhoneCall) -> None:
    """It has no end."""
    assert await call.play("a.wav", loop=True)


async def test_hold_waits_until_the_other_side_is_on_hold(call: PhoneCall) -> None:
    """The re-INVITE's outcome ends it, not the command's acceptance."""
    waiting = asyncio.create_task(call.hold())
    await asyncio.sleep(0)
    assert not waiting.done()
    call.apply(MediaChanged(1, "out-1", MediaState.LOCAL_HOLD))
    await waiting


async def test_a_transfer_is_over_with_its_final_word(call: PhoneCall) -> None:
    """100 is no outcome; the final status is."""
    call.apply(TransferProgress(1, "out-1", 100, False))
    waiting = asyncio.create_task(call.transferred())
    await asyncio.sleep(0)
    assert not waiting.done()
    call.apply(TransferProgress(2, "out-1", 200, True))
    assert (await waiting).sip_code == 200


async def test_hanging_up_twice_is_no_mistake(call: PhoneCall, worker: Worker) -> None:
    """An ended call is not told to end."""
    await call.hang_up()
    call.apply(END)
    await call.hang_up()
    assert worker.commands == [HangUp("out-1")]


async def test_the_end_gives_the_line_back_once(worker: Worker) -> None:
    """on_end is called with the end and not before."""
    ends = []
    call = PhoneCall(worker.execute, "out-1", on_end=lambda: ends.append(1))
    call.apply(Confirmed(5, "out-1", "PCMU", 8000))
    assert ends == []
    call.apply(END)
    assert ends == [1]


def test_a_call_that_rings_tells_the_number_that_was_called(worker: Worker) -> None:
    """One phone may be rung for many numbers; one that was placed here has none."""
    rings = PhoneCall(worker.execute, "in-1", headers={"to": '"Li" <sip:13901@127.0.0.2:5060>'})
    assert rings.number == "13901"
    assert PhoneCall(worker.execute, "out-1").number == ""
