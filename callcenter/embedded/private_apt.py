"""A throw-away apt root: signed packages of one Debian suite, without root and beside the machine's apt.

The machine's apt settings stay in force where they say how to reach a mirror (proxies, certificates); its
hooks are cleared, its sources, keys, status and caches are not used, and nothing that weakens the signature
checks survives. Valid-Until is not checked, because mirrors and snapshots lag: whoever uses the packages
must hold them to a version floor, or an old index could be replayed.
"""

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.embedded.errors import ServiceError

MACHINE_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SHIPPED_KEYS = Path(__file__).with_name("keys")

_CONFIG = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear APT::Architectures;
APT::Architectures {{ "{architecture}"; }};
APT::Architecture "{architecture}";
APT::Default-Release "";
APT::Sandbox::User "";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::GzipIndexes "false";
Acquire::Retries "3";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Dir "{root}/";
Dir::State "state";
Dir::State::status "status";
Dir::Cache "cache";
Dir::Log "log";
Dir::Etc "etc";
Dir::Etc::sourcelist "sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "trusted.gpg.d";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One package as the signed index describes it."""

    name: str
    version: str
    size_bytes: int
    sha256: str
    depends: tuple[tuple[str, ...], ...]
    """Each requirement as its alternatives, by name; versions and architectures are left out."""


def default_keyrings() -> tuple[Path, ...]:
    """The machine's Debian keyring, or else the archive keys that ship with this package."""
    return (MACHINE_KEYRING,) if MACHINE_KEYRING.exists() else tuple(sorted(SHIPPED_KEYS.glob("*.asc")))


class PrivateApt:
    """An apt root below `root`. Call `refresh` first; what apt refuses is a ServiceError in its words."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    async def refresh(
        self, mirror: str, suite: str, keyrings: Sequence[Path], on_percent: Callable[[float], None]
    ) -> None:
        """Fetch the index of `suite` at `mirror`; refused unless one of `keyrings` has signed it."""
        shutil.rmtree(self._root, ignore_errors=True)
        for folder in ("state/lists/partial", "cache/archives/partial", "log", "etc/trusted.gpg.d", "debs"):
            (self._root / folder).mkdir(parents=True)
        (self._root / "status").touch()
        for keyring in keyrings:
            shutil.copyfile(keyring, self._root / "etc/trusted.gpg.d" / keyring.name)
        (self._root / "etc/sources.list").write_text(f"deb [target=Packages] {mirror} {suite} main\n")
        architecture = (await self._run("dpkg", "--print-architecture")).strip()
        config = _CONFIG.format(root=self._root, architecture=architecture)
        (self._root / "apt.conf").write_text(config)
        await self._run("apt-get", "update", *self._options(), on_percent=on_percent)

    async def show(self, names: Sequence[str]) -> list[Package]:
        """The candidates for `names`; a name that the index does not know is left out."""
        if not names:
            return []
        text = await self._run(
            "apt-cache", "show", "--no-all-versions", *self._options(), *names, may_fail=True
        )
        return [_package(stanza) for stanza in text.split("\n\n") if stanza.strip()]

    async def closure(self, roots: Sequence[str], follow: Callable[[str, str], bool]) -> dict[str, Package]:
        """`roots` and all they depend on, through each dependency for which `follow(package, needed)` holds.

        Raises ServiceError when a root is unknown. Of several alternatives the first known one is taken.
        """
        found = {package.name: package for package in await self.show(roots)}
        if unknown := [root for root in roots if root not in found]:
            raise ServiceError(
                f"the mirror has no package {', '.join(unknown)}",
                "name a full Debian mirror in services.debian_mirror",
            )
        asked, fresh = set(found), list(found.values())
        while fresh:
            wanted = [
                [name for name in alternatives if follow(package.name, name)]
                for package in fresh
                for alternatives in package.depends
            ]
            names = sorted({name for alternatives in wanted for name in alternatives} - asked)
            asked.update(names)
            known = {package.name: package for package in await self.show(names)} | found
            taken = (next((name for name in names if name in known), None) for names in wanted)
            fresh = [known[name] for name in dict.fromkeys(taken) if name is not None and name not in found]
            found |= {package.name: package for package in fresh}
        return found

    async def download(self, names: Sequence[str], on_percent: Callable[[float], None]) -> list[Path]:
        """The `.deb` files of `names`, each checked by apt against the signed index."""
        await self._run("apt-get", "download", *self._options(), *names, on_percent=on_percent)
        return sorted((self._root / "debs").glob("*.deb"))

    async def version_in_range(self, version: str, at_least: str, below: str) -> bool:
        """Debian's own comparison: `at_least <= version < below`."""
        for relation, bound in (("ge", at_least), ("lt", below)):
            process = await asyncio.create_subprocess_exec(
                "dpkg", "--compare-versions", version, relation, bound
            )
            if await process.wait() != 0:
                return False
        return True

    def _options(self) -> tuple[str, ...]:
        return ("--config-file", str(self._root / "apt.conf"), "--option", "APT::Status-Fd=1", "--quiet")

    async def _run(
        self, *command: str, may_fail: bool = False, on_percent: Callable[[float], None] | None = None
    ) -> str:
        debs = self._root / "debs"
        environment = {name: value for name, value in os.environ.items() if name != "APT_CONFIG"} | {
            "LC_ALL": "C"
        }
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=debs if debs.is_dir() else None,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=1 << 20,
            )
        except FileNotFoundError as absent:
            raise ServiceError(
                f"{command[0]} is not on this machine, so Asterisk cannot be fetched from Debian",
                "install Asterisk 22 yourself and name its program in services.asterisk_binary",
            ) from absent
        assert process.stdout
        assert process.stderr
        try:
            errors_task = asyncio.ensure_future(process.stderr.read())
            lines = []
            async for raw in process.stdout:
                line = raw.decode(errors="replace")
                if progress := re.match(r"(?:dl|pm)status:[^:]*:([\d.]+)", line):
                    if on_percent:
                        on_percent(float(progress[1]))
                else:
                    lines.append(line)
            errors = (await errors_task).decode(errors="replace")
            if await process.wait() != 0 and not may_fail:
                raise ServiceError(
                    f"{command[0]} {command[1]} failed: {_first_error(errors)}",
                    "check the network and the mirror, or set services.debian_mirror to another one",
                )
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return "".join(lines)


def _package(stanza: str) -> Package:
    fields = dict(re.findall(r"^([A-Za-z0-9-]+): (.*)$", stanza, re.MULTILINE))
    requirements = ", ".join(filter(None, (fields.get("Pre-Depends"), fields.get("Depends"))))
    depends = tuple(
        tuple(re.split(r"[\s:(\[]", alternative.strip())[0] for alternative in requirement.split("|"))
        for requirement in requirements.split(",")
        if requirement.strip()
    )
    return Package(fields["Package"], fields["Version"], int(fields["Size"]), fields["SHA256"], depends)


def _first_error(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("E:")), lines[-1] if lines else "no reason given")
