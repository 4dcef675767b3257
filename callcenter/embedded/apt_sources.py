"""Which Debian mirror does this machine use? Read from its apt sources, in both styles (sources.list(5))."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Names under which Debian itself publishes a suite; other archives use their own or add a suffix.
_DEBIAN_CODENAMES = {"bullseye", "bookworm", "trixie", "forky", "duke", "sid"}
_DEBIAN_SUITES = _DEBIAN_CODENAMES | {"oldoldstable", "oldstable", "stable", "testing", "unstable"}
_ONE_LINE = re.compile(r"deb\s+(?:\[[^\]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<components>.*)")


@dataclass(frozen=True, slots=True)
class AptSource:
    """One binary archive of an apt source file: where it is, and what is taken from it."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]

    @property
    def is_debian(self) -> bool:
        """True when the entry names a suite of Debian itself and its main component."""
        return "main" in self.components and any(suite in _DEBIAN_SUITES for suite in self.suites)


def parse_one_line_style(text: str) -> Iterator[AptSource]:
    """The active `deb` lines of a `.list` file."""
    for line in text.splitlines():
        if match := _ONE_LINE.match(line.partition("#")[0].strip()):
            yield AptSource(match["uri"], (match["suite"],), tuple(match["components"].split()))


def parse_deb822_style(text: str) -> Iterator[AptSource]:
    """The enabled binary entries of a `.sources` file; a stanza with several URIs yields one for each."""
    uncommented = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n[ \t]*\n", uncommented):
        fields = _stanza_fields(stanza)
        enabled = fields.get("enabled", "yes").strip().lower() not in {"no", "false", "0", "off"}
        if not enabled or "deb" not in fields.get("types", "").split():
            continue
        for uri in fields.get("uris", "").split():
            yield AptSource(
                uri, tuple(fields.get("suites", "").split()), tuple(fields.get("components", "").split())
            )


def debian_mirrors(apt_dir: Path = Path("/etc/apt")) -> tuple[str, ...]:
    """Base URIs of the Debian mirrors that this machine's apt uses, the likeliest first.

    A third party may publish under Debian's suite names, so URIs that end in `/debian` come first; whoever
    uses the answer must be ready for an archive that lacks the wanted suite, and must check signatures.
    Files that cannot be read are passed over. Empty on a machine that takes nothing from Debian.
    """
    entries: list[AptSource] = []
    for path in [apt_dir / "sources.list", *sorted((apt_dir / "sources.list.d").glob("*"))]:
        parse = {".list": parse_one_line_style, ".sources": parse_deb822_style}.get(path.suffix)
        try:
            entries += parse(path.read_text(encoding="utf-8", errors="replace")) if parse else ()
        except OSError:
            continue
    bases = [
        entry.uri.rstrip("/") for entry in entries if entry.is_debian and not entry.uri.startswith("cdrom:")
    ]
    return tuple(dict.fromkeys(sorted(bases, key=lambda base: not base.endswith("/debian"))))


def _stanza_fields(stanza: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line[:1] in {" ", "\t"}:
            fields[name] = fields.get(name, "") + " " + line.strip()
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields
