"""Reads the switch's truth after a connect and makes one SwitchConnected of it.

Order matters: what happened before our first answer is told before SwitchConnected, what happened after it
is held back until SwitchConnected has been told. So a leg in `legs` that has meanwhile gone is always
followed by its LegEnded, and no leg that lives is missing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from callcenter.adapters.asterisk.decode import TRUNK, Json, arrival, instant, leg_variables
from callcenter.adapters.asterisk.rest import RestRequest, RestResponse
from callcenter.domain.switch import BridgeFact, LegFact, SwitchConnected

QUESTIONS = (
    RestRequest("GET", "/asterisk/info", {"only": "status"}),
    RestRequest("GET", "/endpoints/PJSIP"),
    RestRequest("GET", "/bridges"),
    RestRequest("GET", "/channels"),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What Asterisk answered: its start time, endpoints, bridges and channels."""

    started_at: str
    endpoints: list[Json]
    bridges: list[Json]
    channels: list[Json]


class Reconciliation:
    """Asks the QUESTIONS and calls `on_truth` once all are answered, or `on_failure` once one is not."""

    def __init__(
        self,
        request: Callable[[RestRequest, Callable[[RestResponse], None]], None],
        *,
        on_truth: Callable[[Truth], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self._request, self._on_truth, self._on_failure = request, on_truth, on_failure
        self._answers: list[RestResponse] = []
        self._over = False

    @property
    def answered(self) -> bool:
        """From the first answer on, events must be held back."""
        return bool(self._answers)

    def start(self) -> None:
        """Ask."""
        for question in QUESTIONS:
            self._request(question, self._take)

    def abandon(self) -> None:
        """The connection is gone: call nothing any more."""
        self._over = True

    def _take(self, response: RestResponse) -> None:
        if self._over:
            return
        if not response.ok:
            self._over = True
            self._on_failure(f"{response.status} {response.reason}")
            return
        self._answers.append(response)
        if len(self._answers) == len(QUESTIONS):
            self._over = True
            info, endpoints, bridges, channels = (answer.json() for answer in self._answers)
            self._on_truth(Truth(info["status"]["startup_time"], endpoints, bridges, channels))


def switch_connected(
    truth: Truth, *, app: str, lines: Collection[str], at: int, restarted: bool
) -> SwitchConnected:
    """The event that the truth amounts to.

    A channel that is still in the dialplan, before the application, is left out: its arrival is yet to come.
    """
    legs = tuple(fact for channel in truth.channels if (fact := _leg(channel, app)) is not None)
    bridges = tuple(BridgeFact(bridge["id"], tuple(bridge["channels"])) for bridge in truth.bridges)
    phones = frozenset(
        endpoint["resource"]
        for endpoint in truth.endpoints
        if endpoint["state"] == "online" and endpoint["resource"] not in lines
    )
    return SwitchConnected(at=at, legs=legs, bridges=bridges, reachable_phones=phones, restarted=restarted)


def _leg(channel: Json, app: str) -> LegFact | None:
    variables = leg_variables(channel)
    args = _stasis_args(channel, app)
    if args is None and variables is None:
        return None
    arrived = None
    match args:
        case [how, trunk, did, *_] if how == TRUNK:
            arrived = arrival(channel, trunk, did, instant(channel["creationtime"]))
        case _:
            pass
    return LegFact(channel["id"], channel["state"] == "Up", variables or {}, arrived)


def _stasis_args(channel: Mapping[str, Any], app: str) -> list[str] | None:
    """The arguments with which the channel is in our application, or None when it is not."""
    dialplan = channel["dialplan"]
    if dialplan.get("app_name") != "Stasis":
        return None
    name, *args = dialplan.get("app_data", "").split(",")
    return args if name == app else None
