"""The doctor's checks tell what is wrong and what to do."""

import socket
from pathlib import Path

import pytest

from callcenter.embedded import doctor_checks
from callcenter.embedded.doctor_checks import Check
from callcenter.embedded.taken_ports import Port


def _is_actionable(check: Check) -> bool:
    return bool(check.detail) and bool(check.cure) != check.ok and "\n" not in check.detail + check.cure


def test_this_machine_passes_what_the_tests_rely_on() -> None:
    """Python, the machine, PostgreSQL and Valkey are good where the tests run."""
    checks = [
        doctor_checks.check_python(optimised=True),
        doctor_checks.check_machine(),
        doctor_checks.check_postgres(),
        doctor_checks.check_valkey(),
    ]
    assert [check.name for check in checks if not check.ok] == []
    assert all(map(_is_actionable, checks))


def test_an_old_python_and_a_foreign_machine_fail() -> None:
    """What the centre cannot run on is said with what it can run on."""
    old = doctor_checks.check_python((3, 10))
    assert not old.ok
    assert "3.11" in old.cure
    slow = doctor_checks.check_python((3, 12), optimised=False)
    assert slow.ok
    assert "slower" in slow.detail
    assert "PYTHON=/usr/bin/python3" in slow.cure
    assert doctor_checks.check_python((3, 12), optimised=True) == Check("python", True, "3.12")
    foreign = doctor_checks.check_machine("Darwin", "arm64")
    assert not foreign.ok
    assert "Linux" in foreign.cure


def test_scarce_memory_and_disk_fail_with_both_figures(tmp_path: Path) -> None:
    """The message holds what is there and what is needed."""
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 2048000 kB\nMemAvailable: 204800 kB\n")
    memory = doctor_checks.check_memory(1024, meminfo)
    assert not memory.ok
    assert "200 MB" in memory.detail
    assert "1024 MB" in memory.detail
    assert not doctor_checks.check_disk(tmp_path / "not/yet/there", 1 << 40).ok
    assert doctor_checks.check_disk(tmp_path / "not/yet/there", 0).ok


def test_a_directory_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    """A place that can be made passes; one below a plain file does not."""
    (tmp_path / "file").touch(mode=0o600)
    good, bad = doctor_checks.check_writable([tmp_path / "new", tmp_path / "file/below"])
    assert good.ok
    assert not bad.ok
    assert _is_actionable(bad)


def test_a_taken_port_fails_and_a_free_one_passes() -> None:
    """Each port is answered for by itself."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = Port("tcp", "127.0.0.1", holder.getsockname()[1])
        (taken,) = doctor_checks.check_ports("ARI", [port])
    (free,) = doctor_checks.check_ports("ARI", [port])
    assert not taken.ok
    assert str(port.number) in taken.detail
    assert free.ok


def test_an_unsuitable_asterisk_in_the_settings_is_told(tmp_path: Path) -> None:
    """A named program that is no Asterisk 22 fails, also when another one could be provisioned."""
    named = doctor_checks.check_asterisk(
        tmp_path / "nothing", provisioned=tmp_path, mirror="http://m.example/debian"
    )
    assert not named.ok
    assert "services.asterisk_binary" in named.cure


def test_an_absent_asterisk_is_fine_only_with_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is installed the mirror to be used is named; without one, the setting that helps."""
    monkeypatch.setattr(doctor_checks, "find_asterisk", lambda setting, provisioned: None)
    monkeypatch.setattr(doctor_checks.shutil, "which", lambda program: f"/usr/bin/{program}")
    mirror = "http://m.example/debian"
    with_mirror = doctor_checks.check_asterisk(None, provisioned=tmp_path, mirror=mirror)
    assert with_mirror.ok
    assert mirror in with_mirror.detail
    without = doctor_checks.check_asterisk(None, provisioned=tmp_path, mirror=None, apt_dir=tmp_path)
    assert not without.ok
    assert "services.debian_mirror" in without.cure
    monkeypatch.setattr(doctor_checks.shutil, "which", lambda program: None)
    without_apt = doctor_checks.check_asterisk(None, provisioned=tmp_path, mirror=mirror)
    assert not without_apt.ok
    assert "apt-get" in without_apt.detail
