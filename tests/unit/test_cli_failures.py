"""The command's failures: one line, with its cure; and one centre per data directory."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.cli.claim import claim_holder, claimed
from callcenter.cli.failure import Failure, clear_failures
from callcenter.cli.health_watch import HealthTold
from callcenter.cli.hearing import why_unheard
from callcenter.cli.listening import ports_by_setting, require_ports
from callcenter.places import Places
from callcenter.settings import Settings, load_settings

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def settings() -> Settings:
    """The shipped settings."""
    return load_settings(CONFIG)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A TCP port on which this process listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_failure_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    """What a person can act on is told alone, without a traceback."""
    with pytest.raises(SystemExit) as ended, clear_failures():
        raise Failure("the thing is broken -> mend it")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "the thing is broken -> mend it\n"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOTDIR, errno.EMFILE])
def test_operating_system_errors_name_the_file_and_a_cure(
    capsys: pytest.CaptureFixture[str], number: int
) -> None:
    """An error of the operating system says which file, what, and what to do."""
    with pytest.raises(SystemExit), clear_failures():
        raise OSError(number, os.strerror(number), "/some/file")
    (line,) = capsys.readouterr().err.splitlines()
    what, cure = line.split(" -> ")
    assert what == f"/some/file: {os.strerror(number)}"
    assert cure


def test_ctrl_c_is_status_130(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C says nothing and ends with the shell's status for it."""
    with pytest.raises(SystemExit) as ended, clear_failures():
        raise KeyboardInterrupt
    assert ended.value.code == 130
    assert capsys.readouterr().err == ""


def test_one_centre_per_data_directory(tmp_path: Path) -> None:
    """A second claim is refused with the holder's process; the claim ends with its block."""
    places = Places(tmp_path)
    with claimed(places):
        assert claim_holder(places) == os.getpid()
        with (
            pytest.raises(Failure, match=rf"already \(process {os.getpid()}\) -> stop it first"),
            claimed(places),
        ):
            pass
    assert claim_holder(places) is None
    with claimed(places):
        assert claim_holder(places) == os.getpid()


def test_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """A data directory below a file is refused by its name, with the setting that chooses it."""
    file = tmp_path / "file"
    file.touch()
    with (
        pytest.raises(Failure, match=rf"cannot write in {file}: .* -> set centre.data_dir"),
        claimed(Places(file)),
    ):
        pass


def test_taken_port_names_holder_and_setting(settings: Settings, taken_port: int) -> None:
    """A taken port is told with who holds it and which setting chooses it."""
    free = iter(_free_ports(4))
    moved = settings.model_copy(
        update={
            "sip": settings.sip.model_copy(update={"port": next(free)}),
            "ports": settings.ports.model_copy(
                update={name: next(free) for name in ("asterisk_http", "asterisk_ami", "ari")}
            ),
            "web": settings.web.model_copy(update={"port": taken_port}),
        }
    )
    with pytest.raises(Failure) as refused:
        require_ports(moved)
    told = str(refused.value)
    assert f"tcp port {taken_port} on 127.0.0.1: it is taken by process {os.getpid()}" in told
    assert told.endswith("-> stop that process, or choose another port (setting web.port)")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def test_every_listening_port_has_a_setting_that_exists(settings: Settings) -> None:
    """The settings named in messages about ports are settings, and hold that port."""
    for name, port in ports_by_setting(settings).items():
        section, field = name.split(".")
        assert getattr(getattr(settings, section), field) == port.number


def test_why_a_language_is_unheard(settings: Settings, tmp_path: Path) -> None:
    """No model, a broken one and a switched-off recognition each have their own reason and cure."""
    places = Places(tmp_path)
    missing = why_unheard(settings, places, "ko")
    assert missing is not None
    assert "callcenter models install" in missing
    assert "vosk-ko" in missing
    (tmp_path / "models" / "vosk-ko").mkdir(parents=True)
    broken = why_unheard(settings, places, "ko")
    assert broken is not None
    assert f"is missing -> remove {tmp_path}/models/vosk-ko" in broken
    off = settings.model_copy(update={"speech": settings.speech.model_copy(update={"enabled": False})})
    switched_off = why_unheard(off, places, "ko")
    assert switched_off is not None
    assert "switched off" in switched_off


def test_health_is_told_once_when_lost_and_once_when_back() -> None:
    """One look without a store is a start; two are told once; its return is told once."""
    told = HealthTold()
    looks = [False, True, False, False, False, True, True]
    assert [told.news({"store": up}) for up in looks] == [
        [], [], [], [("store", False)], [], [("store", True)], [],
    ]  # fmt: skip
