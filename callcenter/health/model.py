"""Parts of the centre and how they are. Instants are ms since the epoch, UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Part(StrEnum):
    """What the centre is made of; there may be several of a kind."""

    CONTROLLER = "controller"
    SWITCH = "switch"
    STORE = "store"
    BUS = "bus"
    TRUNK = "trunk"
    SPEECH = "speech"
    LISTENING = "listening"
    PROMPTS = "prompts"
    SOFTPHONES = "softphones"
    DISK = "disk"
    AUDIT = "audit"


class Condition(StrEnum):
    """How a part is, from what needs no look to what needs one at once."""

    WELL = "well"
    OFF = "off"
    """It is not wanted here."""
    UNKNOWN = "unknown"
    """It could not be looked at."""
    POOR = "poor"
    """It works, and will not for ever."""
    DOWN = "down"


class Unit(StrEnum):
    """What the value of a fact is counted in."""

    COUNT = "count"
    MS = "ms"
    BYTES = "bytes"
    RATIO = "ratio"
    INSTANT = "instant"
    TEXT = "text"


class Trouble(StrEnum):
    """What may be the matter. The page has words for each: ``health.cure.*``."""

    BUSY = "busy"
    SWITCH_AWAY = "switch_away"
    MANAGER_AWAY = "manager_away"
    STORE_AWAY = "store_away"
    BUS_AWAY = "bus_away"
    SHIPPING_BEHIND = "shipping_behind"
    COUNTING_BEHIND = "counting_behind"
    SLOW = "slow"
    NO_MODEL = "no_model"
    WORKER_AWAY = "worker_away"
    LISTENING_FULL = "listening_full"
    PROMPTS_AWAY = "prompts_away"
    DISK_FILLS = "disk_fills"
    DISK_FULL = "disk_full"
    TRUNK_SILENT = "trunk_silent"
    TRUNK_UNREGISTERED = "trunk_unregistered"
    TRUNK_FULL = "trunk_full"
    AUDIT_OWES = "audit_owes"
    NOT_SEEN = "not_seen"


CURES: Final[Mapping[Trouble, str]] = {
    Trouble.BUSY: "Other programs take the processor: end them, or lower admission.calls_per_sec.",
    Trouble.SWITCH_AWAY: (
        "The supervisor starts Asterisk again by itself; if it does not come back, read "
        "log/asterisk.log and run `callcenter doctor`."
    ),
    Trouble.MANAGER_AWAY: (
        "Calls go on without recordings. It connects again by itself; if not, restart Asterisk."
    ),
    Trouble.STORE_AWAY: (
        "Calls go on and the journal is kept here. Look at log/postgres.log and at the disk; what is "
        "owed is brought when it is back."
    ),
    Trouble.BUS_AWAY: (
        "Calls go on; nobody can log in. Look at log/valkey.log; it is started again by itself."
    ),
    Trouble.SHIPPING_BEHIND: (
        "It catches up by itself once the store answers quickly; until then searches and reports lack "
        "the newest calls."
    ),
    Trouble.COUNTING_BEHIND: "Reports lack the newest calls until it has caught up; nothing is lost.",
    Trouble.SLOW: "Look for a full disk or another program that takes the machine.",
    Trouble.NO_MODEL: "Install one: callcenter models install. Or switch recognition off (speech).",
    Trouble.WORKER_AWAY: (
        "Callers go on by keys, transcripts wait. It is started again by itself; read its log."
    ),
    Trouble.LISTENING_FULL: (
        "Further callers go on by keys. With more processors, raise speech.live_streams; or let fewer "
        "queues be read live."
    ),
    Trouble.PROMPTS_AWAY: (
        "Prepared prompts are played as ever, names and numbers are left out. It is started again by itself."
    ),
    Trouble.DISK_FILLS: "Move old recordings away, or give the disk more space.",
    Trouble.DISK_FULL: "Free some space at once: recordings and then the journal cannot be written.",
    Trouble.TRUNK_SILENT: "Ask the provider; look at the network and at trunks.*.peer.",
    Trouble.TRUNK_UNREGISTERED: "Check server, user and password of trunks.*.registration with the provider.",
    Trouble.TRUNK_FULL: (
        "All its channels are taken and callers are refused: ask the provider for more, and raise "
        "channel_limit."
    ),
    Trouble.AUDIT_OWES: "It is written when PostgreSQL is back; do not delete audit_owed.jsonl.",
    Trouble.NOT_SEEN: "It did not say how it is in time; look again in a moment.",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of a part, in ``unit``; a text in ``text``."""

    key: str
    unit: Unit
    value: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at a part found. ``name`` tells several of a kind apart; ``detail`` is for people."""

    part: Part
    condition: Condition = Condition.WELL
    facts: tuple[Fact, ...] = ()
    trouble: Trouble | None = None
    name: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PartHealth:
    """A finding that has been so since ``since_at``."""

    finding: Finding
    since_at: int

    @property
    def alarm(self) -> bool:
        """Somebody should look after it."""
        return self.finding.trouble is not None


def count(key: str, value: float) -> Fact:
    """So many."""
    return Fact(key, Unit.COUNT, value)


def text(key: str, value: str) -> Fact:
    """In words or numbers of its own."""
    return Fact(key, Unit.TEXT, text=value)
