"""Jobs that ask and tell other systems: each ends in the one message that goes back to the Centre."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Final

import structlog

from callcenter.controller.messages import (
    JobDone,
    LookUp,
    LookUpAnswered,
    TellWebhook,
    UpdateTicket,
)
from callcenter.controller.until_stored import until_stored
from callcenter.domain import events as e
from callcenter.ports import (
    Clock,
    LookUpFailed,
    LookUps,
    NotDelivered,
    Question,
    StoreAway,
    TicketAddition,
    TicketStore,
    WebhookMessage,
    Webhooks,
)
from ivr_flows.effects import LookUpOutcome

log = structlog.get_logger(__name__)
BACK_OFF_S: Final = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Between two tries to tell a webhook; the last goes on."""
OutsideJob = LookUp | TellWebhook | UpdateTicket


class OutsideJobs:
    """Carries them out. A defect of whoever answers is logged and told like a failure; of what was asked and
    answered nothing is logged."""

    def __init__(self, look_ups: LookUps, webhooks: Webhooks, tickets: TicketStore, clock: Clock) -> None:
        self._look_ups = look_ups
        self._webhooks = webhooks
        self._tickets = tickets
        self._clock = clock
        self._asking: dict[str, asyncio.Task[object]] = {}
        """By call: who asks for it now."""

    async def carry_out(self, job: OutsideJob) -> LookUpAnswered | JobDone:
        """What came of it."""
        match job:
            case LookUp():
                return await self._look_up(job)
            case TellWebhook():
                return JobDone(await self._tell(job))
            case UpdateTicket():
                return JobDone(await self._update_ticket(job))

    async def _look_up(self, job: LookUp) -> LookUpAnswered:
        """A call asks one thing at a time: whoever asks the next gives up the one before."""
        if before := self._asking.get(job.call_id):
            before.cancel()
        task = asyncio.current_task()
        assert task is not None
        self._asking[job.call_id] = task
        question = Question(job.call_id, job.caller, job.look_up, dict(job.given), job.known_as)
        failed, reason = LookUpAnswered(job.call_id, job.token, LookUpOutcome.FAILED), ""
        try:
            async with asyncio.timeout(job.within_ms / 1000):
                results = await self._look_ups.ask(question)
        except (LookUpFailed, StoreAway) as error:
            reason = str(error)
        except TimeoutError:
            reason = f"no answer within {job.within_ms} ms"
        except Exception as error:  # its text may quote what was asked
            reason = type(error).__name__
        else:
            if results is None:
                return LookUpAnswered(job.call_id, job.token, LookUpOutcome.NOT_FOUND)
            return LookUpAnswered(job.call_id, job.token, LookUpOutcome.FOUND, results)
        finally:
            if self._asking.get(job.call_id) is task:
                del self._asking[job.call_id]
        log.warning("look_up_failed", call_id=job.call_id, look_up=job.look_up, reason=reason)
        return failed

    async def _tell(self, job: TellWebhook) -> e.WebhookDelivered | e.WebhookGivenUp:
        message = WebhookMessage(job.send_id, job.call_id, job.webhook, dict(job.body), job.asked_at)
        for attempt in count(1):
            pause_s = BACK_OFF_S[min(attempt, len(BACK_OFF_S)) - 1]
            try:
                status = await self._webhooks.deliver(message)
            except NotDelivered as error:
                reason, give_up_at = str(error), job.asked_at + error.give_up_after_ms
            except Exception as error:
                reason, give_up_at = type(error).__name__, job.asked_at
                log.exception("webhook_defect", call_id=job.call_id, webhook=job.webhook)
            else:
                return e.WebhookDelivered(self._clock(), job.call_id, job.send_id, status, attempt)
            left_s = (give_up_at - self._clock()) / 1000
            if left_s <= 0:
                log.error("webhook_given_up", call_id=job.call_id, webhook=job.webhook, reason=reason)
                return e.WebhookGivenUp(self._clock(), job.call_id, job.send_id, reason)
            if attempt == 1:
                log.warning("webhook_delayed", call_id=job.call_id, webhook=job.webhook, reason=reason)
            await asyncio.sleep(min(pause_s, left_s))
        raise AssertionError("it is tried until it is over")

    async def _update_ticket(self, job: UpdateTicket) -> e.TicketUpdated:
        addition = TicketAddition(job.update_id, job.ticket_id, job.text, job.category, self._clock())
        await until_stored(lambda: self._tickets.add(addition), "ticket_update_delayed", job.call_id)
        return e.TicketUpdated(self._clock(), job.call_id, job.update_id)
