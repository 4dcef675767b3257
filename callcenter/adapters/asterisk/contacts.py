"""Which phones can be reached, from the manager's ContactStatus events.

A phone may replace its registration, and the end of the old contact may be told after the begin of the new
one: so contacts are counted one by one, and a phone is reachable as long as one of them is.
"""

from collections.abc import Iterable, Mapping

_GONE = frozenset({"Removed", "Unreachable"})
_THERE = frozenset({"Reachable", "NonQualified"})
"""NonQualified: it has just registered, so it is there."""


class ReachablePhones:
    """Folds contact news; each method returns (phone, reachable) for those phones whose state changed."""

    def __init__(self) -> None:
        self._contacts: dict[str, set[str]] = {}

    def listed(self, contacts: Iterable[Mapping[str, str]]) -> list[tuple[str, bool]]:
        """Take the complete list (ContactList events of PJSIPShowContacts) as the truth.

        Returns all that are reachable, and those that were and are not any more.
        """
        before = {phone for phone, uris in self._contacts.items() if uris}
        self._contacts = {}
        for contact in contacts:
            if _listed_as_there(contact):
                self._contacts.setdefault(contact["Endpoint"], set()).add(contact["Uri"])
        return [(phone, True) for phone in sorted(self._contacts)] + [
            (phone, False) for phone in sorted(before - self._contacts.keys())
        ]

    def changed(self, event: Mapping[str, str]) -> list[tuple[str, bool]]:
        """Take one ContactStatus event; events of contacts without a phone are ignored."""
        phone, status = event["EndpointName"], event["ContactStatus"]
        if not phone:
            return []
        uris = self._contacts.setdefault(phone, set())
        before = bool(uris)
        if status in _GONE:
            uris.discard(event["URI"])
        elif status in _THERE:
            uris.add(event["URI"])
        if not uris:
            del self._contacts[phone]
        return [] if before == bool(uris) else [(phone, bool(uris))]


def _listed_as_there(contact: Mapping[str, str]) -> bool:
    """In a list NonQualified may be a contact from before a restart, unless nobody ever asks it."""
    never_asked = contact["Status"] == "NonQualified" and contact["QualifyFrequency"] == "0"
    return contact["Status"] == "Reachable" or never_asked
