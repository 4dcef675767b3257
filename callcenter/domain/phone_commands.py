"""What the switch is asked about the parties' phones themselves. Part of SwitchCommand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Press these keys (0-9, *, #, A-D) for the party of the leg, who gets them as digits."""

    leg_id: str
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnswerTransfer:
    """Tell the phone of this leg, which asked for a transfer (TransferAsked), whether it is carried out. It
    usually hangs up then; told that it is not, it keeps its party."""

    leg_id: str
    done: bool
