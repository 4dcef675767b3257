"""What a webhook is told, and the signature by which it knows who tells it (standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime
from typing import Final

import orjson

from callcenter.ports import WebhookMessage

_KEY_MARK: Final = "whsec_"


def body_of(message: WebhookMessage) -> bytes:
    """The same bytes each time it is told: ``{id, type, call_id, timestamp, data}``, where ``type`` is the
    webhook's name and ``timestamp`` when the flow asked for it."""
    asked_at = datetime.fromtimestamp(message.asked_at / 1000, UTC)
    return orjson.dumps(
        {
            "id": message.send_id,
            "type": message.webhook,
            "call_id": message.call_id,
            "timestamp": asked_at.isoformat(timespec="milliseconds"),
            "data": dict(message.body),
        }
    )


def key_bytes(key: str) -> bytes:
    """The key of a signature: ``whsec_`` and base64, or any other text."""
    if key.startswith(_KEY_MARK):
        try:
            return base64.b64decode(key.removeprefix(_KEY_MARK), validate=True)
        except (binascii.Error, ValueError):
            pass
    return key.encode()


def signed_headers(send_id: str, body: bytes, now: int, key: bytes | None) -> dict[str, str]:
    """The headers of one try at the instant ``now``: whoever is told twice knows it by the id."""
    seconds = str(now // 1000)
    headers = {"webhook-id": send_id, "webhook-timestamp": seconds, "Idempotency-Key": send_id}
    if key is not None:
        tag = hmac.digest(key, b".".join((send_id.encode(), seconds.encode(), body)), "sha256")
        headers["webhook-signature"] = f"v1,{base64.b64encode(tag).decode()}"
    return headers
