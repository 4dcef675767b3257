"""Reads the settings: every ``*.yaml`` of a directory, overlays, the environment; all mistakes at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from acd_settings import told_once
from callcenter.settings.model import Settings
from callcenter.settings.routing import routing_problems
from located_yaml import Document, Mistake, Mistakes, from_pydantic, load

ENVIRONMENT_PREFIX = "CALLCENTER__"
"""``CALLCENTER__WEB__PORT=9000`` sets ``web.port``."""


@dataclass(slots=True)
class _Merged:
    data: dict[str, Any]
    documents: list[Document]

    def document_of(self, path: tuple[str | int, ...]) -> Document:
        """The last document that says something at (or nearest around) this path."""
        for length in range(len(path), 0, -1):
            for document in reversed(self.documents):
                if _holds(document.data, path[:length]):
                    return document
        return self.documents[0]


def load_settings(
    directory: Path, overlays: Sequence[Path] = (), environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings in ``directory/*.yaml``, each overlay laid over them, then the environment.

    A top-level section stands in one file of the directory only; an overlay changes what it names and leaves
    the rest. Raises Mistakes with every mistake, each with file:line:column and what to do.
    """
    files = sorted(directory.glob("*.yaml"))
    if not files:
        raise Mistakes(
            [Mistake(str(directory), 1, 1, (), "no *.yaml here: give the settings' directory by --config")]
        )
    merged, unread, mistakes = _merge(files, overlays)
    document, misspelt = _environment_document(environment or {})
    mistakes += misspelt
    if document is not None:
        merged.documents.append(document)
        _lay_over(merged.data, document.data)
    if unread:  # what they would have said would now be told as missing
        raise Mistakes([*unread, *mistakes])
    try:
        settings = _validated(merged)
    except Mistakes as wrong:
        raise Mistakes([*mistakes, *wrong.found]) from None
    if mistakes:
        raise Mistakes(mistakes)
    return with_copied_flows(settings)


def with_copied_flows(settings: Settings) -> Settings:
    """The same; but where no ``flows_dir`` is set and the console has copied the flows that come with the
    product, it is that of the copy."""
    centre, copied = settings.centre, copied_flows(settings)
    if centre.flows_dir is not None or not copied.is_dir():
        return settings
    return settings.model_copy(update={"centre": centre.model_copy(update={"flows_dir": copied})})


def copied_flows(settings: Settings) -> Path:
    """Where the console copies the flows that come with the product, before one of them is changed."""
    return settings.centre.data_dir / "flows"


def _merge(files: Sequence[Path], overlays: Sequence[Path]) -> tuple[_Merged, list[Mistake], list[Mistake]]:
    """What the files say together, why some could not be read at all, and what is wrong in the others."""
    merged = _Merged({}, [])
    unread: list[Mistake] = []
    mistakes: list[Mistake] = []
    homes: dict[str, str] = {}
    for path in [*files, *overlays]:
        try:
            document = load(_read(path), str(path), repeated=mistakes)
        except Mistakes as error:
            unread += error.found
            continue
        if document.data is None:
            merged.documents.append(document)
            continue
        if not isinstance(document.data, dict):
            unread.append(document.mistake((), "sections such as 'queues:' were expected here"))
            continue
        for section in document.data:
            if path in files and section in homes:
                told = f"the section '{section}' already stands in {homes[section]}"
                mistakes.append(document.mistake((section,), told, key=True))
            homes.setdefault(section, str(path))
        merged.documents.append(document)
        _lay_over(merged.data, document.data)
    return merged, unread, mistakes


def _validated(merged: _Merged) -> Settings:
    try:
        settings = Settings.model_validate(merged.data)
    except ValidationError as error:
        raise Mistakes(_located(merged, error)) from None
    problems = [
        merged.document_of(path).mistake(path, f"{'.'.join(map(str, path))}: {told}")
        for path, told in told_once(settings.disagreements(), routing_problems(settings))
    ]
    if problems:
        raise Mistakes(problems)
    return settings


def _located(merged: _Merged, error: ValidationError) -> list[Mistake]:
    """Each of pydantic's errors at its place in the document that wrote it."""
    mistakes: list[Mistake] = []
    for details in error.errors(include_url=False):
        document = merged.document_of(tuple(details["loc"]))
        single = ValidationError.from_exception_data(
            error.title,
            [
                {
                    "type": details["type"],
                    "loc": details["loc"],
                    "input": details["input"],
                    "ctx": details.get("ctx", {}),
                }
            ],
        )
        mistakes += from_pydantic(document, single, Settings)
    return mistakes


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        told = f"cannot be read: {error.strerror}; check its permissions"
        raise Mistakes([Mistake(str(path), 1, 1, (), told)]) from error


def _lay_over(base: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _lay_over(base[key], value)
        else:
            base[key] = _copied(value)


def _copied(value: Any) -> Any:
    return {key: _copied(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def _holds(data: Any, path: tuple[str | int, ...]) -> bool:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _environment_document(environment: Mapping[str, str]) -> tuple[Document | None, list[Mistake]]:
    """The variables as one document, and what is wrong in them. A value is read as YAML."""
    data: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    plain: dict[tuple[str, ...], str] = {}
    for name, value in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX):
            steps = tuple(name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))
            try:
                nested = load(value, name, repeated=mistakes).data
            except Mistakes as error:
                mistakes += error.found
                continue
            if around := next((plain[steps[:n]] for n in range(1, len(steps)) if steps[:n] in plain), None):
                told = f"{around} gives one value for all of that section: unset one of the two"
                mistakes.append(Mistake(name, 1, 1, steps, told))
                continue
            if not isinstance(nested, dict):
                plain[steps] = name
            for step in reversed(steps):
                nested = {step: nested}
            _lay_over(data, nested)
    return (Document("the environment", data, {}, {}) if data else None), mistakes
