"""What a program or shared library needs before it can be loaded (ELF-64, System V gABI chapter 5)."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_DYNAMIC = struct.Struct("<qQ")
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NEEDED, _DT_STRTAB = 1, 5


@dataclass(frozen=True, slots=True)
class ElfNeeds:
    """The loader (programs only) and the shared libraries that a file names."""

    interpreter: str | None
    libraries: tuple[str, ...]


def read_needs(path: Path) -> ElfNeeds:
    """The needs of the file at `path`.

    Raises ValueError when it is no 64-bit little-endian ELF file, or is cut short.
    """
    data = path.read_bytes()
    try:
        return _parse(data)
    except (struct.error, IndexError, StopIteration) as broken:
        raise ValueError(f"{path}: damaged ELF file") from broken
    except ValueError as unsuitable:
        raise ValueError(f"{path}: {unsuitable}") from unsuitable


def missing_libraries(path: Path, library_dir: Path, known: dict[Path, frozenset[str]]) -> frozenset[str]:
    """Names of the libraries that `path` needs, directly or through others, and `library_dir` lacks.

    `known` remembers answers between calls about the same `library_dir`; start with an empty dict.
    """
    if path not in known:
        known[path] = frozenset()  # Breaks cycles: libc and its loader need each other.
        known[path] = frozenset(_missing(read_needs(path).libraries, library_dir, known))
    return known[path]


def _missing(names: Iterable[str], library_dir: Path, known: dict[Path, frozenset[str]]) -> set[str]:
    missing: set[str] = set()
    for name in names:
        library = library_dir / name
        missing |= missing_libraries(library, library_dir, known) if library.exists() else {name}
    return missing


def _parse(data: bytes) -> ElfNeeds:
    ident, *_rest = header = _HEADER.unpack_from(data)
    if ident[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    table_offset, entry_size, entry_count = header[5], header[9], header[10]
    segments = [_SEGMENT.unpack_from(data, table_offset + index * entry_size) for index in range(entry_count)]
    interpreter = next((_text(data, segment[2]) for segment in segments if segment[0] == _PT_INTERP), None)
    dynamic = next((segment for segment in segments if segment[0] == _PT_DYNAMIC), None)
    if dynamic is None:
        return ElfNeeds(interpreter, ())
    entries = list(_DYNAMIC.iter_unpack(data[dynamic[2] : dynamic[2] + dynamic[5]]))
    strings_address = next(value for tag, value in entries if tag == _DT_STRTAB)
    strings = next(
        strings_address - segment[3] + segment[2]
        for segment in segments
        if segment[0] == _PT_LOAD and segment[3] <= strings_address < segment[3] + segment[5]
    )
    return ElfNeeds(
        interpreter, tuple(_text(data, strings + value) for tag, value in entries if tag == _DT_NEEDED)
    )


def _text(data: bytes, offset: int) -> str:
    if offset >= len(data):
        raise IndexError(offset)
    return data[offset : data.index(b"\0", offset)].decode()
