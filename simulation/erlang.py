"""The theory of one queue with equal agents: Erlang B, Erlang C and Erlang A.

Loads are in erlangs (calls per second times mean handle time in seconds), times in seconds, everything else
is a probability. Arrivals are Poisson, handle times and (Erlang A) patience exponential, first come first
served. Formulas, with a the load, n the agents and s the mean handle time:

- Erlang B by its recursion, which neither overflows nor cancels: B(0) = 1, B(n) = a B(n-1)/(n + a B(n-1)).
- Erlang C: Pw = n B/(n - a (1 - B)), P(W > t) = Pw e^(-(n - a) t/s), ASA = Pw s/(n - a).
- Erlang A is M/M/n+M: C. Palm, Methods of judging the annoyance caused by congestion, Tele 2 (1953);
  O. Garnett, A. Mandelbaum, M. Reiman, Designing a call center with impatient customers, M&SOM 4 (2002);
  waits from S. Zeltyn, A. Mandelbaum, Call centers with impatient customers, Queueing Systems 51 (2005).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_ENOUGH = 1e-15
_HUGE = 1e250


@dataclass(frozen=True, slots=True)
class SteadyState:
    """What theory says of a queue in its steady state; names and meanings are those of the measures.

    ``asa_s`` is the mean wait of the answered, ``mean_wait_s`` that of all. Without a steady state (Erlang C
    with as much load as agents, or more) everybody waits for ever: waits are infinite and nobody is answered
    in time.
    """

    wait_probability: float
    service_level: float
    service_level_abandons_negative: float
    service_level_abandons_left_out: float
    service_level_abandons_positive: float
    asa_s: float
    mean_wait_s: float
    abandonment: float
    occupancy: float

    def to_dict(self) -> dict[str, float | None]:
        """JSON-able; None for an infinite wait."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value if math.isfinite(value) else None for name, value in values.items()}


def erlang_b(load: float, agents: int) -> float:
    """The probability that all agents are busy when callers who find them so leave at once.

    ValueError for a load or a number of agents below nought.
    """
    if load < 0 or agents < 0:
        raise ValueError(f"load {load} and agents {agents} must be at least 0")
    blocked = 1.0
    for agent in range(1, agents + 1):
        blocked = load * blocked / (agent + load * blocked)
    return blocked


def erlang_c(load: float, agents: int, handle_s: float, target_s: float) -> SteadyState:
    """The steady state when nobody hangs up. ValueError unless ``handle_s`` is above nought."""
    _require_positive(handle_s, "handle_s")
    if load >= agents:
        return SteadyState(1.0, 0.0, 0.0, 0.0, 0.0, math.inf, math.inf, 0.0, 1.0)
    blocked = erlang_b(load, agents)
    waits = agents * blocked / (agents - load * (1 - blocked))
    in_time = 1 - waits * math.exp(-(agents - load) * target_s / handle_s)
    wait_s = waits * handle_s / (agents - load)
    return SteadyState(waits, in_time, in_time, in_time, in_time, wait_s, wait_s, 0.0, load / agents)


def erlang_a(load: float, agents: int, handle_s: float, target_s: float, patience_s: float) -> SteadyState:
    """The steady state when callers hang up after an exponential patience with the mean ``patience_s``.

    With theta = 1/patience_s, mu = 1/handle_s, lambda = load mu, c = n mu/theta and y = lambda/theta:

    - A(c, y) = 1 + sum over j >= 1 of y^j/((c+1) ... (c+j)),
    - Pw = A B(n)/(1 + (A - 1) B(n)), P(abandon | waits) = 1/(r A) + 1 - 1/r with r = a/n,
      E[wait] = P(abandon)/theta,
    - the wait V of a caller who waits and never hung up has the density e^(lambda (1 - e^(-theta v))/theta
      - n mu v)/J(0), where J(t) = integral of it from t = e^(y - y' - n mu t) A(c, y')/(n mu) with
      y' = y e^(-theta t), and K(t) = integral of e^(-theta v) times it is the same with c + 1,
    - a caller at place q of the waiting is served with the chance n mu/(n mu + q theta), and waits the sum
      over i <= q of 1/(n mu + i theta) until then.

    ValueError unless ``handle_s`` and ``patience_s`` are above nought and there is an agent.
    """
    _require_positive(handle_s, "handle_s")
    _require_positive(patience_s, "patience_s")
    _require_positive(agents, "agents")
    if not load:
        return SteadyState(0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    served_per_s, leave_per_s = agents / handle_s, 1 / patience_s
    places, pressure = served_per_s / leave_per_s, load / handle_s / leave_per_s
    log_a = log_series(places, pressure)
    # Pw in a form that bears an A too large for a float: B/(B + (1 - B)/A).
    blocked = erlang_b(load, agents)
    waits = blocked / (blocked + (1 - blocked) * math.exp(-log_a))
    lost_if_waits = math.exp(-log_a) * agents / load + 1 - agents / load
    lost = waits * lost_if_waits

    served_if_waits = _tail(places, pressure, 1, 0.0) - _tail(places, pressure, 1, target_s * leave_per_s)
    served_in_time = 1 - waits + waits * served_if_waits
    still_there = math.exp(-target_s * leave_per_s)
    kept_waiting = _tail(places, pressure, 0, target_s * leave_per_s)
    lost_in_time = waits * (1 - still_there * kept_waiting - served_if_waits)
    asa = waits * _served_wait(served_per_s, leave_per_s, pressure) / (1 - lost)
    return SteadyState(
        wait_probability=waits,
        service_level=served_in_time / (1 - lost),
        service_level_abandons_negative=served_in_time,
        service_level_abandons_left_out=served_in_time / (1 - lost_in_time),
        service_level_abandons_positive=served_in_time + lost_in_time,
        asa_s=asa,
        mean_wait_s=lost * patience_s,
        abandonment=lost,
        occupancy=load * (1 - lost) / agents,
    )


def steady_state(
    load: float, agents: int, handle_s: float, target_s: float, patience_s: float | None = None
) -> SteadyState:
    """Erlang A with a patience, Erlang C without."""
    if patience_s is None:
        return erlang_c(load, agents, handle_s, target_s)
    return erlang_a(load, agents, handle_s, target_s, patience_s)


def log_series(places: float, pressure: float) -> float:
    """The logarithm of 1 + sum over j >= 1 of y^j/((c+1) ... (c+j)), c = ``places``, y = ``pressure``."""
    total = term = 1.0
    scale, step = 0.0, 0
    while term > total * _ENOUGH or places + step < pressure:
        step += 1
        term *= pressure / (places + step)
        total += term
        if total > _HUGE:
            term, total, scale = term / _HUGE, total / _HUGE, scale + math.log(_HUGE)
    return math.log(total) + scale


def _tail(places: float, pressure: float, more: int, decay: float) -> float:
    """J(t)/J(0) with ``more`` 0, K(t)/J(0) with ``more`` 1; ``decay`` is theta t."""
    left = pressure * math.exp(-decay)
    falling = pressure - left - (places + more) * decay
    series = log_series(places + more, left) - log_series(places, pressure)
    return math.exp(falling + series) * places / (places + more)


def _served_wait(served_per_s: float, leave_per_s: float, pressure: float) -> float:
    """E[wait; served] of a caller who waits: the mean over the place q the caller takes."""
    places = served_per_s / leave_per_s
    total = waited = until = 0.0
    term, place = 1.0, 0
    while term > total * _ENOUGH or places + place < pressure:
        place += 1
        leaving = served_per_s + place * leave_per_s
        until += 1 / leaving
        total += term
        waited += term * served_per_s / leaving * until
        term *= pressure / (places + place)
        if total > _HUGE:
            term, total, waited = term / _HUGE, total / _HUGE, waited / _HUGE
    return waited / total


def _require_positive(value: float, name: str) -> None:
    if value <= 0:
        raise ValueError(f"{name} is {value}, must be above 0")
