"""Turns what pydantic says about data into mistakes at the places where the data were written."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic_core import ErrorDetails

from located_yaml.document import Document
from located_yaml.mistakes import Mistake, Path, did_you_mean


def from_pydantic(
    doc: Document, error: ValidationError, model: type[BaseModel] | None = None, at: Path = ()
) -> list[Mistake]:
    """One mistake for each error, at the place of the value (or of the key, for an unknown field).

    ``model`` is the model that was validated: with it, an unknown field is answered with the nearest right
    name.
    ``at`` is the path of the data that were validated, when they are a part of the document.
    """
    schema = _schema(model)
    return [_mistake(doc, details, schema, at) for details in error.errors(include_url=False)]


def _mistake(doc: Document, details: ErrorDetails, schema: dict[str, Any], at: Path) -> Mistake:
    kind = details["type"]
    inside = _written(doc, at, details["loc"])
    dotted = ".".join(map(str, at + inside))
    if kind == "extra_forbidden":
        name = str(inside[-1])
        near = did_you_mean(name, _field_names(schema, schema, inside[:-1]))
        return doc.mistake(at + inside, f"{dotted}: unknown field '{name}'{near}", key=True)
    if kind == "missing":
        name = str(details["loc"][-1])
        where = f"{dotted}: " if dotted else ""
        return doc.mistake((*at, *inside, name), f"{where}the field '{name}' is missing")
    message = details["msg"].removeprefix("Value error, ")
    choices = re.findall(r"'([^']*)'", str(details.get("ctx", {}).get("expected", "")))
    message += did_you_mean(str(details["input"]), choices)
    is_key = details["loc"][-1:] == ("[key]",)
    return doc.mistake(at + inside, f"{dotted}: {message}" if dotted else message, key=is_key)


def _written(doc: Document, at: Path, loc: Path) -> Path:
    """The part of a pydantic ``loc`` that stands in the document, without names of unions and validators."""
    value = doc.data
    for step in at:
        value = value[step]
    path: Path = ()
    for step in loc:
        if isinstance(value, dict) and str(step) in value:
            step = str(step)  # noqa: PLW2901 - keys are text in the document
        elif not (isinstance(value, list) and isinstance(step, int) and step < len(value)):
            continue
        path = (*path, step)
        value = value[step]
    return path


def _schema(model: type[BaseModel] | None) -> dict[str, Any]:
    if model is None:
        return {}
    try:
        return model.model_json_schema()
    except PydanticInvalidForJsonSchema:
        return {}  # a report of mistakes is worth more than its suggestions


def _field_names(schema: dict[str, Any], part: Any, path: Path) -> list[str]:
    """Names of the fields allowed at ``path`` below ``part``, in every branch of a union."""
    if not isinstance(part, dict):
        return []
    if "$ref" in part:
        return _field_names(schema, schema["$defs"][part["$ref"].rsplit("/", 1)[-1]], path)
    names = [
        name
        for branch in (*part.get("anyOf", ()), *part.get("oneOf", ()), *part.get("allOf", ()))
        for name in _field_names(schema, branch, path)
    ]
    if not path:
        return [*names, *part.get("properties", {})]
    deeper = [part.get("properties", {}).get(path[0]), part.get("items"), part.get("additionalProperties")]
    deeper += part.get("patternProperties", {}).values()
    return [*names, *(name for inner in deeper for name in _field_names(schema, inner, path[1:]))]
