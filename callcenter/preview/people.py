"""Made-up users and a made-up audit log, for looking at the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from callcenter.audit.model import AuditDeed, Entry, Kept, Outcome, chained
from callcenter.audit.store import MemoryAudit
from callcenter.users.model import Account, Role, User
from callcenter.users.store import MemoryUsers

_DAY_MS: Final = 86_400_000
_MINUTE_MS: Final = 60_000
_PEOPLE: Final[tuple[tuple[User, bool, int | None], ...]] = (
    (User("陈晓雯", Role.AGENT, "1001"), False, 0),
    (User("李㙍安", Role.AGENT, "1003"), False, 1),
    (User("赵䶮", Role.AGENT, "1004"), False, None),
    (User("周雨桐", Role.QUALITY, None, open_numbers=True), False, 3),
    (User("Emma Lindqvist", Role.QUALITY, None), False, 0),
    (User("孙丽萍", Role.SUPERVISOR, "1009"), False, 0),
    (User("𠮷田健", Role.OPS, None), True, 40),
    (User("值班工程师", Role.OPS, None, expires_at=1_767_196_800_000), False, 120),
)
"""Each with whether disabled, and how many days ago the last log-in was."""
_DEEDS: Final[tuple[tuple[str, Role, AuditDeed, str, str, Outcome], ...]] = (
    ("孙丽萍", Role.SUPERVISOR, AuditDeed.LOGGED_IN, "孙丽萍", "", Outcome.DONE),
    ("孙丽萍", Role.SUPERVISOR, AuditDeed.SEARCHED, "噪音扰民", "", Outcome.DONE),
    ("周雨桐", Role.QUALITY, AuditDeed.CALL_SEEN, "c-20261122-000417", "", Outcome.DONE),
    ("周雨桐", Role.QUALITY, AuditDeed.RECORDING_HEARD, "c-20261122-000417", "市民申诉复核", Outcome.DONE),
    ("李㙍安", Role.AGENT, AuditDeed.CALL_SEEN, "c-20261122-000391", "", Outcome.REFUSED),
    ("孙丽萍", Role.SUPERVISOR, AuditDeed.AGENT_COMMANDED, "1004", "training", Outcome.DONE),
    ("𠮷田健", Role.OPS, AuditDeed.QUEUE_CHANGED, "korean", "", Outcome.DONE),
    ("陈晓雯", Role.AGENT, AuditDeed.TICKET_SEEN, "T20261122-0042", "", Outcome.DONE),
    ("admin", Role.ADMIN, AuditDeed.USER_CHANGED, "𠮷田健", "", Outcome.DONE),
)


_DETAIL: Final = {
    AuditDeed.AGENT_COMMANDED: {"action": "pause"},
    AuditDeed.QUEUE_CHANGED: {"action": "close"},
}


def made_up_users(known: Mapping[str, tuple[str, User]], now: int) -> MemoryUsers:
    """Those of ``known``, who can log in, and others."""
    users = MemoryUsers(known)
    for user, disabled, days in _PEOPLE:
        seen_at = None if days is None else now - days * _DAY_MS
        users.keep(Account(user, disabled, now - 200 * _DAY_MS, seen_at))
    return users


def made_up_audit(now: int) -> MemoryAudit:
    """A log of half an hour."""
    audit = MemoryAudit()
    before = ""
    for number, (user, role, deed, what, reason, outcome) in enumerate(_DEEDS, start=1):
        at = now - (len(_DEEDS) - number) * 4 * _MINUTE_MS
        entry = Entry(f"made-up-{number}", at, user, role.value, "10.6.0.21", deed, what, outcome, reason)
        entry = replace(entry, detail=_DETAIL.get(deed, {}))
        before = chained(before, entry)
        audit.kept.append(Kept(number, entry, before))
    return audit
