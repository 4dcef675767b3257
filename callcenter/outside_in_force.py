"""What flows can ask and tell of other systems, and the lists of callers, kept in step with the settings and
with the store."""

from __future__ import annotations

import os
from collections.abc import Mapping

from callcenter import assembly
from callcenter.adapters.postgres.pool import Database
from callcenter.caller_lists.service import CallerListService, ListsInForce
from callcenter.caller_lists.store import PostgresCallerListStore
from callcenter.controller.messages import CallerListsChanged
from callcenter.controller.outside_jobs import OutsideJobs
from callcenter.controller.shell import Controller
from callcenter.look_ups.service import LookUpService
from callcenter.look_ups.store import PostgresKnowledge
from callcenter.outgoing import Outgoing
from callcenter.places import Places
from callcenter.ports import Clock, TicketStore
from callcenter.settings import Settings
from callcenter.webhooks.service import WebhookService


class OutsideInForce:
    """Made by the settings of the start; ``lists`` are known from then on, ``run`` keeps them so."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        places: Places,
        clock: Clock,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        store = PostgresCallerListStore(database)
        plan = assembly.numbering(settings).plan
        self.lists = ListsInForce(store, places.caller_lists, plan)
        self.caller_lists = CallerListService(store, settings.caller_lists, clock, plan)
        self.caller_lists.changed = self.lists.look
        self._clock = clock
        self._outgoing = Outgoing()
        self._look_ups = LookUpService(PostgresKnowledge(database), self._outgoing, environment)
        self._webhooks = WebhookService(self._outgoing, environment, clock)
        self.reconfigure(settings)

    def jobs(self, tickets: TicketStore) -> OutsideJobs:
        """Whoever carries out what the Centre asks of other systems."""
        return OutsideJobs(self._look_ups, self._webhooks, tickets, self._clock)

    def reconfigure(self, settings: Settings) -> None:
        """Ask and tell by these settings from now on."""
        self._look_ups.reconfigure(settings.look_ups)
        self._webhooks.reconfigure(settings.webhooks)
        self.caller_lists.names = settings.caller_lists

    async def run(self, control: Controller) -> None:
        """Tell the Centre of every change of the lists, for ever."""
        await self.lists.run(lambda known: control.post(CallerListsChanged(known)))

    async def close(self) -> None:
        """End all connections."""
        await self._outgoing.close()
