"""Webhooks: what they are told, signed, once or more often, until they take it."""

import base64
import hmac
from collections.abc import Mapping
from typing import Any

import pytest
from outside_system import OutsideSystem, outside_system

from callcenter.outgoing import Outgoing
from callcenter.ports import NotDelivered, WebhookMessage
from callcenter.settings.outside import WebhookSection
from callcenter.webhooks.model import body_of, key_bytes, signed_headers
from callcenter.webhooks.service import WebhookService

ASKED_AT = 1_763_697_600_123
MESSAGE = WebhookMessage("c1.s3", "c1", "crm", {"number": "138", "vip": True}, ASKED_AT)
NOW = 1_763_697_700_000


async def told(
    system: OutsideSystem,
    environment: Mapping[str, str] = {},
    **written: Any,
) -> int:
    """Tell the system once."""
    outgoing = Outgoing()
    service = WebhookService(outgoing, environment, lambda: NOW)
    section = {"url": f"{system.base}/hook", "timeout_ms": 300, **written}
    service.reconfigure({"crm": WebhookSection.model_validate(section)})
    try:
        return await service.deliver(MESSAGE)
    finally:
        await outgoing.close()


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the standardwebhooks.com libraries."""
    key = key_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', 1_614_265_330_000, key)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"
    assert key_bytes("a plain text") == b"a plain text"
    assert key_bytes("whsec_no base64!") == b"whsec_no base64!"


async def test_it_is_told_what_the_flow_said() -> None:
    """With its id twice, headers, secrets and signature; again with the same bytes."""
    async with outside_system() as system:
        system.answer("/hook", (202, b""))
        environment = {"KEY": "k1", "SIGN": "secret"}
        for _ in range(2):
            assert await told(system, environment, secret_headers={"X-Key": "KEY"}, sign_with="SIGN") == 202
        first, second = system.asked
    assert first.body == second.body == body_of(MESSAGE)
    assert first.json() == {
        "id": "c1.s3",
        "type": "crm",
        "call_id": "c1",
        "timestamp": "2025-11-21T04:00:00.123+00:00",
        "data": {"number": "138", "vip": True},
    }
    assert (first.headers["Idempotency-Key"], first.headers["webhook-id"]) == ("c1.s3", "c1.s3")
    assert first.headers["X-Key"] == "k1"
    tag = hmac.digest(b"secret", b"c1.s3.1763697700." + first.body, "sha256")
    assert first.headers["webhook-signature"] == f"v1,{base64.b64encode(tag).decode()}"


@pytest.mark.parametrize(
    ("answer", "words"),
    [(None, "no answer within 300 ms"), ((500, b""), "status 500"), ((307, b""), "status 307")],
)
async def test_what_is_not_taken_is_to_be_told_again(answer: Any, words: str) -> None:
    """Until its time is over; nothing is followed elsewhere."""
    async with outside_system() as system:
        system.answer("/hook", answer)
        with pytest.raises(NotDelivered, match=words) as failed:
            await told(system, give_up_after_sec=60)
        assert failed.value.give_up_after_ms == 60_000
        assert len(system.asked) == 1


async def test_without_its_secret_nothing_is_told() -> None:
    """It may be there after the next start; a webhook that nobody knows any more is given up."""
    async with outside_system() as system:
        with pytest.raises(NotDelivered, match="set the environment variable SIGN") as failed:
            await told(system, sign_with="SIGN")
        assert failed.value.give_up_after_ms == 86_400_000
        assert system.asked == []
    with pytest.raises(NotDelivered, match="there is no webhook 'crm'") as failed:
        await WebhookService(Outgoing(), {}, lambda: NOW).deliver(MESSAGE)
    assert failed.value.give_up_after_ms == 0
