"""Which phones can be reached, from the manager's list of contacts and its ContactStatus events.

A phone may replace its registration, and the end of the old contact may be told after the begin of the new
one: so contacts are counted one by one, and a phone is reachable as long as one of them is.
"""

from collections.abc import Collection, Iterable, Mapping

_GONE = frozenset({"Removed", "Unreachable"})
_THERE = frozenset({"Reachable", "NonQualified"})
"""NonQualified: it has just registered, so it is there."""


class ReachablePhones:
    """Folds contact news; `listed` and `changed` return (phone, reachable) for those phones whose state
    changed."""

    def __init__(self) -> None:
        self._contacts: dict[str, set[str]] = {}
        self._told: set[str] = set()
        self._is_listed = False

    def reachable(self, seen: Collection[str]) -> frozenset[str]:
        """The phones that can be reached. `seen` are those by another view of the switch: it may be older
        than the news here, so it is believed only while no list has come."""
        if not self._is_listed:
            self._told = set(seen)
        return frozenset(self._told)

    def unheard(self) -> None:
        """From now on news may be missed, until the next list."""
        self._is_listed = False

    def listed(self, contacts: Iterable[Mapping[str, str]]) -> list[tuple[str, bool]]:
        """Take the complete list (ContactList events of PJSIPShowContacts) as the truth.

        Returns all that are reachable, and those that were and are not any more.
        """
        before, self._contacts, self._is_listed = self._told, {}, True
        for contact in contacts:
            if _listed_as_there(contact):
                self._contacts.setdefault(contact["Endpoint"], set()).add(contact["Uri"])
        self._told = set(self._contacts)
        return [(phone, True) for phone in sorted(self._told)] + [
            (phone, False) for phone in sorted(before - self._told)
        ]

    def changed(self, event: Mapping[str, str]) -> list[tuple[str, bool]]:
        """Take one ContactStatus event; events of contacts without a phone are ignored."""
        phone, status = event["EndpointName"], event["ContactStatus"]
        if not phone:
            return []
        uris = self._contacts.setdefault(phone, set())
        if status in _GONE:
            uris.discard(event["URI"])
        elif status in _THERE:
            uris.add(event["URI"])
        before, now = phone in self._told, bool(uris)
        if not now:
            del self._contacts[phone]
        (self._told.add if now else self._told.discard)(phone)
        return [] if before == now else [(phone, now)]


def _listed_as_there(contact: Mapping[str, str]) -> bool:
    """In a list NonQualified may be a contact from before a restart, unless nobody ever asks it."""
    never_asked = contact["Status"] == "NonQualified" and contact["QualifyFrequency"] == "0"
    return contact["Status"] == "Reachable" or never_asked
