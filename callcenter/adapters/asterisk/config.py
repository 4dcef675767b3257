"""What the switch must know: trunks, phones, ports, directories, passwords; checked before it is written.

`switch_files.write_switch_files` turns a SwitchConfig into the complete configuration directory of Asterisk.
Whatever is accepted here cannot break out of its line or section there.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.domain.softphones import SOFTPHONE_PREFIX

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Names of trunks and phones: they become section names, contexts and parts of dial strings."""
HOST = re.compile(r"[A-Za-z0-9.:/\[\]_-]{1,255}")
CODEC = re.compile(r"[a-z0-9]{1,16}")
DTMF_MODES = frozenset({"rfc4733", "info", "auto_info", "inband", "auto"})


class SwitchConfigError(ValueError):
    """A value that the switch's configuration cannot hold; the message names the field and the cure."""


@dataclass(frozen=True, slots=True)
class Registration:
    """We register at the provider: `server` is "host" or "host:port", `secret` the account's password."""

    server: str
    user: str
    secret: str


@dataclass(frozen=True, slots=True)
class Trunk:
    """A SIP trunk, known by the addresses it calls from (`match`) or by our registration, or both.

    `peer` ("host" or "host:port") is where outgoing calls go; with a registration it defaults to its server.
    Calls beyond `channel_limit` are refused with 503. `trusts_identity`: its P-Asserted-Identity, Diversion
    and History-Info headers are believed (RFC 3325 asks for that only between trusted networks).
    """

    name: str
    match: tuple[str, ...] = ()
    registration: Registration | None = None
    peer: str | None = None
    channel_limit: int = 100
    codecs: tuple[str, ...] = ("ulaw", "alaw")
    trusts_identity: bool = True
    dtmf_mode: str = "rfc4733"


def probe_of(trunk: str) -> str:
    """The endpoint by which the switch asks the trunk's peer whether it is there. Nothing is called over it:
    an endpoint whose peer does not answer such questions could not be dialled any more, though it takes
    calls."""
    return f"{trunk}.peer"


@dataclass(frozen=True, slots=True)
class Phone:
    """An agent's SIP phone, which registers with its name and `secret`.

    `behind_nat`: its address is taken from where its packets come from instead of from what it says.
    """

    name: str
    secret: str
    codecs: tuple[str, ...] = ("ulaw", "alaw")
    behind_nat: bool = False


@dataclass(frozen=True, slots=True)
class SwitchPorts:
    """Where the switch listens (`sip`, `http`, `ami`, the RTP range) and where we do (`ari`)."""

    sip: int
    http: int
    ami: int
    ari: int
    rtp_first: int
    rtp_last: int


AMI_USER = ARI_USER = "callcenter"
"""As whom we ask the switch."""

ARI_LINES = 4
"""How many websockets Asterisk opens to us. It works at the requests of each one by one; with 4 of them the
processors of a small machine are the limit and no longer the waiting."""


@dataclass(frozen=True, slots=True)
class SwitchDirectories:
    """`modules` and `data` belong to the Asterisk installation, all others are ours.

    `configuration` is rewritten wholly; `state`, `run`, `log` and `spool` are created when missing; `music`
    holds the audio files of the music on hold. `run` plus "/asterisk.ctl" must stay below 107 bytes.
    """

    configuration: Path
    modules: Path
    data: Path
    state: Path
    run: Path
    log: Path
    spool: Path
    music: Path

    @property
    def line_keeper(self) -> Path:
        """The socket at which the controller's parent keeps its control connection, see line_keeper.py."""
        return self.run / "line.sock"


@dataclass(frozen=True, slots=True)
class SwitchConfig:
    """Everything that the switch's configuration directory is written from.

    Guarantee: the same value gives byte-identical files. `sip_address` is where SIP and RTP are bound;
    control ports are always bound to loopback. Softphones are pushed when the switch runs; one that sends no
    audio for `softphone_timeout_sec` is hung up. `qualify_sec`: how often a registered phone is asked whether
    it is still there.

    Raises:
        SwitchConfigError: a value that would not survive in Asterisk's configuration files.
    """

    ports: SwitchPorts
    directories: SwitchDirectories
    ari_password: str
    ami_password: str
    trunks: tuple[Trunk, ...] = ()
    phones: tuple[Phone, ...] = ()
    sip_address: str = "127.0.0.1"
    rtp_timeout_sec: int = 30
    rtp_hold_timeout_sec: int = 300
    qualify_sec: int = 30
    softphone_codecs: tuple[str, ...] = ("opus", "ulaw")
    softphone_timeout_sec: int = 8
    app: str = "callcenter"
    extra_modules: tuple[str, ...] = field(default=())
    extra_dialplan: tuple[str, ...] = field(default=())
    """Modules loaded besides and lines appended to the dialplan as they are; for tests and benches only."""

    @property
    def lines(self) -> frozenset[str]:
        """The endpoints that are no phones: the trunks, and what asks for their peers."""
        return frozenset(name for trunk in self.trunks for name in (trunk.name, probe_of(trunk.name)))

    def __post_init__(self) -> None:
        _check_name("app", self.app)
        _check_host("sip_address", self.sip_address)
        for what in ("ari_password", "ami_password"):
            check_value(what, getattr(self, what))
        for trunk in self.trunks:
            _check_trunk(trunk)
        _check_codecs("softphones", self.softphone_codecs)
        for phone in self.phones:
            _check_name("phone name", phone.name)
            if phone.name.startswith(SOFTPHONE_PREFIX):
                raise SwitchConfigError(f"phone {phone.name}: names that begin so are those of softphones")
            check_value(f"secret of phone {phone.name}", phone.secret)
            _check_codecs(f"phone {phone.name}", phone.codecs)
        _check_unique("trunk or phone", [*(t.name for t in self.trunks), *(p.name for p in self.phones)])
        if len(str(self.directories.run / "asterisk.ctl").encode()) >= 107:
            raise SwitchConfigError(f"run directory {self.directories.run}: too long a path for a socket")


def check_value(what: str, value: str) -> str:
    """Return `value` if it can stand behind "key = " on one line of a configuration file.

    Raises:
        SwitchConfigError: it is empty, has a control character, or begins or ends with a blank.
    """
    if not value or value != value.strip() or any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise SwitchConfigError(f"{what}: must not be empty, hold control characters or blanks at its ends")
    return value


def _check_trunk(trunk: Trunk) -> None:
    _check_name("trunk name", trunk.name)
    if not trunk.match and trunk.registration is None:
        raise SwitchConfigError(f"trunk {trunk.name}: give it match addresses or a registration")
    for address in (*trunk.match, *((trunk.peer,) if trunk.peer else ())):
        _check_host(f"trunk {trunk.name}", address)
    if trunk.registration is not None:
        _check_host(f"trunk {trunk.name} registration server", trunk.registration.server)
        if not re.fullmatch(r"[A-Za-z0-9+._-]{1,128}", trunk.registration.user):
            raise SwitchConfigError(f"trunk {trunk.name}: the registration's user has characters SIP forbids")
        check_value(f"trunk {trunk.name} secret", trunk.registration.secret)
    if trunk.channel_limit < 1:
        raise SwitchConfigError(f"trunk {trunk.name}: channel_limit must be at least 1")
    if trunk.dtmf_mode not in DTMF_MODES:
        raise SwitchConfigError(
            f"trunk {trunk.name}: dtmf_mode must be one of {', '.join(sorted(DTMF_MODES))}"
        )
    _check_codecs(f"trunk {trunk.name}", trunk.codecs)


def _check_name(what: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise SwitchConfigError(f"{what} {name!r}: letters, digits, '_' and '-' only, at most 64")


def _check_host(what: str, host: str) -> None:
    if not HOST.fullmatch(host):
        raise SwitchConfigError(f"{what}: {host!r} is not a host, address or network")


def _check_codecs(what: str, codecs: tuple[str, ...]) -> None:
    if not codecs or not all(CODEC.fullmatch(codec) for codec in codecs):
        raise SwitchConfigError(f"{what}: codecs must be names such as ulaw, alaw, g722, opus")


def _check_unique(what: str, names: list[str]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise SwitchConfigError(f"{what} names used twice: {', '.join(doubled)}")
