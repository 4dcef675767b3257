"""Which phones can be reached, from the manager's list of contacts and its ContactStatus events.

A phone may replace its registration, and the end of the old contact may be told after the begin of the new
one: so contacts are counted one by one, and a phone is reachable as long as one of them is.

Asterisk may tell of a contact that is no more: whoever reads it there while it is being removed begins its
state anew (`contact_apply_handler` of res_pjsip/location.c makes one for whatever was read), so that
NonQualified comes once again after Removed, and nothing ever after. NonQualified is therefore not believed of
the contact that was removed last; one that has truly come back answers, and is Reachable.
"""

from collections.abc import Collection, Iterable, Mapping

_GONE = frozenset({"Removed", "Unreachable"})


class ReachablePhones:
    """Folds contact news; `listed` and `changed` return (phone, reachable) for those phones whose state
    changed."""

    def __init__(self) -> None:
        self._contacts: dict[str, set[str]] = {}
        self._removed: dict[str, str] = {}
        """Of each phone the contact that was removed last."""
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
        uri, uris = event["URI"], self._contacts.setdefault(phone, set())
        if status in _GONE:
            uris.discard(uri)
        elif status == "Reachable" or (status == "NonQualified" and uri != self._removed.get(phone)):
            uris.add(uri)
        if status == "Removed":
            self._removed[phone] = uri
        before, now = phone in self._told, bool(uris)
        if not now:
            del self._contacts[phone]
        (self._told.add if now else self._told.discard)(phone)
        return [] if before == now else [(phone, now)]


def _listed_as_there(contact: Mapping[str, str]) -> bool:
    """In a list NonQualified may be a contact from before a restart, unless nobody ever asks it."""
    never_asked = contact["Status"] == "NonQualified" and contact["QualifyFrequency"] == "0"
    return contact["Status"] == "Reachable" or never_asked
