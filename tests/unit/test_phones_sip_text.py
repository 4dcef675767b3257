"""Reading SIP text: headers, users, status, where the media goes."""

import pytest

from callcenter.phones.sip_text import media_address, parse_headers, status_of, user_part

ANSWER = (
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\nTo: <sip:1@h>;tag=x\r\n\r\n"
    "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


def test_headers_keep_the_first_of_a_name_and_nothing_of_the_body() -> None:
    """Names are in lower case; the start line and the SDP are no headers."""
    assert parse_headers(ANSWER) == {"via": "SIP/2.0/UDP a", "to": "<sip:1@h>;tag=x"}


@pytest.mark.parametrize(
    ("uri", "user"),
    [
        ("sip:110@host", "110"),
        ('"李雷" <sip:+8613800138000@host:5060;user=phone>', "+8613800138000"),
        ("<sip:host>", ""),
        ("", ""),
    ],
)
def test_the_user_is_what_stands_before_the_at(uri: str, user: str) -> None:
    """With or without display name, parameters or a user at all."""
    assert user_part(uri) == user


def test_a_response_has_a_status_and_a_request_has_none() -> None:
    """Zero marks the request."""
    assert status_of(ANSWER) == 200
    assert status_of("BYE sip:1@h SIP/2.0\r\n\r\n") == 0


def test_the_media_address_comes_from_the_sdp() -> None:
    """Host of c=, port of m=audio; None without a body or with a refused stream."""
    assert media_address(ANSWER) == ("127.0.0.1", 4000)
    assert media_address("SIP/2.0 486 Busy Here\r\n\r\n") is None
    assert media_address(ANSWER.replace("m=audio 4000", "m=audio 0")) is None
