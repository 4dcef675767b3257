"""The built console as the web serves it, and what is told when there is none."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from web_twin import PAGE, SCRIPT, Twin, build_page
from yarl import URL

from callcenter import console_build
from callcenter.cli.doctor import check_page
from callcenter.web.page import PAGES

SOURCES = Path(__file__).resolve().parents[2] / "agents_console"


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    build_page(tmp_path / "console")
    async with Twin(tmp_path).serving() as twin:
        yield twin


@pytest.mark.parametrize("path", PAGES)
async def test_every_address_of_the_page_is_its_document(twin: Twin, path: str) -> None:
    """A reload anywhere in the page brings the document, which is asked for anew each time."""
    async with twin.caller() as client, client.get(path.format(call_id="c1.0")) as response:
        assert await response.text() == PAGE
        assert response.content_type == "text/html"
        assert response.headers["Cache-Control"] == "no-cache"


def test_the_addresses_are_those_of_the_router() -> None:
    """What the page's router knows can be loaded from the server, and nothing else."""
    routes = "".join((SOURCES / f"src/{name}.ts").read_text(encoding="utf-8") for name in ("router", "pages"))
    known = re.findall(r'path: "(/[a-zA-Z/:-]*)"', routes)
    assert {path.replace(":callId", "{call_id}") for path in known} == set(PAGES)


async def test_files_named_by_their_content_are_kept(twin: Twin) -> None:
    """They come compressed and are never asked for again; what is not there is not remembered as missing."""
    async with twin.caller() as client:
        async with client.get("/assets/page-1a2b.js") as response:
            assert await response.text() == SCRIPT
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.content_type.endswith("/javascript")
            assert "immutable" in response.headers["Cache-Control"]
        async with client.get("/assets/page-0000.js") as response:
            assert response.status == 404
            assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../index.html",
        "/assets/%2e%2e/index.html",
        "/assets/..%2findex.html",
        "/assets/..%2f.sources",
        "/assets/.sources",
        "/assets/",
        "/assets",
        "/.sources",
        "/src/main.ts",
    ],
)
async def test_only_the_page_is_served(twin: Twin, path: str) -> None:
    """Nothing outside the page's files can be had, and no listing of them."""
    async with twin.caller() as client, client.get(URL(twin.base + path, encoded=True)) as response:
        assert response.status in {403, 404}


async def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    """The centre serves its API; the page tells the cure, and is there as soon as it is built."""
    async with Twin(tmp_path).serving() as twin, twin.caller("sue") as client:
        async with client.get("/desk") as response:
            assert response.status == 503
            assert "sh scripts/console.sh build" in await response.text()
            assert response.headers["Cache-Control"] == "no-store"
        async with client.get("/api/view") as response:
            assert response.status == 200
        build_page(twin.console_dir)
        async with client.get("/desk") as response:
            assert await response.text() == PAGE


def test_the_doctor_tells_of_a_missing_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no obstacle to a start; the cure is told."""
    monkeypatch.setattr(console_build, "BUILT_PAGE", tmp_path / "dist")
    missing = check_page()
    assert missing.ok
    assert "scripts/console.sh build" in missing.cure
    build_page(tmp_path / "dist")
    assert not check_page().cure


def test_page_has_nothing_inline_or_foreign() -> None:
    """The page obeys the server's policy: no inline script or style, nothing from elsewhere."""
    text = (SOURCES / "index.html").read_text(encoding="utf-8")
    assert "http" not in text
    assert "style=" not in text
    assert "<style" not in text
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
