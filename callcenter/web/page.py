"""The console as its build left it: one document for all of the page's own addresses, and the files that it
loads, each named by its content."""

from __future__ import annotations

from pathlib import Path

from aiohttp import hdrs, web

from callcenter.console_build import CURE, is_built

PAGES = (
    *("/", "/login", "/desk", "/history", "/reports", "/calls/{call_id}"),
    *("/flows", "/prompts", "/queues", "/agents", "/calendars", "/reasons"),
    *("/planning", "/trunks", "/caller-lists"),
    *("/settings-files", "/health", "/users", "/audit", "/widget"),
)
"""The page's own addresses: the routes of agents_console/src/router.ts."""

FOR_EVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"

_NOT_BUILT = f"""<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>callcenter</title>
<h1>页面尚未构建 · The page has not been built</h1>
<p>服务已在运行，电话不受影响。The centre is up and calls go on; only the page is missing.</p>
<p>-&gt; {CURE}</p>
</html>
"""


def add_page(app: web.Application, console_dir: Path) -> None:
    """Serve the page that is in ``console_dir`` at the time of asking; without one, what to do about it."""

    async def page(_: web.Request) -> web.StreamResponse:
        if not is_built(console_dir):
            return web.Response(status=503, text=_NOT_BUILT, content_type="text/html", charset="utf-8")
        return web.FileResponse(console_dir / "index.html", headers={hdrs.CACHE_CONTROL: ASK_EACH_TIME})

    async def asset(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        file = console_dir / "assets" / name
        if "/" in name or name.startswith(".") or not file.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(file, headers={hdrs.CACHE_CONTROL: FOR_EVER})

    for path in PAGES:
        app.router.add_get(path, page)
    app.router.add_get("/assets/{name}", asset)
