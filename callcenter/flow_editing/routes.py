"""Flows over HTTP: written, tried, published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from aiohttp import web

from callcenter.audit.model import AuditDeed
from callcenter.domain.events import FlowsRefused
from callcenter.flow_editing.beginning import UnfitName
from callcenter.flow_editing.bench import BeyondBounds
from callcenter.flow_editing.publishing import Done, NoAnswer
from callcenter.flow_editing.service import FlowEditing
from callcenter.flow_editing.shown import entry_on_wire, overview_on_wire
from callcenter.flow_editing.working_set import Conflict
from callcenter.flow_versions import model
from callcenter.flow_versions.model import Action, Doing, NotNow, State
from callcenter.flow_versions.store import FlowStoreError
from callcenter.web import wire_flows as wire
from callcenter.web.access import Access, Route, session_of
from callcenter.web.noting import ABOUT, Noted
from callcenter.web.problems import ApiProblem
from callcenter.web.requests import answer, read_body, read_query
from callcenter.web.wire import Wire
from located_yaml import Mistakes

MOST_BYTES: Final = 1 << 20
"""Of all flows and tests that are sent at once, as JSON."""
W = TypeVar("W", bound=Wire)
Handler = Callable[[web.Request], Awaitable[web.Response]]


class FlowRoutes:
    """What an operator does with flows."""

    def __init__(self, editing: FlowEditing) -> None:
        self._editing = editing

    def table(self) -> tuple[Route, ...]:
        """Every route with its access."""
        flows, ops, no = "/api/flows", Access.OPERATION, (409, 422)
        written = Noted(AuditDeed.FLOW_WRITTEN, ("name",))
        return (
            Route("GET", flows, ops, self.overview, None, wire.FlowsAnswer),
            Route("GET", f"{flows}/versions", ops, self.versions, None, wire.FlowVersionsAnswer),
            Route(
                "GET", f"{flows}/diff", ops, self.diff, wire.FlowDiffRequest, wire.FlowDiffAnswer,
                problems=(409,),
            ),
            Route(
                "POST", f"{flows}/check", ops, self.check, wire.FlowCheckRequest, wire.FlowCheckAnswer,
                problems=no, largest=MOST_BYTES,
            ),
            Route(
                "POST", f"{flows}/test", ops, self.test, wire.FlowTestRequest, wire.FlowTestAnswer,
                problems=no, largest=MOST_BYTES,
            ),
            Route(
                "POST", f"{flows}/change", ops, self.changed, wire.FlowChangeRequest, wire.FlowChanged,
                problems=no, largest=MOST_BYTES,
            ),
            Route(
                "POST", f"{flows}/save", ops, self.save, wire.FlowSaveRequest, wire.FlowSaved, written,
                problems=no, largest=MOST_BYTES,
            ),
            Route(
                "POST", f"{flows}/new", ops, self.begin, wire.FlowNewRequest, wire.FlowSaved, written,
                problems=(409,),
            ),
            self._deed("publish", wire.FlowPublishRequest, self.publish, AuditDeed.FLOWS_PUBLISHED),
            self._deed("stage", wire.FlowStageRequest, self.stage, AuditDeed.FLOWS_STAGED),
            self._deed("finish", wire.FlowNoteRequest, self.finish, AuditDeed.FLOWS_FINISHED),
            self._deed("withdraw", wire.FlowNoteRequest, self.withdraw, AuditDeed.FLOWS_WITHDRAWN),
            self._deed("rollback", wire.FlowRollBackRequest, self.roll_back, AuditDeed.FLOWS_ROLLED_BACK),
        )  # fmt: skip

    def _deed(self, action: str, asks: type[Wire], handler: Handler, deed: AuditDeed) -> Route:
        noted = Noted(deed, ("note", "percent", "number"))
        path = f"/api/flows/{action}"
        return Route("POST", path, Access.OPERATION, handler, asks, wire.FlowsDone, noted, problems=(409,))

    async def overview(self, request: web.Request) -> web.Response:
        """GET /api/flows"""
        with _told():
            known = await self._editing.overview()
        work = self._editing.at_work
        return answer(overview_on_wire(known, work.settings, work.watch))

    async def versions(self, request: web.Request) -> web.Response:
        """GET /api/flows/versions"""
        with _told():
            entries = await self._editing.versions()
        return answer(wire.FlowVersionsAnswer(entries=[entry_on_wire(one) for one in reversed(entries)]))

    async def diff(self, request: web.Request) -> web.Response:
        """GET /api/flows/diff?old=&new="""
        asked = read_query(request, wire.FlowDiffRequest)
        with _told():
            return answer(wire.FlowDiffAnswer(lines=await self._editing.diff(asked.old, asked.new)))

    async def check(self, request: web.Request) -> web.Response:
        """POST /api/flows/check"""
        asked = await read_body(request, wire.FlowCheckRequest)
        with _told():
            return answer(await self._editing.check(_texts(asked.files), asked.shown))

    async def changed(self, request: web.Request) -> web.Response:
        """POST /api/flows/change: the text after a change made in the graph; nothing is saved"""
        asked = await read_body(request, wire.FlowChangeRequest)
        with _told():
            files = await self._editing.changed(_texts(asked.files), asked.name, asked.change)
        return answer(
            wire.FlowChanged(files=[wire.FlowText(name=name, text=text) for name, text in files.items()])
        )

    async def test(self, request: web.Request) -> web.Response:
        """POST /api/flows/test"""
        asked = await read_body(request, wire.FlowTestRequest)
        with _told():
            return answer(await self._editing.test(_texts(asked.files)))

    async def save(self, request: web.Request) -> web.Response:
        """POST /api/flows/save"""
        asked = await read_body(request, wire.FlowSaveRequest)
        with _told():
            now = await self._editing.save(asked.name, asked.text, asked.seen)
        return answer(wire.FlowSaved(name=asked.name, hash=now))

    async def begin(self, request: web.Request) -> web.Response:
        """POST /api/flows/new"""
        asked = await read_body(request, wire.FlowNewRequest)
        with _told():
            file, now = await self._editing.begin(asked.name)
        request[ABOUT] = file
        return answer(wire.FlowSaved(name=file, hash=now))

    async def publish(self, request: web.Request) -> web.Response:
        """POST /api/flows/publish"""
        asked = await read_body(request, wire.FlowPublishRequest)
        author = session_of(request).user.name
        with _told():
            done = await self._editing.publish(author, asked.note, asked.content, asked.percent)
        return _done(request, done)

    async def stage(self, request: web.Request) -> web.Response:
        """POST /api/flows/stage"""
        asked = await read_body(request, wire.FlowStageRequest)
        return await self._change(
            request, asked.note, lambda state, doing: model.share_set(state, asked.percent, doing)
        )

    async def finish(self, request: web.Request) -> web.Response:
        """POST /api/flows/finish"""
        asked = await read_body(request, wire.FlowNoteRequest)
        return await self._change(request, asked.note, model.finished)

    async def withdraw(self, request: web.Request) -> web.Response:
        """POST /api/flows/withdraw"""
        asked = await read_body(request, wire.FlowNoteRequest)
        return await self._change(request, asked.note, model.withdrawn)

    async def roll_back(self, request: web.Request) -> web.Response:
        """POST /api/flows/rollback"""
        asked = await read_body(request, wire.FlowRollBackRequest)
        return await self._change(
            request, asked.note, lambda state, doing: model.rolled_back(state, asked.number, doing)
        )

    async def _change(
        self, request: web.Request, note: str, decide: Callable[[State, Doing], Action]
    ) -> web.Response:
        author = session_of(request).user.name
        with _told():
            done = await self._editing.change(author, note, decide)
        return _done(request, done)


def _texts(files: Iterable[wire.FlowText]) -> dict[str, str]:
    return {file.name: file.text for file in files}


def _done(request: web.Request, done: Done | None) -> web.Response:
    """In force; or not, with every reason. Raises ApiProblem."""
    if done is None:
        return answer(wire.FlowsDone(number=None, unspoken=[]))
    number = done.action.number
    request[ABOUT] = f"version {number}"
    if isinstance(done.answer, FlowsRefused):
        raise ApiProblem(
            409,
            "flows_refused",
            "\n".join(done.answer.mistakes),
            f"The centre goes on as before; entry {done.action.action} of the publishing log waits. "
            "`callcenter reload` puts the settings of today in force, and then this; or roll back.",
        )
    return answer(wire.FlowsDone(number=number, unspoken=list(done.unspoken)))


@contextmanager
def _told() -> Iterator[None]:
    """Every expected failure as a problem."""
    try:
        yield
    except Conflict as conflict:
        cure = "Look at what is there now; what you wrote is kept in your page."
        raise ApiProblem(409, "changed_meanwhile", f"{conflict}.", cure) from None
    except Mistakes as wrong:
        raise ApiProblem(409, "flows_unsound", str(wrong), "Mend what is told; all is as it was.") from None
    except UnfitName as unfit:
        raise _problem(409, unfit.code, unfit) from None
    except NotNow as not_now:
        raise _problem(409, "not_now", not_now) from None
    except BeyondBounds as beyond:
        raise _problem(422, "beyond_bounds", beyond) from None
    except NoAnswer as silence:
        raise _problem(503, "no_answer", silence) from None
    except FlowStoreError as error:
        raise _problem(503, "flow_store", error) from None
    except OSError as error:
        told = f"{error.filename}: {error.strerror}"
        raise ApiProblem(503, "disk", told, "Give the centre access to it, or free some space.") from None


def _problem(status: int, code: str, error: Exception) -> ApiProblem:
    """The text is a whole message: what, then the cure."""
    what, _, cure = str(error).partition(" -> ")
    return ApiProblem(status, code, what, cure)
