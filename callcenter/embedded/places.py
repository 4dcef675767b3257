"""Where a service may keep its files and sockets, given who runs it."""

import contextlib
import hashlib
import os
import pwd
import stat
import tempfile
from pathlib import Path

from callcenter.embedded.errors import ServiceError

# sun_path of sockaddr_un, less the closing NUL (unix(7)).
_SOCKET_PATH_LIMIT = 107
_SYSTEM_STATE = Path("/var/lib/callcenter")
_POINTER = "moved_to"


def user_for_refusers() -> str | None:
    """The user for programs that refuse to run as root; None when we are not root."""
    return "nobody" if os.geteuid() == 0 else None


def private_directory(path: Path, user: str | None) -> Path:
    """Make `path` a directory that only `user` (None: we ourselves) and root can look into."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if user is not None:
            entry = pwd.getpwnam(user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        path.chmod(0o700)
    except OSError as refused:
        raise ServiceError(
            f"cannot make {path}: {refused.strerror}",
            "give this user write access there, or set centre.data_dir to another directory",
        ) from refused
    return path


def reachable(path: Path, user: str | None) -> bool:
    """True when `user` (None: we ourselves) can walk down to `path`, so far as it exists."""
    existing = (parent for parent in path.resolve().parents if parent.exists())
    return user is None or all(parent.stat().st_mode & stat.S_IXOTH for parent in existing)


def home_for(wanted: Path, user: str | None) -> Path:
    """The private directory of a service that runs as `user`: `wanted` where `user` can reach it.

    Otherwise a directory of the system's state (of the temporary one for what is temporary), which `wanted`
    then names in a file, so that a removed project never leads to the data of the one before it.
    """
    if reachable(wanted, user):
        return private_directory(wanted.resolve(), user)
    pointer = private_directory(wanted, None) / _POINTER
    try:
        if pointer.exists():
            return private_directory(Path(pointer.read_text().strip()), user)
        temporary = Path(tempfile.gettempdir()).resolve()
        is_temporary = wanted.resolve().is_relative_to(temporary) and reachable(temporary / "any", user)
        if not is_temporary:
            _SYSTEM_STATE.mkdir(mode=0o755, exist_ok=True)
            _SYSTEM_STATE.chmod(0o755)
        parent = temporary if is_temporary else _SYSTEM_STATE
        home = Path(tempfile.mkdtemp(prefix=f"callcenter-{wanted.name}-", dir=parent))
        pointer.write_text(f"{home}\n")
    except OSError as refused:
        raise ServiceError(
            f"user {user} cannot reach {wanted}, and {_SYSTEM_STATE} cannot be used: {refused.strerror}",
            f"set centre.data_dir to one that {user} can reach, such as below /srv",
        ) from refused
    return private_directory(home, user)


def socket_directory(wanted: Path, longest_name: str, user: str | None = None) -> Path:
    """A private directory in which a unix socket called `longest_name` can be made by `user`.

    `wanted` when its path is short enough and `user` can reach it; else one below the temporary directory,
    the same at every start.
    """
    wanted = wanted.resolve()
    if len(os.fsencode(wanted / longest_name)) <= _SOCKET_PATH_LIMIT and reachable(wanted, user):
        return private_directory(wanted, user)
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    substitute = Path(tempfile.gettempdir()) / f"callcenter-{os.geteuid()}-{digest}"
    owner = pwd.getpwnam(user).pw_uid if user else os.geteuid()
    try:
        substitute.mkdir(mode=0o700)
    except FileExistsError:
        # Anybody may write in the temporary directory, so one that is not ours may be a trap.
        found = substitute.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
            raise ServiceError(
                f"{substitute} belongs to somebody else", "remove it, or set TMPDIR to a private directory"
            ) from None
    return private_directory(substitute, user)


def remove_socket_directory(directory: Path) -> None:
    """Remove what `socket_directory` made, once no socket is in it."""
    with contextlib.suppress(OSError):
        directory.rmdir()
