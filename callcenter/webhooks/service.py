"""Tells webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.outgoing import Outgoing, Request, Unreachable, secret_values
from callcenter.ports import Clock, NotDelivered, WebhookMessage
from callcenter.settings.outside import WebhookSection
from callcenter.webhooks.model import body_of, key_bytes, signed_headers


class WebhookService:
    """Implements ``callcenter.ports.Webhooks``. ``reconfigure`` puts other settings in force."""

    def __init__(self, outgoing: Outgoing, environment: Mapping[str, str], clock: Clock) -> None:
        self._outgoing = outgoing
        self._environment = environment
        self._clock = clock
        self._sections: Mapping[str, WebhookSection] = {}

    def reconfigure(self, sections: Mapping[str, WebhookSection]) -> None:
        """Tell these from now on."""
        self._sections = sections

    async def deliver(self, message: WebhookMessage) -> int:
        """See the port."""
        section = self._sections.get(message.webhook)
        if section is None:
            raise NotDelivered(f"there is no webhook '{message.webhook}' in the settings in force", 0)
        give_up_after_ms = section.give_up_after_sec * 1000
        secrets, missing = secret_values(section.secret_headers, self._environment)
        key = self._environment.get(section.sign_with or "")
        if section.sign_with and not key:
            missing.append(section.sign_with)
        if missing:
            raise NotDelivered(f"set the environment variable {', '.join(missing)}", give_up_after_ms)
        body = body_of(message)
        headers = {
            "Content-Type": "application/json",
            **section.headers,
            **secrets,
            **signed_headers(message.send_id, body, self._clock(), key_bytes(key) if key else None),
        }
        try:
            status, _ = await self._outgoing.ask(
                Request("POST", section.url, headers, body, section.timeout_ms)
            )
        except Unreachable as error:
            raise NotDelivered(str(error), give_up_after_ms) from None
        if not 200 <= status <= 299:
            raise NotDelivered(f"it answered with status {status}", give_up_after_ms)
        return status
