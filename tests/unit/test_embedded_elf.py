"""What ELF files need, read from real ones."""

import shutil
import sys
from pathlib import Path

import pytest

from callcenter.embedded.elf import missing_libraries, read_needs


def _a_program() -> Path:
    return Path(shutil.which("tar") or sys.executable).resolve()


def test_a_program_names_its_loader_and_the_c_library() -> None:
    """A dynamically linked program names an absolute loader and libc."""
    needs = read_needs(_a_program())
    assert needs.interpreter is not None
    assert Path(needs.interpreter).exists()
    assert any(name.startswith("libc.so") for name in needs.libraries)


def test_absent_libraries_are_named_also_through_others(tmp_path: Path) -> None:
    """A library that is there but lacks its own needs does not close the set."""
    needs = read_needs(_a_program())
    assert missing_libraries(_a_program(), tmp_path, {}) == set(needs.libraries)
    # Any ELF file with needs of its own can play the part of the first library.
    (tmp_path / needs.libraries[0]).symlink_to(_a_program())
    still_missing = missing_libraries(_a_program(), tmp_path, {})
    assert needs.libraries[0] not in still_missing
    assert still_missing == set(needs.libraries[1:])


@pytest.mark.parametrize("keep_bytes", [0, 3, 40, 100])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, keep_bytes: int) -> None:
    """A file that is cut short, or is something else, raises ValueError with its path."""
    damaged = tmp_path / "damaged.so"
    damaged.write_bytes(_a_program().read_bytes()[:keep_bytes])
    with pytest.raises(ValueError, match=r"damaged\.so"):
        read_needs(damaged)
    damaged.write_text("#!/bin/sh\n" * 20)
    with pytest.raises(ValueError, match="not a 64-bit"):
        read_needs(damaged)
