"""Jobs that ask and tell other systems: one answer each, and nothing personal in the log."""

import asyncio
from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from callcenter.adapters.memory import ScriptedLookUps, ScriptedWebhooks
from callcenter.controller import outside_jobs, until_stored
from callcenter.controller.messages import (
    JobDone,
    LookUp,
    LookUpAnswered,
    TellWebhook,
    UpdateTicket,
)
from callcenter.controller.outside_jobs import OutsideJobs
from callcenter.domain import events as e
from callcenter.ports import (
    LookUpFailed,
    NotDelivered,
    Question,
    StoreAway,
    TicketAddition,
    TicketRequest,
)
from callcenter.tickets.store import MemoryTicketStore
from ivr_flows.effects import LookUpOutcome
from ivr_flows.expressions import Value

NUMBER = "13812345678"
ASK = LookUp("c1", "t1", "citizen", (("number", NUMBER),), NUMBER, 200)
TELL = TellWebhook("c1", "c1.s1", "crm", (("number", NUMBER),), 1_000)


class Desk:
    """The jobs, and what they work with; the clock is a second on at each look."""

    def __init__(self) -> None:
        self.look_ups = ScriptedLookUps()
        self.webhooks = ScriptedWebhooks()
        self.tickets = MemoryTicketStore()
        self.now = 1_000
        self.jobs = OutsideJobs(self.look_ups, self.webhooks, self.tickets, self._clock)

    def _clock(self) -> int:
        self.now += 1000
        return self.now


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """At which nobody waits long."""
    monkeypatch.setattr(outside_jobs, "BACK_OFF_S", (0.0,))
    monkeypatch.setattr(until_stored, "RETRY_S", (0.0,))
    return Desk()


async def test_a_question_has_its_answer(desk: Desk) -> None:
    """Found, or not found."""
    desk.look_ups.answers = {"citizen": {"name": "王芳"}}
    assert await desk.jobs.carry_out(ASK) == LookUpAnswered("c1", "t1", LookUpOutcome.FOUND, {"name": "王芳"})
    assert desk.look_ups.asked == [Question("c1", NUMBER, "citizen", {"number": NUMBER})]
    desk.look_ups.answers = {"citizen": None}
    assert await desk.jobs.carry_out(ASK) == LookUpAnswered("c1", "t1", LookUpOutcome.NOT_FOUND)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (LookUpFailed("status 500"), "status 500"),
        (StoreAway("PostgreSQL does not answer"), "PostgreSQL does not answer"),
        (ValueError(f"no {NUMBER}"), "ValueError"),
    ],
)
async def test_a_failure_is_told_and_names_nobody(desk: Desk, trouble: Exception, reason: str) -> None:
    """In the log there is why, and nothing that was asked."""
    desk.look_ups.answers = {"citizen": trouble}
    with capture_logs() as logs:
        assert await desk.jobs.carry_out(ASK) == LookUpAnswered("c1", "t1", LookUpOutcome.FAILED)
    assert logs[0]["reason"] == reason
    assert NUMBER not in f"{logs}{ASK}{TELL}"


class Slow:
    """Never answers; knows how many questions are under way."""

    def __init__(self) -> None:
        self.under_way = 0

    async def ask(self, question: Question) -> Mapping[str, Value] | None:
        self.under_way += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.under_way -= 1
        return None


async def test_silence_fails_in_time_and_one_thing_is_asked_at_a_time(desk: Desk) -> None:
    """The next question of a call ends the one before; those of other calls go on."""
    slow = Slow()
    jobs = OutsideJobs(slow, desk.webhooks, desk.tickets, lambda: 1)
    other = LookUp("c2", "t2", "citizen", (), NUMBER, 60_000)
    tasks = [
        asyncio.create_task(jobs.carry_out(one)) for one in (LookUp("c1", "t0", "x", (), "", 60_000), other)
    ]
    await asyncio.sleep(0)
    assert slow.under_way == 2
    assert await jobs.carry_out(ASK) == LookUpAnswered("c1", "t1", LookUpOutcome.FAILED)
    assert tasks[0].cancelled()
    assert not tasks[1].done()
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert slow.under_way == 0


async def test_a_webhook_is_told_until_it_takes_it(desk: Desk) -> None:
    """With the same message each time."""
    desk.webhooks = ScriptedWebhooks([NotDelivered("status 500", 60_000)] * 3)
    jobs = OutsideJobs(desk.look_ups, desk.webhooks, desk.tickets, desk._clock)
    with capture_logs() as logs:
        done = await jobs.carry_out(TELL)
    assert done == JobDone(e.WebhookDelivered(desk.now, "c1", "c1.s1", 204, 4))
    assert len({repr(message) for message in desk.webhooks.tried}) == 1
    assert [log["event"] for log in logs] == ["webhook_delayed"]


async def test_a_webhook_that_does_not_take_it_in_its_time_is_given_up(desk: Desk) -> None:
    """Counted from when the flow asked for it; a defect is given up at once. Both are errors in the log."""
    for trouble, tries in ((NotDelivered("status 500", 3_000), 3), (ValueError(NUMBER), 1)):
        desk.now = 1_000
        webhooks = ScriptedWebhooks([trouble] * 9)
        jobs = OutsideJobs(desk.look_ups, webhooks, desk.tickets, desk._clock)
        with capture_logs() as logs:
            done = await jobs.carry_out(TELL)
        assert isinstance(done, JobDone)
        assert isinstance(done.event, e.WebhookGivenUp)
        assert len(webhooks.tried) == tries
        assert logs[-1]["event"] == "webhook_given_up"
        assert NUMBER not in str(logs)


class Tired(MemoryTicketStore):
    """Away for the first two times."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def add(self, addition: TicketAddition) -> None:
        self.asked += 1
        if self.asked < 3:
            raise StoreAway("PostgreSQL does not answer")
        await super().add(addition)


async def test_a_ticket_is_added_to_as_soon_as_it_can_be(desk: Desk) -> None:
    """However long the store is away."""
    tickets = Tired()
    link = await tickets.open_or_join(TicketRequest("c1", NUMBER, "x", "一", "", "zh", 0))
    jobs = OutsideJobs(desk.look_ups, desk.webhooks, tickets, lambda: 5)
    job = UpdateTicket("c1", "c1.u1", link.ticket_id, "二", "y")
    assert await jobs.carry_out(job) == JobDone(e.TicketUpdated(5, "c1", "c1.u1"))
    ticket = await tickets.ticket(link.ticket_id)
    assert ticket is not None
    assert (ticket.text, ticket.category) == ("一\n二", "y")
