"""The parts of supervision that need no child: back-off, identities, pid files, logs, places, ports."""

import os
import socket
from pathlib import Path

import pytest

from callcenter.embedded.errors import ServiceError
from callcenter.embedded.log_file import LogFile
from callcenter.embedded.places import socket_directory
from callcenter.embedded.process import Backoff
from callcenter.embedded.process_identity import PidFile, ProcessIdentity, identify
from callcenter.embedded.taken_ports import Port, port_holder, require_free


def test_backoff_doubles_up_to_its_cap() -> None:
    """Quick ends in a row wait ever longer, and never longer than the cap."""
    backoff = Backoff(first_sec=0.5, cap_sec=3.0, stable_after_sec=10.0)
    assert [backoff.after_run(1.0) for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    for _ in range(2000):
        assert backoff.after_run(0.0) == 3.0


def test_backoff_begins_anew_after_a_stable_run() -> None:
    """A run that lasted long enough wipes out the ends before it."""
    backoff = Backoff(first_sec=0.5, cap_sec=8.0, stable_after_sec=10.0)
    for _ in range(4):
        backoff.after_run(0.0)
    assert backoff.after_run(10.0) == 0.5
    assert backoff.after_run(0.0) == 1.0


def test_a_recycled_pid_is_another_process() -> None:
    """The same number with another start time, or of another boot, does not count as alive."""
    me = identify(os.getpid())
    assert me is not None
    assert me.is_alive()
    assert not ProcessIdentity(me.pid, me.start_ticks - 1, me.boot).is_alive()
    assert not ProcessIdentity(me.pid, me.start_ticks, "another boot").is_alive()
    assert identify(2**22 + 1) is None


def test_a_stale_pid_file_names_no_leftover(tmp_path: Path) -> None:
    """A pid file whose number now belongs to another process is simply taken over."""
    me = identify(os.getpid())
    assert me is not None
    (tmp_path / "a.pid").write_text(f"{me.pid} {me.start_ticks - 1} {me.boot}\n")
    pid_file = PidFile(tmp_path / "a.pid")
    assert pid_file.claim("a") is None
    pid_file.release()


@pytest.mark.parametrize("content", ["", "garbage", "12 x y\n", "1 2\n", "\0\0\0"])
def test_a_damaged_pid_file_names_no_leftover(tmp_path: Path, content: str) -> None:
    """Whatever a power cut left in a pid file, the claim is had."""
    (tmp_path / "a.pid").write_text(content)
    pid_file = PidFile(tmp_path / "a.pid")
    assert pid_file.claim("a") is None
    pid_file.release()


def test_a_living_holder_keeps_its_claim(tmp_path: Path) -> None:
    """A second claim is refused with the process that the first one runs, and is had after its release."""
    me = identify(os.getpid())
    assert me is not None
    first, second = PidFile(tmp_path / "a.pid"), PidFile(tmp_path / "a.pid")
    first.claim("valkey")
    first.write(me)
    with pytest.raises(ServiceError, match=rf"valkey is already run here.*{me.pid}"):
        second.claim("valkey")
    first.release()
    assert second.claim("valkey") is None
    second.release()


def test_a_log_is_bounded_and_keeps_its_newest_parts(tmp_path: Path) -> None:
    """However much is written, only the current file and the kept parts remain, newest first."""
    log = LogFile(tmp_path / "log/a.log", limit_bytes=100, keep=2)
    writer = log.open()
    for number in range(6):
        os.write(writer, f"part {number}\n".encode() + b"x" * 100)
        log.rotate_when_full()
    os.write(writer, b"the last words\n\n")
    os.close(writer)
    assert log.last_line() == "the last words"
    assert sorted(path.name for path in log.path.parent.iterdir()) == ["a.log", "a.log.1", "a.log.2"]
    assert (tmp_path / "log/a.log.1").read_text().startswith("part 5")
    assert (tmp_path / "log/a.log.2").read_text().startswith("part 4")
    assert log.path.stat().st_mode & 0o077 == 0


def test_a_taken_port_names_itself_and_its_holder() -> None:
    """The refusal says which port, who has it, and what to do."""
    for kind, protocol in ((socket.SOCK_STREAM, "tcp"), (socket.SOCK_DGRAM, "udp")):
        with socket.socket(socket.AF_INET, kind) as holder:
            holder.bind(("127.0.0.1", 0))
            if kind == socket.SOCK_STREAM:
                holder.listen()
            number = holder.getsockname()[1]
            port = Port("tcp" if protocol == "tcp" else "udp", "127.0.0.1", number)
            assert port_holder(port) == os.getpid()
            with pytest.raises(ServiceError) as refusal:
                require_free("asterisk", [port])
        message = str(refusal.value)
        assert f"{protocol} port {number}" in message
        assert f"process {os.getpid()}" in message
        assert "\n" not in message
        require_free("asterisk", [port])


def test_an_address_of_another_machine_is_named() -> None:
    """An address that is not ours is told apart from a taken port."""
    with pytest.raises(ServiceError, match="no such address"):
        require_free("asterisk", [Port("udp", "192.0.2.1", 21000)])


def test_a_long_socket_path_is_replaced_by_the_same_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory too deep for a socket gives way to a private one that every start finds again."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = tmp_path / ("d" * 100)
    first = socket_directory(deep, "a.sock")
    assert first != deep
    assert first.parent == tmp_path
    assert first.stat().st_mode & 0o077 == 0
    assert socket_directory(deep, "a.sock") == first
    near = tmp_path / "near"
    assert socket_directory(near, "a.sock") == near


def test_a_planted_socket_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that somebody laid where the private directory should be is not followed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = tmp_path / ("d" * 100)
    expected = socket_directory(deep, "a.sock")
    expected.rmdir()
    (tmp_path / "elsewhere").mkdir()
    expected.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ServiceError, match="belongs to somebody else"):
        socket_directory(deep, "a.sock")
