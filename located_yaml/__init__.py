"""YAML that remembers where it was written, so that every mistake can name its file, line and column."""

from located_yaml.document import Document, Limits, load
from located_yaml.editing import Edit, Put, Remove, Rename, applied, edited
from located_yaml.mistakes import Mistake, Mistakes, Path, did_you_mean
from located_yaml.pydantic_errors import from_pydantic
from located_yaml.section import Section

__all__ = [
    "Document", "Edit", "Limits", "Mistake", "Mistakes", "Path", "Put", "Remove", "Rename", "Section",
    "applied", "did_you_mean", "edited", "from_pydantic", "load",
]  # fmt: skip
