"""Installing speech models: whole or not at all, from the first source that has them."""

from __future__ import annotations

import asyncio
import hashlib
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from typer.testing import CliRunner

from asr.routing import AvailableModel
from callcenter.models import catalogue, installed
from callcenter.models.cli import ModelPlaces, app
from callcenter.models.install import install
from callcenter.models.installed import installed_models, list_models, status, verify
from callcenter.models.model import ModelError, ModelFile, ModelState, SiteSource, SpeechModel

CONTENT = {"am/final.mdl": b"m" * 5000, "conf/mfcc.conf": b"--a=1\n", "conf/model.conf": b"--b=2\n"}
MODEL_ID = "vosk-xx"


def pinned(content: dict[str, bytes]) -> tuple[ModelFile, ...]:
    """The catalogue's files for `content`."""
    return tuple(
        ModelFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in content.items()
    )


MODEL = SpeechModel(
    model_id=MODEL_ID,
    maker_name="vosk-model-xx",
    engine="vosk",
    languages=("xx",),
    sample_rate=16000,
    licence="none",
    size_bytes=6000,
    required_files=tuple(CONTENT),
    files=pinned(CONTENT),
    sources=(),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The directory models are installed in."""
    return tmp_path / "models"


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    """A directory, as the settings would give it, that holds the model under its maker's name."""
    directory = tmp_path / "offered"
    write_model(directory / MODEL.maker_name)
    return directory


def write_model(directory: Path, content: dict[str, bytes] = CONTENT) -> None:
    """Lay the model's files into `directory`."""
    for name, data in content.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def offer(monkeypatch: pytest.MonkeyPatch, *models: SpeechModel) -> None:
    """Make `models` the catalogue."""
    monkeypatch.setattr(catalogue, "CATALOGUE", models)
    monkeypatch.setattr(installed, "CATALOGUE", models)


@pytest.fixture(autouse=True)
def catalogue_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small catalogue."""
    offer(monkeypatch, MODEL)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[tuple[str, Path]]:
    """A maker's site: its address and the directory it serves."""
    served = tmp_path / "site"
    served.mkdir()
    application = web.Application()
    application.router.add_static("/", served)
    runner = web.AppRunner(application)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", served
    await runner.cleanup()


def left_in(root: Path) -> list[str]:
    """What lies in the models directory, but for the lock."""
    return sorted(path.name for path in root.iterdir() if path.suffix != ".lock")


async def test_model_is_taken_from_a_given_directory(root: Path, offered: Path) -> None:
    """The given directory is looked into under the maker's name; the model is then listed and whole."""
    assert status(MODEL, root).state is ModelState.MISSING
    directory = await install(MODEL_ID, root, directories=(offered,))
    assert directory == root / MODEL_ID
    assert verify(MODEL_ID, root) == []
    assert [found.state for found in list_models(root)] == [ModelState.INSTALLED]
    assert installed_models(root) == [AvailableModel(MODEL_ID, "vosk", ("xx",))]
    assert left_in(root) == [MODEL_ID]


async def test_whole_model_is_kept_and_a_damaged_one_replaced(root: Path, offered: Path) -> None:
    """Installing again does nothing to a whole model and repairs one with a changed byte."""
    directory = await install(MODEL_ID, root, directories=(offered,))
    told: list[str] = []
    await install(MODEL_ID, root, told.append)
    assert told == [f"{MODEL_ID} is installed already"]
    damaged = directory / "am" / "final.mdl"
    damaged.write_bytes(b"x" + CONTENT["am/final.mdl"][1:])
    assert verify(MODEL_ID, root) == [f"{damaged} is damaged: its checksum is not the expected one"]
    await install(MODEL_ID, root, directories=(offered,))
    assert verify(MODEL_ID, root) == []
    assert left_in(root) == [MODEL_ID]


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [("am/final.mdl", None, "is missing"), ("am/final.mdl", b"m", "has 1 bytes instead of 5000")],
)
async def test_truncated_model_shows_as_broken_at_a_glance(
    root: Path, offered: Path, name: str, data: bytes | None, problem: str
) -> None:
    """A missing or short file is seen without reading the rest, and the model is not offered for use."""
    directory = await install(MODEL_ID, root, directories=(offered,))
    (directory / name).unlink()
    if data is not None:
        (directory / name).write_bytes(data)
    found = status(MODEL, root)
    assert found.state is ModelState.BROKEN
    assert [line.endswith(problem) for line in found.problems] == [True]
    assert verify(MODEL_ID, root) == list(found.problems)
    assert installed_models(root) == []


async def test_wrong_files_are_refused_and_leave_nothing(root: Path, tmp_path: Path) -> None:
    """What has the right names but not the right content is not installed."""
    write_model(tmp_path / "wrong", {**CONTENT, "am/final.mdl": b"x" * 5000})
    with pytest.raises(ModelError, match=r"is not vosk-xx: am/final\.mdl is damaged"):
        await install(MODEL_ID, root, directories=(tmp_path / "wrong",))
    assert left_in(root) == []


async def test_sources_are_tried_in_order_and_each_failure_is_told(
    root: Path, offered: Path, tmp_path: Path
) -> None:
    """An empty directory costs one line; the next source is used."""
    told: list[str] = []
    await install(MODEL_ID, root, told.append, directories=(tmp_path / "empty", offered))
    assert told == [
        f"{tmp_path / 'empty'} does not hold vosk-xx (vosk-model-xx)",
        f"copying {offered / MODEL.maker_name}",
        f"vosk-xx is installed from {offered / MODEL.maker_name}",
    ]


async def test_model_nobody_has_says_what_to_do(root: Path, tmp_path: Path) -> None:
    """The error names each source that failed and the way out."""
    with pytest.raises(ModelError, match=r"(?s)does not hold.*name its directory with --directory"):
        await install(MODEL_ID, root, directories=(tmp_path,))


async def test_unknown_model_names_the_known_ones(root: Path) -> None:
    """A typing mistake is answered with the catalogue."""
    with pytest.raises(ModelError, match="no speech model 'vosk-yy'; the catalogue has vosk-xx"):
        await install("vosk-yy", root)


async def test_unpinned_model_is_held_to_what_was_first_installed(
    root: Path, offered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the catalogue has no checksums, those of the first installation count."""
    offer(monkeypatch, replace(MODEL, files=()))
    directory = await install(MODEL_ID, root, directories=(offered,))
    assert verify(MODEL_ID, root) == []
    (directory / "conf" / "mfcc.conf").write_bytes(b"--a=2\n")
    assert len(verify(MODEL_ID, root)) == 1


async def test_model_comes_from_the_makers_archive(
    root: Path, site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive is unpacked without its top folder."""
    address, served = site
    with zipfile.ZipFile(served / "model.zip", "w") as archive:
        for name, data in CONTENT.items():
            archive.writestr(f"vosk-model-xx/{name}", data)
    offer(monkeypatch, replace(MODEL, sources=(SiteSource(f"{address}/model.zip", "vosk-model-xx"),)))
    await install(MODEL_ID, root)
    assert verify(MODEL_ID, root) == []
    assert left_in(root) == [MODEL_ID]


@pytest.mark.parametrize(
    ("member", "size", "complaint"),
    [
        ("vosk-model-xx/../../../escaped", 10, "lies outside its folder"),
        ("elsewhere/final.mdl", 10, "the archive is damaged"),
        ("vosk-model-xx/am/final.mdl", 100_000, "unpacks to more than"),
    ],
)
async def test_archive_that_is_not_the_models_is_refused(
    root: Path,
    site: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    member: str,
    size: int,
    complaint: str,
) -> None:
    """No file outside the model's folder is written, and no bomb unpacked."""
    address, served = site
    with zipfile.ZipFile(served / "model.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, b"x" * size)
    offer(monkeypatch, replace(MODEL, sources=(SiteSource(f"{address}/model.zip", "vosk-model-xx"),)))
    with pytest.raises(ModelError, match=complaint):
        await install(MODEL_ID, root)
    assert left_in(root) == []
    assert list(root.parent.rglob("escaped")) == []


async def test_site_that_has_no_model_or_is_away_costs_one_line(
    root: Path, site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing page and a closed port are told and passed over."""
    address, _ = site
    sources = tuple(SiteSource(f"{base}/model.zip", "x") for base in (address, "http://127.0.0.1:9"))
    offer(monkeypatch, replace(MODEL, sources=sources))
    told: list[str] = []
    with pytest.raises(ModelError):
        await install(MODEL_ID, root, told.append)
    assert [line.split(" cannot be had: ")[0] for line in told] == [
        f"{address}/model.zip",
        "http://127.0.0.1:9/model.zip",
    ]


async def test_interrupted_installation_leaves_nothing_that_looks_installed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled in the middle of a download, it clears up after itself."""
    reached = asyncio.Event()
    over = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"PK")
        reached.set()
        await over.wait()
        return response

    application = web.Application()
    application.router.add_get("/model.zip", slow)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/model.zip"
    offer(monkeypatch, replace(MODEL, sources=(SiteSource(address, "x"),)))
    installing = asyncio.create_task(install(MODEL_ID, root))
    await reached.wait()
    installing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await installing
    over.set()
    await runner.cleanup()
    assert left_in(root) == []


async def test_leftovers_of_a_killed_installation_are_cleared_away(root: Path, offered: Path) -> None:
    """What a kill -9 left behind is neither installed nor kept."""
    write_model(root / f".{MODEL_ID}.killed", {"am/final.mdl": b"half"})
    assert installed_models(root) == []
    await install(MODEL_ID, root, directories=(offered,))
    assert left_in(root) == [MODEL_ID]


async def test_two_installations_at_once_share_one_result(root: Path, offered: Path) -> None:
    """The second waits for the first and finds the model there."""
    told: list[str] = []
    await asyncio.gather(*(install(MODEL_ID, root, told.append, directories=(offered,)) for _ in range(2)))
    assert told.count(f"{MODEL_ID} has been installed by another process") == 1
    assert verify(MODEL_ID, root) == []


def test_commands_list_install_and_verify(root: Path, offered: Path) -> None:
    """The command line shows the state, installs, verifies, and fails with a cure."""
    runner = CliRunner()
    at_root = ["--root", str(root)]
    assert "MISSING" in runner.invoke(app, ["list", *at_root]).output
    failed = runner.invoke(app, ["install", MODEL_ID, *at_root])
    assert (failed.exit_code, "no source has vosk-xx" in failed.output) == (1, True)
    assert runner.invoke(app, ["install", MODEL_ID, *at_root, "--directory", str(offered)]).exit_code == 0
    assert "INSTALLED" in runner.invoke(app, ["list", *at_root]).output
    assert runner.invoke(app, ["verify", *at_root]).output == f"{MODEL_ID} is whole\n"
    (root / MODEL_ID / "am" / "final.mdl").unlink()
    told = ModelPlaces(root.parent / "told", offered)
    assert runner.invoke(app, ["install", MODEL_ID], obj=lambda: told).exit_code == 0
    assert "INSTALLED" in runner.invoke(app, ["list"], obj=lambda: told).output
    broken = runner.invoke(app, ["verify", *at_root])
    assert broken.exit_code == 1
    assert f"run: callcenter models install {MODEL_ID}" in broken.output
