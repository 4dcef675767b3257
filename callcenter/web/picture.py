"""The live picture as JSON, encoded once per change and sight, whatever the number of viewers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from callcenter.domain.kpi import TOTAL
from callcenter.web.live import (
    Entity,
    Key,
    Sight,
    agent_on_wire,
    call_on_wire,
    fairness_on_wire,
    health_on_wire,
    kpi_on_wire,
    live_call,
    parties,
    queues_on_wire,
    sight_of_agent,
    sight_of_call,
    viewer_on_wire,
)
from callcenter.web.ports import CentreView, User
from callcenter.web.wire import instant

_SHARED = (Entity.QUEUE, Entity.KPI, Entity.FAIRNESS, Entity.HEALTH)


class Picture:
    """What viewers have been or will be told, as encoded entities.

    Call ``touch`` for every agent and call that may have changed, then ``renew``, which answers what must be
    told. Queues, figures and health look alike to all and are found by comparing.
    """

    def __init__(self, view: CentreView) -> None:
        self._view = view
        self._encoded: dict[tuple[Key, Sight], bytes] = {}
        self._shared: dict[Key, bytes] = {}
        self._calls = {call.call_id for call in view.calls.values() if call.live}
        self.renew(view, ())
        self.renew_gauges(view)

    def renew(self, view: CentreView, keys: Iterable[Key]) -> list[Key]:
        """Take in the centre as it is now. The answer are those of ``keys`` that viewers must be told of
        (not a call that came and went unseen), and every queue that looks different."""
        self._view = view
        told = []
        for key in dict.fromkeys(keys):
            for sight in Sight:
                self._encoded.pop((key, sight), None)
            if key.entity is Entity.CALL:
                if live_call(view, key.id):
                    self._calls.add(key.id)
                elif key.id in self._calls:
                    self._calls.discard(key.id)
                else:
                    continue
            told.append(key)
        return told + self._compare({Key(Entity.QUEUE, queue.name): queue for queue in queues_on_wire(view)})

    def renew_gauges(self, view: CentreView) -> list[Key]:
        """Take in figures, fairness and health; the answer are those that look different."""
        gauges: dict[Key, BaseModel] = {
            Key(Entity.KPI, f"{kpi.scope}/{kpi.key}"): kpi for kpi in kpi_on_wire(view.kpi())
        }
        gauges[Key(Entity.FAIRNESS, TOTAL)] = fairness_on_wire(view)
        for health in view.health:
            gauges[Key(Entity.HEALTH, health.component)] = health_on_wire(health)
        return self._compare(gauges)

    def own(self, keys: Iterable[Key]) -> Mapping[str, set[Key]]:
        """Which of ``keys`` each agent sees open."""
        own: dict[str, set[Key]] = {}
        for key in keys:
            if key.entity is Entity.AGENT:
                own.setdefault(key.id, set()).add(key)
            elif key.entity is Entity.CALL and (call := live_call(self._view, key.id)):
                for agent_id in parties(call):
                    own.setdefault(agent_id, set()).add(key)
        return own

    def changes(
        self,
        span: tuple[int, int],
        at: int,
        keys: Iterable[Key],
        sight: Sight,
        own: Collection[Key] = (),
    ) -> bytes:
        """wire.Changes over ``span`` (after, up to) with the latest values of ``keys``; those of ``own`` are
        the viewer's own."""
        changes = [
            {
                "entity": key.entity.value,
                "id": key.id,
                "value": self._fragment(key, Sight.OWN if key in own else sight),
            }
            for key in keys
        ]
        message = {
            "type": "changes",
            "after_seq": span[0],
            "seq": span[1],
            "server_at": instant(at),
            "changes": changes,
        }
        return orjson.dumps(message)

    def snapshot(self, seq: int, at: int, viewer: User, pause_reasons: Collection[str]) -> bytes:
        """wire.Snapshot for this viewer."""
        view = self._view
        message: dict[str, Any] = {
            "type": "snapshot",
            "seq": seq,
            "server_at": instant(at),
            "viewer": viewer_on_wire(viewer).model_dump(mode="json"),
            "pause_reasons": list(pause_reasons),
            "dispositions": dict(view.dispositions),
            "agents": [
                self._fragment(Key(Entity.AGENT, agent_id), sight_of_agent(viewer, agent_id))
                for agent_id in view.agents
            ],
            "calls": [
                self._fragment(Key(Entity.CALL, call.call_id), sight_of_call(viewer, parties(call)))
                for call in view.calls.values()
                if call.live
            ],
        }
        for entity, field in ((Entity.QUEUE, "queues"), (Entity.KPI, "kpi"), (Entity.HEALTH, "health")):
            shared = [orjson.Fragment(value) for key, value in self._shared.items() if key.entity is entity]
            message[field] = shared
        message["fairness"] = self._fragment(Key(Entity.FAIRNESS, TOTAL), Sight.OPEN)
        return orjson.dumps(message)

    @property
    def shared_keys(self) -> list[Key]:
        """Every queue, figure and health, and fairness."""
        return list(self._shared)

    def _compare(self, now: Mapping[Key, BaseModel]) -> list[Key]:
        entities = {key.entity for key in now}
        changed = [key for key in self._shared if key.entity in entities and key not in now]
        for key in changed:
            del self._shared[key]
        for key, model in now.items():
            encoded = _json(model)
            if self._shared.get(key) != encoded:
                self._shared[key] = encoded
                changed.append(key)
        return changed

    def _fragment(self, key: Key, sight: Sight) -> orjson.Fragment | None:
        if key.entity in _SHARED:
            shared = self._shared.get(key)
            return None if shared is None else orjson.Fragment(shared)
        if key.entity is Entity.CALL and sight is not Sight.MASKED:
            sight = Sight.OPEN  # they look alike
        encoded = self._encoded.get((key, sight))
        if encoded is None:
            model = self._model(key, sight)
            if model is None:
                return None
            encoded = self._encoded[key, sight] = _json(model)
        return orjson.Fragment(encoded)

    def _model(self, key: Key, sight: Sight) -> BaseModel | None:
        if key.entity is Entity.AGENT:
            known = key.id in self._view.agents
            return agent_on_wire(self._view, key.id, sight) if known else None
        call = live_call(self._view, key.id)
        return call_on_wire(call, sight) if call is not None else None


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json().encode()
