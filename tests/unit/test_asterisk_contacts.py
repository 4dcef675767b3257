"""A phone is reachable as long as one of its contacts is."""

from callcenter.adapters.asterisk.contacts import ReachablePhones


def status(phone: str, uri: str, state: str) -> dict[str, str]:
    """A ContactStatus event."""
    return {"EndpointName": phone, "URI": uri, "ContactStatus": state}


def listed(phone: str, uri: str, state: str, qualify: str = "30") -> dict[str, str]:
    """A ContactList event."""
    return {"Endpoint": phone, "Uri": uri, "Status": state, "QualifyFrequency": qualify}


def test_a_phone_comes_and_goes() -> None:
    """Each change is told once."""
    phones = ReachablePhones()
    assert phones.changed(status("1001", "sip:a", "NonQualified")) == [("1001", True)]
    assert phones.changed(status("1001", "sip:a", "Reachable")) == []
    assert phones.changed(status("1001", "sip:a", "Unreachable")) == [("1001", False)]
    assert phones.changed(status("1001", "sip:a", "Removed")) == []
    assert phones.changed(status("1001", "sip:a", "Reachable")) == [("1001", True)]


def test_a_renewed_registration_is_no_gap() -> None:
    """The old contact's end comes after the new one's begin."""
    phones = ReachablePhones()
    phones.changed(status("1001", "sip:old", "Reachable"))
    assert phones.changed(status("1001", "sip:new", "NonQualified")) == []
    assert phones.changed(status("1001", "sip:old", "Removed")) == []
    assert phones.changed(status("1001", "sip:new", "Removed")) == [("1001", False)]


def test_the_ghost_of_a_removed_contact_is_not_there() -> None:
    """Asterisk may tell of it once more as if it had just come, also while the phone has renewed its
    registration; that it answers is believed."""
    phones = ReachablePhones()
    phones.changed(status("1001", "sip:a", "Reachable"))
    assert phones.changed(status("1001", "sip:a", "Removed")) == [("1001", False)]
    assert phones.changed(status("1001", "sip:a", "NonQualified")) == []
    assert phones.changed(status("1001", "sip:a", "Reachable")) == [("1001", True)]
    phones.changed(status("1001", "sip:b", "NonQualified"))
    phones.changed(status("1001", "sip:a", "Removed"))
    assert phones.changed(status("1001", "sip:a", "NonQualified")) == []
    assert phones.changed(status("1001", "sip:b", "Removed")) == [("1001", False)]


def test_a_list_is_the_whole_truth() -> None:
    """What it does not hold is gone; contacts from before a restart count only once they answered."""
    phones = ReachablePhones()
    phones.changed(status("1001", "sip:a", "Reachable"))
    phones.changed(status("1002", "sip:b", "Reachable"))
    changes = phones.listed(
        [
            listed("1002", "sip:b", "Reachable"),
            listed("1003", "sip:c", "NonQualified"),
            listed("1004", "sip:d", "NonQualified", qualify="0"),
            listed("1005", "sip:e", "Unreachable"),
        ]
    )
    assert changes == [("1002", True), ("1004", True), ("1001", False)]


def test_a_contact_of_nobody_is_ignored() -> None:
    """A trunk's contact may have no endpoint name."""
    assert ReachablePhones().changed(status("", "sip:a", "Reachable")) == []


def test_another_view_is_believed_until_a_list_has_come() -> None:
    """What it showed and the list does not hold is gone; after a lost connection it is believed again."""
    phones = ReachablePhones()
    assert phones.reachable({"1001", "1002"}) == {"1001", "1002"}
    assert phones.listed([listed("1002", "sip:b", "Reachable")]) == [("1002", True), ("1001", False)]
    assert phones.reachable({"1001"}) == {"1002"}
    phones.unheard()
    assert phones.reachable({"1001"}) == {"1001"}
    assert phones.listed([]) == [("1001", False)]
