"""Simulated SIP phones: real SIP, real RTP, driven from asyncio.

The demo, the integration tests and the benches call and answer with them. A phone is a worker process
(`pjsua_worker` or `pyvoip_worker`) that speaks JSON lines (`protocol`); `phone` is the asyncio side of it.
`audio` measures what a phone heard; `raw_caller` is the caller who misbehaves on the media path.
"""

from callcenter.phones.phone import (
    CallEndedError,
    CommandRefusedError,
    Phone,
    PhoneCall,
    PhoneError,
    PhoneGoneError,
    RegistrationFailedError,
)
from callcenter.phones.pool import PhonePool
from callcenter.phones.protocol import AnswerAction, AnswerPolicy
from callcenter.phones.raw_caller import RawCaller, RtpBehaviour

__all__ = [
    "AnswerAction",
    "AnswerPolicy",
    "CallEndedError",
    "CommandRefusedError",
    "Phone",
    "PhoneCall",
    "PhoneError",
    "PhoneGoneError",
    "PhonePool",
    "RawCaller",
    "RegistrationFailedError",
    "RtpBehaviour",
]
