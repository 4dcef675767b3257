"""Reading the text of a SIP message, as far as a test phone needs it (RFC 3261)."""


def user_part(uri: str) -> str:
    """The user of `"Name" <sip:user@host;...>`, empty if there is none."""
    _, _, address = uri.rpartition("sip:")
    user, at, _ = address.partition("@")
    return user if at else ""


def parse_headers(message: str) -> dict[str, str]:
    """The headers of a SIP message, names in lower case, the first value of each name (RFC 3261 7.3)."""
    head = message.replace("\r\n", "\n").partition("\n\n")[0].split("\n")[1:]
    headers: dict[str, str] = {}
    for line in head:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers


def status_of(message: str) -> int:
    """The status of a response, 0 for a request."""
    version, _, rest = message.partition(" ")
    return int(rest[:3]) if version == "SIP/2.0" else 0


def media_address(message: str) -> tuple[str, int] | None:
    """Where the SDP of a message wants its audio (`c=` and `m=audio` lines, RFC 4566); None without them."""
    body = message.replace("\r\n", "\n").partition("\n\n")[2].split("\n")
    host = next((line.split()[2] for line in body if line.startswith("c=IN IP4 ")), None)
    port = next((int(line.split()[1]) for line in body if line.startswith("m=audio ")), None)
    return (host, port) if host and port else None
