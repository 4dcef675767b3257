"""Where the Debian mirror is read from."""

from pathlib import Path

from callcenter.embedded.apt_sources import debian_mirrors

_DEB822 = """\
# the machine's own
Types: deb deb-src
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main contrib

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""


def _apt_dir(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_deb822_entry_gives_its_base(tmp_path: Path) -> None:
    """A `.sources` stanza of a Debian suite names the mirror, without its trailing slash."""
    apt_dir = _apt_dir(tmp_path, {"sources.list.d/debian.sources": _DEB822})
    assert debian_mirrors(apt_dir) == ("http://mirror.example/debian",)


def test_one_line_entry_with_options_gives_its_base(tmp_path: Path) -> None:
    """A `deb` line is understood with options and a comment behind it."""
    line = "deb [arch=amd64 signed-by=/k.gpg] https://mirror.example/debian trixie main contrib # near us\n"
    assert debian_mirrors(_apt_dir(tmp_path, {"sources.list": line})) == ("https://mirror.example/debian",)


def test_third_parties_disabled_and_source_entries_are_passed_over(tmp_path: Path) -> None:
    """Only enabled binary entries of Debian's own suites count."""
    files = {
        "sources.list": "# deb http://commented.example/debian bookworm main\n"
        "deb-src http://sources.example/debian bookworm main\n"
        "deb http://vendor.example/debian bookworm stable\n"
        "deb cdrom:[disc]/ bookworm main\n",
        "sources.list.d/off.sources": "Enabled: no\n" + _DEB822.split("\n", 1)[1],
        "sources.list.d/other.list": "deb http://tools.example/apt tools-bookworm main\n",
        "sources.list.d/ignored.save": "deb http://saved.example/debian bookworm main\n",
    }
    apt_dir = _apt_dir(tmp_path, files)
    assert debian_mirrors(apt_dir) == ()


def test_a_path_of_debian_goes_before_one_that_borrows_its_suite_names(tmp_path: Path) -> None:
    """An archive that publishes under `bookworm main` elsewhere is tried last."""
    files = {
        "sources.list": "deb http://vendor.example/php/ bookworm main\n",
        "sources.list.d/debian.sources": _DEB822,
    }
    expected = ("http://mirror.example/debian", "http://vendor.example/php")
    assert debian_mirrors(_apt_dir(tmp_path, files)) == expected


def test_folded_fields_and_several_addresses_are_read(tmp_path: Path) -> None:
    """A deb822 field may go on in the next line, and may hold more than one address."""
    addresses = "\n http://one.example/debian\n http://two.example/debian\n"
    text = f"Types: deb\nURIs:{addresses}Suites: sid\nComponents: main\n"
    apt_dir = _apt_dir(tmp_path, {"sources.list.d/a.sources": text})
    assert debian_mirrors(apt_dir) == ("http://one.example/debian", "http://two.example/debian")


def test_a_machine_without_debian_has_no_mirror(tmp_path: Path) -> None:
    """No apt directory, or one of another distribution, gives nothing."""
    assert debian_mirrors(tmp_path / "absent") == ()
    line = "deb http://archive.example/ubuntu noble main universe\n"
    assert debian_mirrors(_apt_dir(tmp_path, {"sources.list": line})) == ()
