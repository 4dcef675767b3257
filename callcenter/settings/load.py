"""The settings out of their files: every ``*.yaml`` of a directory, overlays, the environment; all mistakes
at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as Directory
from typing import Any

from pydantic import ValidationError

from acd_settings import told_once
from callcenter.settings.model import Settings
from callcenter.settings.routing import routing_problems
from callcenter.settings.written import SettingsFiles, read_files
from located_yaml import Document, Mistake, Mistakes, Path, from_pydantic, load

ENVIRONMENT_PREFIX = "CALLCENTER__"
"""``CALLCENTER__WEB__PORT=9000`` sets ``web.port``."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Sound settings, and what they were made of: ``data`` as written in all files together, ``documents`` in
    the order in which they were laid over each other, that of the environment at the end."""

    settings: Settings
    data: Mapping[str, Any]
    documents: tuple[Document, ...]

    def document_of(self, path: Path) -> Document | None:
        """The last document that says something exactly here; None when none does."""
        return next((one for one in reversed(self.documents) if holds(one.data, path)), None)


@dataclass(frozen=True, slots=True)
class SettingsSource:
    """Where the settings are."""

    directory: Directory
    overlays: tuple[Directory, ...] = ()
    environment: Mapping[str, str] | None = None

    def read(self) -> SettingsFiles:
        """What is written now."""
        return read_files(self.directory, self.overlays)

    def load(self) -> Settings:
        """The settings. Raises Mistakes."""
        return loaded(self.read(), self.variables).settings

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment."""
        return self.environment if self.environment is not None else os.environ


@dataclass(slots=True)
class _Merged:
    data: dict[str, Any]
    documents: list[Document]

    def document_of(self, path: Path) -> Document:
        """The last document that says something at (or nearest around) this path."""
        for length in range(len(path), 0, -1):
            for document in reversed(self.documents):
                if holds(document.data, path[:length]):
                    return document
        return self.documents[0]


def load_settings(
    directory: Directory, overlays: Sequence[Directory] = (), environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings in ``directory/*.yaml``, each overlay laid over them, then the environment.

    A top-level section stands in one file of the directory only; an overlay changes what it names and leaves
    the rest. A change that a crash cut short counts as made (`written`). Raises Mistakes with every mistake,
    each with file:line:column and what to do.
    """
    return loaded(read_files(directory, overlays), environment or {}).settings


def loaded(files: SettingsFiles, environment: Mapping[str, str]) -> Loaded:
    """The settings in these files and the environment. Raises Mistakes as ``load_settings``."""
    if not files.texts and not files.unread:
        told = "no *.yaml here: give the settings' directory by --config"
        raise Mistakes([Mistake(str(files.directory), 1, 1, (), told)])
    merged, unread, mistakes = _merge(files)
    document, misspelt = _environment_document(environment)
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
    return Loaded(with_copied_flows(settings), merged.data, tuple(merged.documents))


def with_copied_flows(settings: Settings) -> Settings:
    """The same; but where no ``flows_dir`` is set and the console has copied the flows that come with the
    product, it is that of the copy."""
    centre, copied = settings.centre, copied_flows(settings)
    if centre.flows_dir is not None or not copied.is_dir():
        return settings
    return settings.model_copy(update={"centre": centre.model_copy(update={"flows_dir": copied})})


def copied_flows(settings: Settings) -> Directory:
    """Where the console copies the flows that come with the product, before one of them is changed."""
    return settings.centre.data_dir / "flows"


def _merge(files: SettingsFiles) -> tuple[_Merged, list[Mistake], list[Mistake]]:
    """What the files say together, why some could not be read at all, and what is wrong in the others."""
    merged = _Merged({}, [])
    unread: list[Mistake] = list(files.unread)
    mistakes: list[Mistake] = []
    homes: dict[str, str] = {}
    for path, text in files.texts.items():
        try:
            document = load(text, str(path), repeated=mistakes)
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
            if path not in files.overlays and section in homes:
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


def _lay_over(base: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _lay_over(base[key], value)
        else:
            base[key] = _copied(value)


def _copied(value: Any) -> Any:
    return {key: _copied(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def holds(data: Any, path: Path) -> bool:
    """Whether something stands there, be it nothing (null)."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def from_environment(environment: Mapping[str, str]) -> dict[Path, str]:
    """The paths that variables set, each with the name of its variable."""
    return {
        tuple(name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")): name
        for name in sorted(environment)
        if name.startswith(ENVIRONMENT_PREFIX)
    }


def _environment_document(environment: Mapping[str, str]) -> tuple[Document | None, list[Mistake]]:
    """The variables as one document, and what is wrong in them. A value is read as YAML."""
    data: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    plain: dict[Path, str] = {}
    for steps, name in from_environment(environment).items():
        try:
            nested = load(environment[name], name, repeated=mistakes).data
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
