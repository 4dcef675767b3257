"""Who may have the widget: the settings, the headers of each path, the script, and the session's cookies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from web_twin import Twin, build_page

from callcenter.settings import Settings, load_settings
from callcenter.web.page import PAGES
from callcenter.web.widget import Embedding
from located_yaml import Mistakes

SHIPPED = Path(__file__).parents[2] / "config"
CRM, ORDERS, FOREIGN = "https://crm.example", "https://orders.example:8443", "https://elsewhere.example"
LISTED = Embedding((CRM, ORDERS))
ACROSS = Embedding((CRM,), across_sites=True)
NOBODY = "frame-ancestors 'none'"


def settings_with(tmp_path: Path, widget: str) -> Settings:
    """The shipped settings with this section."""
    directory = Path(shutil.copytree(SHIPPED, tmp_path / "config"))
    (directory / "widget.yaml").write_text(f"widget:\n{widget}", encoding="utf-8")
    return load_settings(directory)


def test_nobody_has_the_widget_unless_the_settings_say_so() -> None:
    """As shipped, it is off."""
    assert load_settings(SHIPPED).widget.origins == ()


def test_origins_are_taken_as_browsers_write_them(tmp_path: Path) -> None:
    """In small letters, without the usual port; this machine may do without https."""
    written = "['HTTPS://CRM.Example:443', 'http://127.0.0.2:8001', 'http://localhost']"
    found = settings_with(tmp_path, f"  origins: {written}\n").widget
    assert found.origins == (CRM, "http://127.0.0.2:8001", "http://localhost")


@pytest.mark.parametrize(
    ("widget", "place", "told"),
    [
        ("  origins:\n    - https://crm.example\n    - crm.example\n", "4:", "is written https://crm.example"),
        ("  origins: ['https://*.crm.example']\n", "2:", "without wildcards"),
        ("  origins: ['*']\n", "2:", "is written"),
        ("  origins: ['https://crm.example/']\n", "2:", "leave out what follows"),
        ("  origins: ['https://crm.example?x']\n", "2:", "leave out what follows"),
        ("  origins: ['https://ann@crm.example']\n", "2:", "leave out what follows"),
        ("  origins: ['https://crm.example:port']\n", "2:", "is written"),
        ("  origins: [\"https://crm.example; script-src *\"]\n", "2:", "is written"),
        ("  origins: ['http://crm.example']\n", "2:", "https is needed"),
        ("  origins:\n    - https://crm.example\n    - https://CRM.example\n", "4:", "stands here twice"),
        ("  across_sites: true\n", "2:", "says nothing without"),
        ("  origin: https://crm.example\n", "2:", "origins"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(tmp_path: Path, widget: str, place: str, told: str) -> None:
    """Nothing that is no origin gets into a header, and each mistake is told where it stands."""
    with pytest.raises(Mistakes) as wrong:
        settings_with(tmp_path, widget)
    (mistake,) = wrong.value.found
    assert f"widget.yaml:{place}" in str(mistake)
    assert told in str(mistake)


async def test_only_the_page_of_the_widget_may_be_framed_and_only_by_the_listed(tmp_path: Path) -> None:
    """Every other path says that nobody may, and is for its own origin only."""
    build_page(tmp_path / "console")
    async with Twin(tmp_path, embedding=LISTED).serving() as twin, twin.caller() as client:
        for path in (*PAGES, "/api/widget", "/api/me", "/assets/page-1a2b.js", "/widget/", "/nothing"):
            async with client.get(path) as response:
                policy = response.headers["Content-Security-Policy"]
                framed = path == "/widget"
                assert policy.endswith(f"frame-ancestors {CRM} {ORDERS}" if framed else NOBODY), path
                assert ("X-Frame-Options" in response.headers) is not framed, path
                assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin", path


async def test_without_origins_nobody_frames_the_widget(tmp_path: Path) -> None:
    """As long as the settings name nobody, it is a page like all others, and there is no script."""
    build_page(tmp_path / "console")
    async with Twin(tmp_path).serving() as twin, twin.caller() as client:
        async with client.get("/widget") as response:
            assert response.headers["Content-Security-Policy"].endswith(NOBODY)
            assert response.headers["X-Frame-Options"] == "DENY"
        async with client.get("/widget.js", headers={"Origin": CRM}) as response:
            assert response.status == 403
        async with client.get("/api/widget") as response:
            assert await response.json() == {"origins": []}


async def test_a_reload_of_the_settings_is_in_force_at_once(tmp_path: Path) -> None:
    """Whoever is struck off the list gets nothing more."""
    async with Twin(tmp_path, embedding=LISTED).serving() as twin, twin.caller() as client:
        twin.embedding = Embedding((ORDERS,))
        async with client.get("/api/widget") as response:
            assert await response.json() == {"origins": [ORDERS]}
        async with client.get("/widget") as response:
            assert response.headers["Content-Security-Policy"].endswith(f"frame-ancestors {ORDERS}")


@pytest.mark.parametrize("origin", [FOREIGN, "null", "https://crm.example.evil.test", None])
async def test_the_script_is_for_the_listed_only(tmp_path: Path, origin: str | None) -> None:
    """A page must say who it is and be on the list; the answer is remembered for nobody else."""
    build_page(tmp_path / "console")
    (tmp_path / "console/widget.js").write_text("var Callcenter;", encoding="utf-8")
    async with Twin(tmp_path, embedding=LISTED).serving() as twin, twin.caller() as client:
        async with client.get("/widget.js", headers={"Origin": origin} if origin else {}) as response:
            assert (response.status, (await response.json())["code"]) == (403, "not_embeddable")
            assert response.headers["Vary"] == "Origin"
            assert "Access-Control-Allow-Origin" not in response.headers
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        async with client.get("/widget.js", headers={"Origin": CRM}) as response:
            assert await response.text() == "var Callcenter;"
            assert response.headers["Access-Control-Allow-Origin"] == CRM
            assert response.headers["Vary"] == "Origin"
            assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(("embedding", "name"), [(LISTED, "session"), (ACROSS, "widget_session")])
async def test_the_cookie_of_a_log_in_in_the_widget(tmp_path: Path, embedding: Embedding, name: str) -> None:
    """On one site it is that of the console; else one that is sent there, kept apart by site."""
    asked = {"name": "amy", "password": "amy-secret", "client": "widget"}
    async with Twin(tmp_path, embedding=embedding).serving() as twin, twin.caller() as client:
        async with client.post("/api/login", json=asked) as response:
            cookie = response.headers["Set-Cookie"]
            assert (await response.json())["token"] is None
        assert cookie.startswith(f"{name}=")
        assert "HttpOnly" in cookie
        across = {"SameSite=None", "Secure", "Partitioned"} <= set(cookie.split("; "))
        assert across is embedding.across_sites
        assert ("SameSite=Strict" in cookie) is not embedding.across_sites
        sent = {"Cookie": f"session=of-a-session-that-is-over; {cookie.partition(';')[0]}"}
        if embedding.across_sites:
            async with client.get("/api/me", headers=sent) as response:
                assert (await response.json())["viewer"]["name"] == "amy"


async def test_a_log_in_at_the_console_stays_strict(tmp_path: Path) -> None:
    """Whatever pages have the widget."""
    asked = {"name": "amy", "password": "amy-secret"}
    async with (
        Twin(tmp_path, embedding=ACROSS).serving() as twin,
        twin.caller() as client,
        client.post("/api/login", json=asked) as response,
    ):
        assert response.headers["Set-Cookie"].startswith("session=")
        assert "SameSite=Strict" in response.headers["Set-Cookie"]


async def test_the_cookie_of_the_widget_proves_no_change(tmp_path: Path) -> None:
    """As with the console's: another page that brings it along lacks the second token."""
    asked = {"name": "amy", "password": "amy-secret", "client": "widget"}
    async with Twin(tmp_path, embedding=ACROSS).serving() as twin, twin.caller() as client:
        async with client.post("/api/login", json=asked) as response:
            sent = {"Cookie": response.headers["Set-Cookie"].partition(";")[0]}
            token = (await response.json())["csrf_token"]
        async with client.post("/api/agents/1001/ready", headers=sent) as response:
            assert (response.status, (await response.json())["code"]) == (403, "csrf")
        named = {**sent, "X-CSRF-Token": token}
        async with client.post("/api/agents/1001/ready", headers={**named, "Origin": CRM}) as response:
            assert (response.status, (await response.json())["code"]) == (403, "foreign_origin")
        async with client.post("/api/logout", headers=named) as response:
            gone = response.headers.getall("Set-Cookie")
        assert any(one.startswith("widget_session=") and "Partitioned" in one for one in gone)
