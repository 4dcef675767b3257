"""Private provisioning from a small signed mirror, made by the test, and from the machine's own."""

import asyncio
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from callcenter.embedded.asterisk_packages import find_asterisk, provision_asterisk, provision_tools
from callcenter.embedded.errors import ServiceError
from callcenter.embedded.package_tree import SUITE, installed_packages

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not shutil.which("apt-get"), reason="private provisioning needs apt"),
]
_PROJECT = Path(__file__).parents[2]


def _quiet(stage: str, fraction: float) -> None:
    assert stage
    assert 0.0 <= fraction <= 1.0


def _run(*command: str | Path, **options: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A throw-away key: where gpg keeps it, and its public half."""

    gpg_home: Path
    public: Path


@pytest.fixture(scope="session")
def signing_key() -> Iterator[SigningKey]:
    """A signing key that lives as long as the tests."""
    if not shutil.which("gpg"):
        pytest.skip("signing a mirror needs gpg")
    with tempfile.TemporaryDirectory() as name:  # Short, because gpg's agent makes a socket in it.
        key = SigningKey(Path(name), Path(name) / "test-archive.asc")
        gpg = ("gpg", "--homedir", key.gpg_home, "--batch", "--quiet")
        _run(*gpg, "--passphrase", "", "--quick-generate-key", "Test Archive", "ed25519", "sign", "never")
        key.public.write_text(_run(*gpg, "--armor", "--export"))
        yield key
        _run("gpgconf", "--homedir", key.gpg_home, "--kill", "all")


class Mirror:
    """A Debian archive of made-up packages in a directory."""

    def __init__(self, root: Path, key: SigningKey) -> None:
        self.root = root
        self.base = f"copy:{root}"
        self.key = key
        self.architecture = _run("dpkg", "--print-architecture").strip()
        self.dist = root / "dists" / SUITE
        self.index = self.dist / f"main/binary-{self.architecture}/Packages"
        self.index.parent.mkdir(parents=True)
        (root / "pool").mkdir()

    def add(self, name: str, version: str, *, depends: str = "", text: str = "content") -> Path:
        """Publish a package with one file, `usr/bin/NAME`."""
        with tempfile.TemporaryDirectory() as directory:
            tree = Path(directory) / name
            (tree / "usr/bin").mkdir(parents=True)
            (tree / "usr/bin" / name).write_text(text)
            (tree / "DEBIAN").mkdir()
            control = f"Package: {name}\nVersion: {version}\nArchitecture: {self.architecture}\n"
            control += "Maintainer: Nobody <nobody@example.org>\nDescription: for a test\n"
            control += f"Depends: {depends}\n" if depends else ""
            (tree / "DEBIAN/control").write_text(control)
            tree.chmod(0o755)
            deb = self.root / f"pool/{name}_{hashlib.sha256(version.encode()).hexdigest()[:8]}.deb"
            _run("dpkg-deb", "--root-owner-group", "--build", tree, deb)
        data = deb.read_bytes()
        with self.index.open("a") as index:
            index.write(f"{control}Filename: {deb.relative_to(self.root)}\nSize: {len(data)}\n")
            index.write(f"SHA256: {hashlib.sha256(data).hexdigest()}\n\n")
        return deb

    def sign(self) -> None:
        """Publish the index."""
        data = self.index.read_bytes()
        release = self.dist / "Release"
        release.write_text(
            f"Origin: Debian\nSuite: testing\nCodename: {SUITE}\nArchitectures: {self.architecture}\n"
            "Components: main\nDate: Mon, 01 Jan 2024 00:00:00 UTC\n"
            "Valid-Until: Mon, 08 Jan 2024 00:00:00 UTC\n"
            f"SHA256:\n {hashlib.sha256(data).hexdigest()} {len(data)} {self.index.relative_to(self.dist)}\n"
        )
        gpg = ("gpg", "--homedir", self.key.gpg_home, "--batch", "--quiet", "--yes")
        _run(*gpg, "--output", self.dist / "InRelease", "--clearsign", release)
        release.unlink()


@pytest.fixture
def mirror(tmp_path: Path, signing_key: SigningKey) -> Mirror:
    """A signed mirror of a tool with a library that needs another one."""
    made = Mirror(tmp_path / "mirror", signing_key)
    made.add("tool", "2.0", depends="libone (>= 1) | libelse, adduser, libc-ignored")
    made.add("libone", "1.0", depends="libtwo:any")
    made.add("libtwo", "1.0", depends="libone")
    made.sign()
    return made


async def _provision(mirror: Mirror, target: Path, *packages: str) -> None:
    await provision_tools(
        target, packages or ("tool",), mirror=mirror.base, progress=_quiet, keyrings=[mirror.key.public]
    )


def _left_behind(target: Path) -> list[str]:
    """What lies where `target` should be, but for the lock."""
    return [path.name for path in target.parent.iterdir() if not path.name.endswith(".lock")]


async def test_packages_and_what_they_need_are_unpacked(mirror: Mirror, tmp_path: Path) -> None:
    """Libraries are followed through each other, and nothing else; a second call changes nothing."""
    target = tmp_path / "state/tools"
    await _provision(mirror, target)
    assert installed_packages(target) == {"tool": "2.0", "libone": "1.0", "libtwo": "1.0"}
    assert (target / "usr/bin/tool").read_text() == "content"
    assert _left_behind(target) == ["tools"]
    shutil.rmtree(mirror.root)
    await _provision(mirror, target)


async def test_starters_at_once_build_one_tree(mirror: Mirror, tmp_path: Path) -> None:
    """Of several starters one builds while the others wait, and all succeed."""
    target = tmp_path / "state/tools"
    told: list[str] = []

    def progress(stage: str, fraction: float) -> None:
        told.append(stage)

    starts = (
        provision_tools(target, ["tool"], mirror=mirror.base, progress=progress, keyrings=[mirror.key.public])
        for _ in range(3)
    )
    await asyncio.gather(*starts)
    assert told.count("installed") == 1
    assert "waiting for another starter" in told


def _grow_deb(mirror: Mirror) -> None:
    deb = next(mirror.root.glob("pool/libtwo*"))
    deb.write_bytes(deb.read_bytes() + b"x")


def _change_deb(mirror: Mirror) -> None:
    deb = next(mirror.root.glob("pool/libtwo*"))
    data = bytearray(deb.read_bytes())
    data[-1] ^= 1
    deb.write_bytes(data)


def _cut_deb(mirror: Mirror) -> None:
    deb = next(mirror.root.glob("pool/libtwo*"))
    deb.write_bytes(deb.read_bytes()[:-10])


def _remove_deb(mirror: Mirror) -> None:
    next(mirror.root.glob("pool/libtwo*")).unlink()


def _change_index(mirror: Mirror) -> None:
    mirror.index.write_text(mirror.index.read_text().replace("Version: 2.0", "Version: 9.0"))


def _change_release(mirror: Mirror) -> None:
    release = mirror.dist / "InRelease"
    release.write_text(release.read_text().replace("Suite: testing", "Suite: changed"))


def _unsign_release(mirror: Mirror) -> None:
    (mirror.dist / "InRelease").rename(mirror.dist / "Release")


@pytest.mark.parametrize(
    "tamper",
    [_grow_deb, _change_deb, _cut_deb, _remove_deb, _change_index, _change_release, _unsign_release],
)
async def test_a_tampered_mirror_is_refused(
    mirror: Mirror, tmp_path: Path, tamper: Callable[[Mirror], None]
) -> None:
    """Whatever was changed after signing, one clear line is raised and nothing is left behind."""
    tamper(mirror)
    target = tmp_path / "state/tools"
    with pytest.raises(ServiceError) as refusal:
        await _provision(mirror, target)
    assert "\n" not in str(refusal.value)
    assert refusal.value.cure
    assert _left_behind(target) == []


async def test_a_foreign_signature_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    """A mirror signed by a key that is not in the keyring is refused, with Debian's keys by default."""
    target = tmp_path / "state/tools"
    with pytest.raises(ServiceError, match=r"not signed|NO_PUBKEY|signature"):
        await provision_tools(target, ["tool"], mirror=mirror.base, progress=_quiet)
    assert _left_behind(target) == []


async def test_an_unknown_package_is_named(mirror: Mirror, tmp_path: Path) -> None:
    """A package that the mirror lacks is told by name."""
    with pytest.raises(ServiceError, match="no package absent"):
        await _provision(mirror, tmp_path / "state/tools", "tool", "absent")


@pytest.mark.parametrize(
    "base", ["mirror", "http://m.example/debian forky main\ndeb http://n.example", "a b:c"]
)
async def test_a_mirror_that_is_no_uri_is_refused(tmp_path: Path, base: str) -> None:
    """A setting that would spoil apt's sources is told before apt sees it."""
    with pytest.raises(ServiceError, match=r"services\.debian_mirror is .*, which is no URI"):
        await provision_tools(tmp_path / "tools", ["tool"], mirror=base, progress=_quiet)


async def test_an_interruption_leaves_what_was_there(mirror: Mirror, tmp_path: Path) -> None:
    """Ended while it unpacks, it leaves no tree; what a killed attempt left is cleared by the next one."""
    target = tmp_path / "state/tools"

    async def interrupted() -> None:
        task = asyncio.current_task()
        assert task is not None

        def progress(stage: str, fraction: float) -> None:
            if stage == "unpacking":
                task.cancel()

        await provision_tools(
            target, ["tool"], mirror=mirror.base, progress=progress, keyrings=[mirror.key.public]
        )

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(interrupted())
    assert _left_behind(target) == []
    (target.parent / ".tools.partial/tree/usr").mkdir(parents=True)
    (target.parent / ".tools.partial/tree/usr/rubbish").touch()
    await _provision(mirror, target)
    assert _left_behind(target) == ["tools"]
    assert not (target / "usr/rubbish").exists()


@pytest.mark.parametrize("version", ["1:20.6.0-1", "22.9.0-1", "1:23.0.0~rc1-1"])
async def test_an_unsuitable_version_is_refused(
    signing_key: SigningKey, tmp_path: Path, version: str
) -> None:
    """An old index that is replayed, or a suite that has moved on, is refused before anything is fetched."""
    mirror = Mirror(tmp_path / "mirror", signing_key)
    mirror.add("asterisk", version).unlink()
    mirror.sign()
    target = tmp_path / "state/asterisk"
    with pytest.raises(ServiceError, match=rf"offers Asterisk {version}, but version 22"):
        await provision_asterisk(target, mirror=mirror.base, progress=_quiet, keyrings=[signing_key.public])
    assert _left_behind(target) == []


async def test_packages_that_cannot_run_are_refused(signing_key: SigningKey, tmp_path: Path) -> None:
    """A signed Asterisk of the right version whose program cannot be loaded is not installed."""
    mirror = Mirror(tmp_path / "mirror", signing_key)
    mirror.add("asterisk", "1:22.1.0-1", depends="asterisk-modules")
    mirror.add("asterisk-modules", "1:22.1.0-1")
    mirror.sign()
    target = tmp_path / "state/asterisk"
    with pytest.raises(ServiceError):
        await provision_asterisk(target, mirror=mirror.base, progress=_quiet, keyrings=[signing_key.public])
    assert _left_behind(target) == []


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may write everywhere, so root becomes somebody else for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


async def test_a_closed_directory_is_told(mirror: Mirror, tmp_path: Path, nobody: None) -> None:
    """A place that this user may not write to is one clear line."""
    closed = tmp_path / "closed"
    with pytest.raises(ServiceError, match=r"cannot write in .*closed"):
        await _provision(mirror, closed / "tools")


async def test_asterisk_is_provisioned_from_the_machines_mirror() -> None:
    """The Asterisk that the other tests use is there, runs, and has the modules of a call centre."""
    target = _PROJECT / "var/asterisk"
    installation = await provision_asterisk(target, mirror=None, progress=_quiet)
    assert installation == find_asterisk(target)
    assert installation.version.startswith("22.")
    assert _run(*installation.command, "-V").startswith(f"Asterisk {installation.version}")
    for module in ("chan_pjsip", "res_ari", "codec_g722", "codec_opus_open_source", "res_srtp"):
        assert (installation.modules_dir / f"{module}.so").exists()
    assert (installation.data_dir / "documentation/core-en_US.xml").exists()
    assert (installation.data_dir / "rest-api/channels.json").exists()
