"""The switch's configuration directory: deterministic, private, and nothing can break out of its line."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.adapters.asterisk.config import (
    Phone,
    Registration,
    SwitchConfig,
    SwitchConfigError,
    SwitchDirectories,
    SwitchPorts,
    Trunk,
)
from callcenter.adapters.asterisk.decode import KNOWN_EVENTS
from callcenter.adapters.asterisk.dialplan import extensions_conf
from callcenter.adapters.asterisk.switch_files import escape, switch_files, write_switch_files


def directories(base: Path) -> SwitchDirectories:
    """All below one directory."""
    names = ("configuration", "modules", "data", "state", "run", "log", "spool", "music")
    return SwitchDirectories(**{name: base / name for name in names})


def config(base: Path = Path("/x"), **changes: object) -> SwitchConfig:
    """A switch with one trunk by address, one by registration, and a phone."""
    made = SwitchConfig(
        ports=SwitchPorts(sip=5060, http=8088, ami=5038, ari=8089, rtp_first=10000, rtp_last=10999),
        directories=directories(base),
        ari_password="ari-word",
        ami_password="ami-word",
        trunks=(
            Trunk("city", match=("192.0.2.1", "198.51.100.0/24"), channel_limit=30, peer="192.0.2.1:5080"),
            Trunk(
                "mobile", registration=Registration("sip.example:5070", "12345", "se;cret"), codecs=("g722",)
            ),
        ),
        phones=(Phone("1001", "word;1001"), Phone("1002", "w", behind_nat=True)),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def sections(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """A pjsip.conf read back, by section name and type."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    name, entries = "", {}
    for line in [*text.splitlines(), "[end]"]:
        if line.startswith("["):
            if entries:
                found[name, entries["type"]] = entries
            name, entries = line[1:-1], {}
        else:
            key, _, value = line.partition(" = ")
            entries[key] = f"{entries[key]}|{value}" if key in entries else value
    return found


def test_the_same_config_gives_the_same_bytes() -> None:
    """Nothing in the files depends on order of hashing or time."""
    assert switch_files(config()) == switch_files(config())


def test_the_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """They hold passwords; writing again replaces them."""
    conf = write_switch_files(config(tmp_path))
    write_switch_files(config(tmp_path, ari_password="another"))
    assert conf == tmp_path / "configuration" / "asterisk.conf"
    for path in conf.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not path.name.endswith(".new")
    assert "another" in (conf.parent / "ari.conf").read_text()


def test_a_directory_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    """The message names it."""
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(SwitchConfigError, match="state"):
        write_switch_files(config(tmp_path))


def test_a_trunk_by_address_is_identified_by_it() -> None:
    """Every match address, its context and its peer."""
    read = sections(switch_files(config())["pjsip.conf"])
    assert read["city-identify", "identify"]["match"] == "192.0.2.1|198.51.100.0/24"
    assert read["city-identify", "identify"]["endpoint"] == "city"
    assert read["city", "endpoint"]["context"] == "trunk-city"
    assert read["city", "aor"]["contact"] == "sip:192.0.2.1:5080"
    assert int(read["city", "endpoint"]["rtp_timeout"]) > 0


def test_a_registered_trunk_registers_and_is_identified_by_its_server() -> None:
    """Its secret stands escaped; outgoing calls authenticate with it, and the question about its peer."""
    read = sections(switch_files(config())["pjsip.conf"])
    assert read["mobile-registration", "registration"]["server_uri"] == "sip:sip.example:5070"
    assert read["mobile-registration", "registration"]["client_uri"] == "sip:12345@sip.example:5070"
    assert read["mobile-auth", "auth"]["password"] == "se\\;cret"
    for asking in ("mobile", "mobile.peer"):
        assert read[asking, "endpoint"]["outbound_auth"] == "mobile-auth"
        assert read[asking, "endpoint"]["from_user"] == "12345"
    assert "outbound_auth" not in read["city.peer", "endpoint"]
    assert read["mobile", "endpoint"]["allow"] == "g722"
    assert read["mobile-identify", "identify"]["match"] == "sip.example"


def test_a_phone_registers_and_is_watched() -> None:
    """One contact, asked regularly; NAT only where it is said."""
    read = sections(switch_files(config())["pjsip.conf"])
    assert read["1001", "aor"] | {"max_contacts": "1", "remove_existing": "yes"} == read["1001", "aor"]
    assert int(read["1001", "aor"]["qualify_frequency"]) == 30
    assert read["1001", "endpoint"]["rewrite_contact"] == "no"
    assert read["1002", "endpoint"]["rewrite_contact"] == "yes"
    assert read["1001", "auth"]["password"] == "word\\;1001"


def test_asterisk_never_subscribes_to_everything() -> None:
    """subscribe_all and device states over ARI have wedged Asterisk (issue 2170)."""
    files = switch_files(config())
    assert "subscribe_all = no" in files["ari.conf"]
    assert not any("deviceState" in text for text in files.values())
    assert not any("Device" in kind for kind in KNOWN_EVENTS)


def test_a_caller_hears_music_before_the_controller_is_asked() -> None:
    """Answer and music stand before Stasis, for every trunk."""
    for block in extensions_conf(config()).split("[trunk-")[1:]:
        order = [
            block.index(step) for step in ("Answer(,i)", "StartMusicOnHold(default)", "Stasis(callcenter,")
        ]
        assert order == sorted(order)


def test_identity_headers_of_an_untrusted_trunk_are_not_read() -> None:
    """RFC 3325: only between trusted networks."""
    trunk = Trunk("city", match=("192.0.2.1",), trusts_identity=False)
    assert "?identity,s,1)" in extensions_conf(config())
    assert "identity,s,1)" not in extensions_conf(config(trunks=(trunk,)))


def test_the_channel_limit_refuses_with_congestion() -> None:
    """The limit counts the calls of that trunk, and who is refused is counted too."""
    text = extensions_conf(config())
    assert "GotoIf($[${GROUP_COUNT(city@trunk)} > 30]?full)" in text
    assert "n(full),Set(CC_ONE=${LOCK(CC_FULL_city)})" in text
    assert "n,Set(GLOBAL(CC_FULL_city)=$[0${GLOBAL(CC_FULL_city)} + 1])" in text
    assert "n,Hangup(34)" in text
    assert text.count("exten = h,1,Hangup()") == len(config().trunks)  # and counted once


@pytest.mark.parametrize(
    "changes",
    [
        {"ari_password": "a\nb"},
        {"ari_password": ""},
        {"ami_password": " blank"},
        {"app": "call,center"},
        {"sip_address": "127.0.0.1\n"},
        {"phones": (Phone("10 01", "x"),)},
        {"phones": (Phone("1001]", "x"),)},
        {"phones": (Phone("1001", "x\r\ny"),)},
        {"phones": (Phone("1001", "x"), Phone("1001", "y"))},
        {"phones": (Phone("city", "x"),)},
        {"phones": (Phone("1001", "x", codecs=()),)},
        {"phones": (Phone("1001", "x", codecs=("ulaw\nallow=all",)),)},
        {"trunks": (Trunk("city"),)},
        {"trunks": (Trunk("city", match=("192.0.2.1;",)),)},
        {"trunks": (Trunk("city", match=("192.0.2.1",), channel_limit=0),)},
        {"trunks": (Trunk("city", match=("192.0.2.1",), dtmf_mode="guess"),)},
        {"trunks": (Trunk("city", match=("192.0.2.1",), peer="a b"),)},
        {"trunks": (Trunk("city", registration=Registration("a", "b@c", "d")),)},
        {"trunks": (Trunk("city", registration=Registration("a", "b", "d\0")),)},
        {"directories": directories(Path("/" + "long" * 30))},
    ],
)
def test_what_would_break_a_file_is_refused(changes: dict[str, object]) -> None:
    """Names, secrets, hosts and codecs cannot carry line breaks, brackets or foreign characters."""
    with pytest.raises(SwitchConfigError):
        config(**changes)


@given(st.text(min_size=1, max_size=40))
def test_an_accepted_secret_stays_on_its_line(secret: str) -> None:
    """Whatever is accepted as a password: one line, and no semicolon that begins a comment."""
    try:
        made = config(phones=(Phone("1001", secret),))
    except SwitchConfigError:
        return
    text = switch_files(made)["pjsip.conf"]
    line = next(line for line in text.split("\n") if line.startswith("password = ") and "se\\;" not in line)
    assert line == f"password = {escape(secret)}"
    assert ";" not in line.replace("\\;", "")
