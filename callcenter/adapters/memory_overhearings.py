"""What the switch's twin knows of supervisors in calls: who hears whom, beside what bridges bring about."""

from typing import Any

from callcenter.adapters.memory_exchange import MemoryExchange
from callcenter.domain.overhearing import StartOverhearing, SupervisionMode
from callcenter.domain.switch import LegEndCause


class OverhearingExchange(MemoryExchange):
    """A MemoryExchange in which legs can be overheard."""

    def __init__(self, *args: Any, **known: Any) -> None:
        super().__init__(*args, **known)
        self.overhearings: dict[str, StartOverhearing] = {}
        """Those that run, by id."""
        self.silenced: set[str] = set()
        """Legs that are sent silence."""

    def forget_everything(self) -> None:
        """The switch process dies."""
        super().forget_everything()
        self.overhearings.clear()
        self.silenced.clear()

    def hang_up(self, leg_id: str, cause: LegEndCause = LegEndCause.NORMAL) -> None:
        """The leg ends, and with it who overheard it or was overheard by it."""
        self.overhearings = {
            one: heard
            for one, heard in self.overhearings.items()
            if leg_id not in (heard.leg_id, heard.by_leg_id)
        }
        self.silenced.discard(leg_id)
        super().hang_up(leg_id, cause)

    def hears(self, leg_id: str) -> frozenset[str]:
        """As MemoryExchange has it, and whom overhearings let the party hear: a supervisor hears the
        overheard party and what it hears; whoever hears a party into which a supervisor barges hears both.
        Who is sent silence hears the supervisor alone, and who is sent nothing, not even that."""
        heard = set() if leg_id in self.silenced else set(super().hears(leg_id))
        sent_nothing = not heard and leg_id not in self.silenced
        for one in self.overhearings.values():
            at_the_phone = frozenset() if one.leg_id in self.silenced else super().hears(one.leg_id)
            if one.by_leg_id == leg_id:
                heard |= {one.leg_id} | at_the_phone
            spoken_to = {
                SupervisionMode.WHISPER: {one.leg_id},
                SupervisionMode.BARGE: {one.leg_id, *at_the_phone},
            }
            if leg_id in spoken_to.get(one.mode, ()) and not sent_nothing:
                heard.add(one.by_leg_id)
        return frozenset(heard - {leg_id})

    def overhear(self, command: StartOverhearing) -> bool:
        """Begin; not at legs that ring."""
        legs = [self._legs.get(leg_id) for leg_id in (command.leg_id, command.by_leg_id)]
        if all(leg is not None and leg.answered for leg in legs):
            self.set_music(command.by_leg_id, playing=False)
            self.overhearings[command.overhearing_id] = command
            return True
        return None in legs

    def stop_overhearing(self, overhearing_id: str) -> None:
        """End it, if it runs."""
        self.overhearings.pop(overhearing_id, None)
