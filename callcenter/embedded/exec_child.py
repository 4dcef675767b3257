"""Become another program that ends with its parent. Run as a script: stands between fork and exec.

    python -I -S exec_child.py PARENT_PID SIGNAL USER NICENESS PROGRAM [ARGUMENT ...]

SIGNAL is sent to the program by the kernel when the thread that started it ends (prctl(2),
PR_SET_PDEATHSIG; set after the change of user, which clears it). USER is a name, or "-" to stay who we are.
NICENESS is added to ours; one below zero needs the right to it, and without that has no effect.
A parent that died before the kernel was asked is noticed by its pid. Exit status 127: PROGRAM cannot be run.
"""

import contextlib
import ctypes
import os
import pwd
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def command_line(
    argv: Sequence[str], *, signal_number: int, user: str | None = None, niceness: int = 0
) -> tuple[str, ...]:
    """The argv that runs `argv` by this module, as a child of the calling process."""
    become_arguments = (str(os.getpid()), str(int(signal_number)), user or "-", str(niceness))
    return (sys.executable, "-I", "-S", __file__, *become_arguments, *argv)


def become(parent_pid: int, signal_number: int, user: str, niceness: int, argv: list[str]) -> None:
    """Replace this process by `argv`. Returns never: it ends the process when that is impossible."""
    _take_place(niceness)
    if user != "-":
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit("the parent is gone")
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - this is what the module is for
    except OSError as refused:
        sys.stderr.write(f"cannot run {argv[0]}: {refused.strerror}\n")
        sys.exit(127)


def _take_place(niceness: int) -> None:
    """Stand back, or ahead where we may, by this much. Where Linux groups processes by their sessions it
    weighs one session against another by the niceness of the session alone (sched(7), "The autogroup
    feature")."""
    with contextlib.suppress(PermissionError):
        os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            os.write(os.open("/proc/self/autogroup", os.O_WRONLY | os.O_CLOEXEC), str(os.nice(0)).encode())


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5:])
