"""The demo's API client: it goes on while a controller is being replaced."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callcenter.demo import centre_api
from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.web.wire import AgentAction

PROBLEM = {"what": "no such call", "cure": "choose another"}


class FakeCentre:
    """Answers as scripted: a status, or None for a connection that breaks; every request is noted."""

    def __init__(self) -> None:
        self.script: list[int | None] = []
        self.asked: list[tuple[str, str | None]] = []

    async def handle(self, request: web.Request) -> web.Response:
        """Answer the next request."""
        self.asked.append((request.path, request.headers.get("Authorization")))
        status = self.script.pop(0) if self.script else 200
        if status is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if status >= 400:
            return web.json_response(PROBLEM, status=status)
        return web.json_response({"token": "secret", "kpi": []})


@pytest.fixture
def centre() -> FakeCentre:
    """A centre that does as it is told."""
    return FakeCentre()


@pytest.fixture
async def api(centre: FakeCentre, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CentreApi]:
    """A client of that centre which does not pause."""
    monkeypatch.setattr(centre_api, "PAUSE_S", 0.0)
    monkeypatch.setattr(centre_api, "LOGIN_PAUSE_S", 0.0)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", centre.handle)
    async with TestServer(app) as server, CentreApi(str(server.make_url("")).rstrip("/")) as api:
        yield api


async def test_the_session_goes_along(api: CentreApi, centre: FakeCentre) -> None:
    """After the log-in every request carries the token."""
    await api.log_in("admin", "x")
    await api.kpi()
    assert centre.asked == [("/api/login", None), ("/api/kpi", "Bearer secret")]


async def test_a_first_login_may_take_a_moment(api: CentreApi, centre: FakeCentre) -> None:
    """A new centre makes its first user in the background."""
    centre.script = [401, 200]
    await api.log_in("admin", "x")
    assert len(centre.asked) == 2


async def test_a_wrong_password_is_not_tried_until_it_locks(api: CentreApi, centre: FakeCentre) -> None:
    """The centre locks a name after five failures; the client gives up before."""
    centre.script = [401] * 10
    with pytest.raises(ApiRefused):
        await api.log_in("admin", "x")
    assert len(centre.asked) == 4


async def test_requests_outlive_a_controller(api: CentreApi, centre: FakeCentre) -> None:
    """Broken connections and a store that is away are waited out."""
    centre.script = [None, 503, None, 200]
    await api.agent("1001", AgentAction.READY)
    assert [path for path, _ in centre.asked] == ["/api/agents/1001/ready"] * 4


async def test_a_refusal_is_told_with_its_cure(api: CentreApi, centre: FakeCentre) -> None:
    """What the centre refuses is not repeated."""
    centre.script = [409]
    with pytest.raises(ApiRefused, match="no such call -> choose another"):
        await api.agent("1001", AgentAction.HOLD, {"call_id": "c1"})
    assert len(centre.asked) == 1


async def test_a_refusal_after_an_unanswered_try_means_done(api: CentreApi, centre: FakeCentre) -> None:
    """The first try was carried out, and only its answer got lost."""
    centre.script = [None, 409]
    await api.agent("1001", AgentAction.TRANSFER, {"call_id": "c1"})
    assert len(centre.asked) == 2
