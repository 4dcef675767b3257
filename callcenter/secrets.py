"""Passwords that the centre makes for itself: made once, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

ADMIN = "admin"
"""The name of the first login."""
PASSWORD_BYTES = 18


@dataclass(frozen=True, slots=True)
class Secrets:
    """``phones`` by phone name; ``admin`` is the first login's password; ``seal`` is the key by which the
    sensitive digits of callers lie in the journal."""

    ari: str
    ami: str
    admin: str
    phones: Mapping[str, str]
    seal: str = field(default="", repr=False)


def load_secrets(path: Path, phones: Iterable[str]) -> Secrets:
    """The passwords in ``path``; those that are missing are made and kept. Raises OSError.

    The file appears whole, with mode 0600 from its first byte.
    """
    known = orjson.loads(path.read_bytes()) if path.exists() else {}
    ari, ami, admin, seal = (known.get(name) or _password() for name in ("ari", "ami", "admin", "seal"))
    kept: dict[str, str] = known.get("phones", {})
    by_phone = kept | {phone: kept.get(phone) or _password() for phone in phones}
    made = {"ari": ari, "ami": ami, "admin": admin, "phones": by_phone, "seal": seal}
    if made != known:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(orjson.dumps(made, option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    return Secrets(ari, ami, admin, by_phone, seal)


def _password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)
