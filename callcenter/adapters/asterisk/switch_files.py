"""Writes Asterisk's configuration directory: the same SwitchConfig gives the same bytes.

Sources: the sample files of Asterisk 22, and what was found by running it (odd lines say why they are there).
"""

import os
from pathlib import Path

from callcenter.adapters.asterisk.ari import line_path
from callcenter.adapters.asterisk.config import (
    AMI_USER,
    ARI_LINES,
    ARI_USER,
    Phone,
    SwitchConfig,
    SwitchConfigError,
    Trunk,
    probe_of,
)
from callcenter.adapters.asterisk.dialplan import (
    CALLER_VARIABLES,
    LEG_VARIABLE,
    PHONE_CONTEXT,
    extensions_conf,
    trunk_context,
)
from callcenter.adapters.asterisk.modules import MODULES

EMPTY_FILES = tuple(
    f"{name}.conf" for name in ("acl", "ccss", "cel", "codecs", "dnsmgr", "features", "pjproject", "udptl")
)
"""Files whose absence Asterisk reports as an error, and whose presence is all it wants."""

UNHEARD_EVENTS = (
    "Newexten",
    "Newstate",
    "DeviceStateChange",
    "NewConnectedLine",
    "Newchannel",
    "HangupRequest",
    "SoftHangupRequest",
    "Hangup",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "BridgeCreate",
    "BridgeEnter",
    "BridgeLeave",
    "BridgeDestroy",
    "NewCallerid",
    "DialBegin",
    "DialState",
    "DialEnd",
    "ChallengeSent",
    "SuccessfulAuth",
    "DTMFBegin",
    "DTMFEnd",
    "MixMonitorStart",
    "MixMonitorStop",
    "Hold",
    "Unhold",
    "NewAccountCode",
)
"""Manager events that calls bring about, the most frequent first, and that nobody listens to. A filter is not
enough: it is applied in each session, after the event was written out and the session was woken for it, and
that a hundred times for each call."""

Entries = dict[str, str | int | list[str]]
Section = tuple[str, Entries]


def write_switch_files(config: SwitchConfig) -> Path:
    """Write the directory, only readable by its owner, create the working directories; return asterisk.conf.

    Raises:
        SwitchConfigError: a directory cannot be created or written, with the reason.
    """
    directories = config.directories
    try:
        for directory in (directories.configuration, directories.state, directories.run, directories.log,
                          directories.spool, directories.music):  # fmt: skip
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in sorted(switch_files(config).items()):
            _write_private(directories.configuration / name, text)
    except OSError as error:
        raise SwitchConfigError(f"{error.filename}: {error.strerror}; choose a writable directory") from error
    return directories.configuration / "asterisk.conf"


def switch_files(config: SwitchConfig) -> dict[str, str]:
    """All files by name."""
    return {
        **dict.fromkeys(EMPTY_FILES, ""),
        "asterisk.conf": _asterisk_conf(config),
        "ari.conf": _ari_conf(config),
        # Call records are made from the journal; Asterisk's own would cost a thread.
        "cdr.conf": _render([("general", {"enable": "no"})]),
        "chan_websocket.conf": _render([("global", {"control_message_format": "json"})]),
        "extensions.conf": extensions_conf(config),
        "http.conf": _http_conf(config),
        "indications.conf": _INDICATIONS,
        "logger.conf": _render([("general", {}), ("logfiles", {"messages.log": "notice,warning,error"})]),
        "manager.conf": _manager_conf(config),
        "modules.conf": _render([("modules", {"autoload": "no", "load": [*MODULES, *config.extra_modules]})]),
        "musiconhold.conf": _render(
            [("default", {"mode": "files", "directory": str(config.directories.music)})]
        ),
        "pjsip.conf": _pjsip_conf(config),
        "rtp.conf": _rtp_conf(config),
        "sorcery.conf": _sorcery_conf(),
        "stasis.conf": _stasis_conf(),
        "websocket_client.conf": _websocket_client_conf(config),
    }


def escape(value: str) -> str:
    """A value as it must stand behind "key = ": an unescaped semicolon would start a comment."""
    return value.replace(";", "\\;")


def _render(sections: list[Section]) -> str:
    lines: list[str] = []
    for name, entries in sections:
        lines.append(f"[{name}]")
        for key, value in entries.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"{key} = {escape(str(one))}".rstrip())
    return "\n".join(lines) + "\n"


def _write_private(path: Path, text: str) -> None:
    """Replace the file in one step: a starting Asterisk never sees half of it."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)


def _asterisk_conf(config: SwitchConfig) -> str:
    d = config.directories
    own = {"astvarlibdir": d.state, "astdbdir": d.state, "astkeydir": d.state, "astagidir": d.state}
    paths = {"astetcdir": d.configuration, "astmoddir": d.modules, "astdatadir": d.data, **own}
    paths |= {"astspooldir": d.spool, "astrundir": d.run, "astlogdir": d.log}
    return _render([("directories", {key: str(path) for key, path in paths.items()}), ("options", {})])


def _ari_conf(config: SwitchConfig) -> str:
    general: Entries = {
        "enabled": "yes",
        "pretty": "no",
        # The default of 100 ms closes the connection of a controller that pauses for a moment.
        "websocket_write_timeout": 5000,
        "channelvars": ",".join((*CALLER_VARIABLES, LEG_VARIABLE)),
    }
    user: Section = (ARI_USER, {"type": "user", "read_only": "no", "password": config.ari_password})
    lines: list[Section] = [
        (
            _line_name(number),
            {
                "type": "outbound_websocket",
                "websocket_client_id": _line_name(number),
                # Only the first line brings events; another one must have an application of its own.
                "apps": f"{config.app}-line-{number}" if number else config.app,
                # Subscribing to everything wedges Asterisk (issue 2170).
                "subscribe_all": "no",
                "local_ari_user": ARI_USER,
            },
        )
        for number in range(ARI_LINES)
    ]
    return _render([("general", general), user, *lines])


def _line_name(number: int) -> str:
    return f"controller-{number}" if number else "controller"


def _websocket_client_conf(config: SwitchConfig) -> str:
    return _render(
        [
            (
                _line_name(number),
                {
                    "type": "websocket_client",
                    "uri": f"ws://127.0.0.1:{config.ports.ari}{line_path(number)}",
                    "protocols": "ari",
                    "username": ARI_USER,
                    "password": config.ari_password,
                    "connection_type": "persistent",
                    "connection_timeout": 500,
                    "reconnect_interval": 100,
                    # Only how seldom a failed attempt is logged; it never gives up.
                    "reconnect_attempts": 600,
                    "tls_enabled": "no",
                },
            )
            for number in range(ARI_LINES)
        ]
    )


def _http_conf(config: SwitchConfig) -> str:
    general: Entries = {
        "servername": "callcenter",
        "enabled": "yes",
        "bindaddr": "127.0.0.1",
        "bindport": config.ports.http,
        "sessionlimit": 2000,
    }
    return _render([("general", general)])


def _manager_conf(config: SwitchConfig) -> str:
    user: Entries = {
        "secret": config.ami_password,
        "read": "system",
        "write": "system,call,command",
        "writetimeout": 5000,
        # Of all events only these, so that the stream costs nothing.
        "eventfilter(name(ContactStatus))": "",
    }
    general: Entries = {
        "enabled": "yes",
        "webenabled": "no",
        "bindaddr": "127.0.0.1",
        "port": config.ports.ami,
        "authtimeout": 5,
        "disabledevents": ",".join(UNHEARD_EVENTS),
    }
    return _render([("general", general), (AMI_USER, user)])


def _rtp_conf(config: SwitchConfig) -> str:
    ports = config.ports
    return _render(
        [
            (
                "general",
                {
                    "rtpstart": ports.rtp_first,
                    "rtpend": ports.rtp_last,
                    "icesupport": "yes",
                    "strictrtp": "yes",
                },
            )
        ]
    )


def _sorcery_conf() -> str:
    """Phones of the browser are pushed at run time (PUT /asterisk/config/dynamic); they live in memory."""
    entries: Entries = {
        kind: [f"config,pjsip.conf,criteria=type={kind}", "memory"] for kind in ("endpoint", "auth", "aor")
    }
    return _render([("res_pjsip", entries)])


def _stasis_conf() -> str:
    """Messages that nobody reads are not made: variables alone are half of all that calls bring about. AMI,
    however, does not start when one is declined that it asks for by name (those of manager_channels.c)."""
    declined = ["ast_channel_varset_type", "ast_rtp_rtcp_sent_type", "ast_rtp_rtcp_received_type"]
    return _render([("declined_message_types", {"decline": declined})])


def _pjsip_conf(config: SwitchConfig) -> str:
    sections: list[Section] = [
        (
            "global",
            {
                "type": "global",
                # By name first: phones behind one proxy address must not be taken for a trunk.
                "endpoint_identifier_order": "username,ip,header,request_uri",
                "user_agent": "callcenter",
            },
        ),
        (
            "transport-udp",
            {"type": "transport", "protocol": "udp", "bind": f"{config.sip_address}:{config.ports.sip}"},
        ),
        # The address is nominal: http.conf is what listens for browser phones.
        ("transport-ws", {"type": "transport", "protocol": "ws", "bind": f"127.0.0.1:{config.ports.http}"}),
    ]
    for trunk in config.trunks:
        sections += _trunk_sections(config, trunk)
    for phone in config.phones:
        sections += _phone_sections(config, phone)
    return _render(sections)


def _endpoint(config: SwitchConfig, context: str, codecs: tuple[str, ...]) -> Entries:
    return {
        "type": "endpoint",
        "transport": "transport-udp",
        "context": context,
        "disallow": "all",
        "allow": ",".join(codecs),
        # All media pass through us: recording, and no surprise when a party moves.
        "direct_media": "no",
        "rtp_symmetric": "yes",
        # A party that died without BYE would stay for ever.
        "rtp_timeout": config.rtp_timeout_sec,
        "rtp_timeout_hold": config.rtp_hold_timeout_sec,
        "timers": "yes",
        "timers_min_se": 90,
        "timers_sess_expires": 1800,
    }


def _trunk_sections(config: SwitchConfig, trunk: Trunk) -> list[Section]:
    name = trunk.name
    endpoint = _endpoint(config, trunk_context(name), trunk.codecs)
    endpoint |= {"dtmf_mode": trunk.dtmf_mode, "identify_by": "ip", "trust_id_outbound": "yes"}
    sections: list[Section] = [(name, endpoint)]
    match = list(trunk.match)
    if trunk.registration is not None:
        server, user = trunk.registration.server, trunk.registration.user
        match = match or [server.rsplit(":", 1)[0] if server.count(":") == 1 else server]
        auth = {
            "type": "auth",
            "auth_type": "digest",
            "username": user,
            "password": trunk.registration.secret,
        }
        endpoint |= {"outbound_auth": f"{name}-auth", "from_user": user}
        registration: Entries = {
            "type": "registration",
            "outbound_auth": f"{name}-auth",
            "server_uri": f"sip:{server}",
            "client_uri": f"sip:{user}@{server}",
            "contact_user": user,
            "retry_interval": 20,
            "forbidden_retry_interval": 300,
            "max_retries": 100000,
            "expiration": 300,
            "line": "yes",
            "endpoint": name,
        }
        sections += [(f"{name}-auth", dict(auth)), (f"{name}-registration", registration)]
    peer = trunk.peer or (trunk.registration.server if trunk.registration else None)
    if peer is not None:
        endpoint["aors"] = name
        sections.append((name, {"type": "aor", "contact": f"sip:{peer}"}))
        # By what its peer knows us, should it challenge the question.
        known: Entries = {key: endpoint[key] for key in ("outbound_auth", "from_user") if key in endpoint}
        sections += _probe_sections(config, name, peer, known)
    sections.append((f"{name}-identify", {"type": "identify", "endpoint": name, "match": match}))
    return sections


def _probe_sections(config: SwitchConfig, trunk: str, peer: str, known: Entries) -> list[Section]:
    """What asks the peer of a trunk whether it is there (OPTIONS); whatever it answers, it is."""
    name = probe_of(trunk)
    endpoint = {"type": "endpoint", "transport": "transport-udp", "aors": name, "identify_by": "ip"}
    return [
        (name, {**endpoint, "context": "nobody", "disallow": "all", "allow": "ulaw"} | known),
        (name, {"type": "aor", "contact": f"sip:{peer}", **_asked_every(config)}),
    ]


def _phone_sections(config: SwitchConfig, phone: Phone) -> list[Section]:
    endpoint = _endpoint(config, PHONE_CONTEXT, phone.codecs)
    nat = "yes" if phone.behind_nat else "no"
    endpoint |= {"identify_by": "username,auth_username", "auth": phone.name, "aors": phone.name}
    endpoint |= {"rewrite_contact": nat, "force_rport": "yes", "callerid": f"<{phone.name}>"}
    endpoint |= {"send_pai": "no", "trust_id_outbound": "yes"}
    aor: Entries = {
        "type": "aor",
        "max_contacts": 1,
        "remove_existing": "yes",
        **_asked_every(config),
        "minimum_expiration": 30,
    }
    auth = {"type": "auth", "auth_type": "digest", "username": phone.name, "password": phone.secret}
    return [(phone.name, endpoint), (phone.name, dict(auth)), (phone.name, aor)]


def _asked_every(config: SwitchConfig) -> Entries:
    return {"qualify_frequency": config.qualify_sec, "qualify_timeout": "2.0"}


_INDICATIONS = """\
[general]
country = cn
[cn]
description = China
ringcadence = 1000,4000
dial = 450
busy = 450/350,0/350
ring = 450/1000,0/4000
congestion = 450/700,0/700
callwaiting = 450/400,0/4000
dialrecall = 450
record = 950/400,0/10000
info = 450/100,0/100,450/100,0/100,450/100,0/100,450/400,0/400
stutter = 450+425
"""
