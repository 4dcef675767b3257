"""What a speech model is: its files, what it hears, and where it can be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model; `path` is relative to the model's directory."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SiteSource:
    """A zip archive on the maker's own site; `folder` is the archive's only top folder."""

    url: str
    folder: str


@dataclass(frozen=True, slots=True)
class PackageSource:
    """Python packages that carry the model.

    A file of the model lies under `folder`, unless `joined` names the parts it is put together from.
    """

    requirements: tuple[str, ...]
    folder: str
    joined: dict[str, tuple[str, ...]] = field(default_factory=dict)


Source = SiteSource | PackageSource


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """One entry of the catalogue.

    `files` are pinned by checksum. Where the catalogue has none, the checksums are those of the first
    installation, and `required_files` say what makes the model whole. `maker_name` is the folder name under
    which its maker publishes it. `sources` are tried in order, after the directories given in the settings.
    """

    model_id: str
    maker_name: str
    engine: str
    languages: tuple[str, ...]
    sample_rate: int
    licence: str
    size_bytes: int
    required_files: tuple[str, ...]
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]


class ModelState(StrEnum):
    """What a models directory holds of a model."""

    INSTALLED = "INSTALLED"
    MISSING = "MISSING"
    BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model as a models directory holds it; `problems` say what is wrong with a BROKEN one."""

    model: SpeechModel
    directory: Path
    state: ModelState
    problems: tuple[str, ...]


class ModelError(Exception):
    """A model that cannot be had; the message says why and what to do."""
