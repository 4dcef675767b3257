"""REST requests and their answers, as they travel over a websocket (RESTRequest and RESTResponse)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

log = structlog.get_logger(__name__)

CONNECTION_LOST = 0
"""Status of a request whose answer can no longer come; it may or may not have been carried out."""
TIMED_OUT = -1
"""Status of a request that was not answered in time; it may still be carried out."""
NO_SUCH_LEG = "Channel not found"
LEFT_STASIS = (409, 422)
"""What Asterisk answers for a channel that is not, or no longer, in the application."""


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One ARI request; `body` becomes JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RestResponse:
    """An HTTP status, or CONNECTION_LOST or TIMED_OUT; `body` as Asterisk sent it."""

    status: int
    reason: str = ""
    body: str = ""

    @property
    def ok(self) -> bool:
        """Whether Asterisk did it."""
        return 200 <= self.status < 300

    @property
    def told(self) -> str:
        """What came of it, for people."""
        return f"the switch answered {self.status}: {self.reason}" if self.status > 0 else self.reason

    @property
    def not_there(self) -> bool:
        """Whether it tells of a leg, or a bridge, that does not exist."""
        return self.status == 404 or NO_SUCH_LEG in self.body

    def json(self) -> Any:
        """The decoded body."""
        return orjson.loads(self.body)


OnResponse = Callable[[RestResponse], None]
Asked = tuple[RestRequest, OnResponse]


def unheard(response: RestResponse) -> None:
    """For requests on whose answer nothing hangs."""


def decode_message(text: bytes | memoryview) -> Mapping[str, Any]:
    """The JSON object in a message; an empty one when it is anything else."""
    try:
        decoded = orjson.loads(text)
    except orjson.JSONDecodeError:
        decoded = None
    if isinstance(decoded, dict):
        return decoded
    log.error("switch_message_malformed", length=len(text))
    return {}


def encode_request(request_id: str, request: RestRequest) -> bytes:
    """The request as a message; its answer carries the same id."""
    message: dict[str, Any] = {
        "type": "RESTRequest",
        "transaction_id": request_id,
        "request_id": request_id,
        "method": request.method,
        "uri": request.path.lstrip("/"),
    }
    if request.query:
        message["query_strings"] = [{"name": name, "value": value} for name, value in request.query.items()]
    if request.body is not None:
        message["content_type"] = "application/json"
        message["message_body"] = orjson.dumps(request.body).decode()
    return orjson.dumps(message)
