"""What a models directory holds: a quick look, a full check, and the models ready for use.

Each model lies in `<root>/<model id>`. Beside its files lies `installed.json`, with the source it came from
and the checksum of every file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import orjson

from asr.routing import AvailableModel
from callcenter.models.catalogue import CATALOGUE, find_model
from callcenter.models.model import ModelFile, ModelState, ModelStatus, SpeechModel

RECORD_FILE = "installed.json"


def list_models(root: Path) -> list[ModelStatus]:
    """Return the state of every model of the catalogue, by a look at names and sizes only."""
    return [status(model, root) for model in CATALOGUE]


def status(model: SpeechModel, root: Path) -> ModelStatus:
    """Return the state of one model, by a look at names and sizes only."""
    directory = root / model.model_id
    if not directory.is_dir():
        return ModelStatus(model, directory, ModelState.MISSING, ())
    problems = tuple(_size_problems(model, directory))
    return ModelStatus(model, directory, ModelState.BROKEN if problems else ModelState.INSTALLED, problems)


def installed_models(root: Path) -> list[AvailableModel]:
    """Return the installed models for `asr.routing.route`, in the catalogue's order of preference."""
    return [
        AvailableModel(found.model.model_id, found.model.engine, found.model.languages)
        for found in list_models(root)
        if found.state is ModelState.INSTALLED
    ]


def verify(model_id: str, root: Path) -> list[str]:
    """Return what is wrong with an installed model, after reading every file; nothing when it is whole.

    Raises ModelError for an unknown id. Blocks: a model of 260 MB takes about half a second.
    """
    model = find_model(model_id)
    directory = root / model_id
    if not directory.is_dir():
        return [f"{model_id} is not installed in {root}"]
    return verify_directory(model, directory)


def verify_directory(model: SpeechModel, directory: Path) -> list[str]:
    """Return what is wrong with the model's files in `directory`, after reading them all."""
    problems = list(_size_problems(model, directory))
    if problems:
        return problems
    return [
        f"{directory / file.path} is damaged: its checksum is not the expected one"
        for file in expected_files(model, directory)
        if checksum(directory / file.path) != file.sha256
    ]


def expected_files(model: SpeechModel, directory: Path) -> tuple[ModelFile, ...]:
    """Return the files the model must have: those of the catalogue, else those recorded at installation."""
    return model.files or _recorded_files(directory)


def write_record(directory: Path, source: str, files: Iterable[ModelFile]) -> None:
    """Record where the model came from and what it consists of."""
    record = {"source": source, "files": list(files)}
    (directory / RECORD_FILE).write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2))


def describe_files(directory: Path) -> list[ModelFile]:
    """Return every file under `directory` with its size and checksum, by path."""
    return [
        ModelFile(str(path.relative_to(directory)), path.stat().st_size, checksum(path))
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != RECORD_FILE
    ]


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size_problems(model: SpeechModel, directory: Path) -> list[str]:
    expected = expected_files(model, directory)
    sizes = {file.path: file.size_bytes for file in expected}
    problems: list[str] = []
    for name in dict.fromkeys((*model.required_files, *sizes)):
        path = directory / name
        if not path.is_file():
            problems.append(f"{path} is missing")
        elif path.stat().st_size != sizes.get(name, path.stat().st_size):
            problems.append(f"{path} has {path.stat().st_size} bytes instead of {sizes[name]}")
        elif not path.stat().st_size and name in model.required_files:
            problems.append(f"{path} is empty")
    return problems


def _recorded_files(directory: Path) -> tuple[ModelFile, ...]:
    """Return the files of the record; none when there is no readable record."""
    try:
        record = orjson.loads((directory / RECORD_FILE).read_bytes())
        return tuple(ModelFile(**file) for file in record["files"])
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return ()
