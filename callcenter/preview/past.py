"""What a made-up hotline did in the days before: whole lives of calls, for looking at pages that look back,
and for measuring them. The same seed makes the same past.

Dice are allowed here: this is a stage play, not part of the centre.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acd.agent import Rule
from acd.explain import Candidate, ChosenBy, Decision, Removal
from callcenter.domain import events as e
from callcenter.domain.events import QueueOutcome as Q

QUEUES = {"general": ("1001", "1002", "1003", "1004", "1009", "1011", "1012"), "complaint": ("1003", "1007")}
QUEUES |= {"policy": ("1002", "1006", "1008", "1012"), "korean": ("1005", "1010")}
SHARES = (10, 4, 5, 2)
NAMES = ("张伟", "刘洋", "杨静", "黄敏", "徐磊", "朱琳", "이민호", "", "", "")
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SOUND_MS = 24_000
"""The one recording that all made-up calls share."""
SOUND = "made-up-both.wav"
SAID: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("agent", 600, ("您好，", "市民热线，", "请问", "有什么", "可以帮您？")),
    ("caller", 4_200, ("你好，", "我们小区", "门口的", "路灯", "坏了", "好几天了。")),
    ("agent", 9_800, ("请问", "是哪个", "小区呢？")),
    ("caller", 12_600, ("幸福路", "十八号，", "晚上", "老人走路", "不安全。")),
    ("agent", 17_400, ("好的，", "已经为您", "登记，", "三个工作日内", "会有人", "联系您。")),
)
_WORD_MS = 480


@dataclass(slots=True)
class _Agent:
    free_at: int
    presence: str = "logged_out"


class MadeUpPast:
    """Lives of calls, in the order in which the calls arrived; each is told to its end at once."""

    def __init__(self, since_at: int, until_at: int, calls: int, *, seed: int = 12345) -> None:
        self._since, self._until, self._calls = since_at, until_at, calls
        self._dice = random.Random(seed)  # noqa: S311 - a stage play
        self._agents = {agent: _Agent(since_at) for agents in QUEUES.values() for agent in agents}

    def lives(self) -> Iterator[list[e.DomainEvent]]:
        """First the agents log in, then call by call, at last the agents log out."""
        yield [self._presence(agent_id, "ready", self._since) for agent_id in sorted(self._agents)]
        for number, at in enumerate(self._arrivals(), 1):
            yield self._life(f"past-{number:07d}", at)
        until = max(self._until, *(agent.free_at for agent in self._agents.values()))
        yield [self._presence(agent_id, "logged_out", until) for agent_id in sorted(self._agents)]

    def _arrivals(self) -> Sequence[int]:
        """More by day than by night."""
        dice, span = self._dice, self._until - self._since
        found: list[int] = []
        while len(found) < self._calls:
            at = self._since + int(dice.random() * span)
            hour = ((at + 8 * HOUR_MS) % DAY_MS) / HOUR_MS  # in Shanghai
            if dice.random() < 0.15 + 0.85 * max(0.0, math.sin((hour - 6) / 15 * math.pi)):
                found.append(at)
        return sorted(found)

    def _presence(self, agent_id: str, now_is: str, at: int, call_id: str | None = None) -> e.DomainEvent:
        self._agents[agent_id].presence = now_is
        return e.PresenceChanged(at, agent_id, now_is, "", call_id)

    def _life(self, call: str, at: int) -> list[e.DomainEvent]:
        dice = self._dice
        queue = dice.choices(list(QUEUES), SHARES)[0]
        language = "ko" if queue == "korean" else "zh"
        number = f"1{dice.choice('35789')}{dice.randrange(10**9):09d}"
        did = "96181" if language == "ko" else "12345"
        life: list[e.DomainEvent] = [
            e.CallArrived(
                at,
                call,
                f"{call}.c",
                "city",
                did,
                number,
                number,
                dice.choice(NAMES),
                False,
                language,
                "hotline",
            ),
            e.NodeEntered(at + 200, call, "hotline", "1", "welcome"),
            e.NodeEntered(at + 3_100, call, "hotline", "1", "menu"),
        ]
        asks_at = at + 4_000 + dice.randrange(6_000)
        if dice.random() < 0.08:
            return [*life, e.CallEnded(asks_at, call, e.EndedBy.CALLER, "hung up in the flow")]
        life.append(e.KeyPressed(asks_at - 20, call, str(list(QUEUES).index(queue) + 1)))
        life.append(e.CallQueued(asks_at, call, queue, asks_at, 0))
        return [*life, *self._waits(call, queue, asks_at)]

    def _waits(self, call: str, queue: str, at: int) -> list[e.DomainEvent]:
        dice = self._dice
        agent_id = min(QUEUES[queue], key=lambda one: self._agents[one].free_at)
        rung_at = max(at + 300, self._agents[agent_id].free_at)
        answers_at = rung_at + 1_500 + dice.randrange(6_000)
        patience_ms = int(dice.expovariate(1 / 90_000)) + 2_000
        if answers_at - at > patience_ms:
            left = at + patience_ms
            outcome = Q.SHORT_ABANDONED if patience_ms < 5_000 else Q.ABANDONED
            return [
                e.QueueLeft(left, call, queue, outcome, patience_ms),
                e.CallEnded(left, call, e.EndedBy.CALLER, "gave up"),
            ]
        offer = f"{call}.o1"
        return [
            e.OfferMade(
                rung_at, call, offer, queue, agent_id, f"{call}.a", self._why(call, queue, at, rung_at)
            ),
            self._presence(agent_id, "offered", rung_at, call),
            e.OfferEnded(answers_at, call, offer, queue, agent_id, "accepted"),
            e.QueueLeft(answers_at, call, queue, Q.ANSWERED, answers_at - at),
            *self._talks(call, queue, agent_id, answers_at),
        ]

    def _why(self, call: str, queue: str, asks_at: int, rung_at: int) -> dict[str, Any]:
        """The stored reason: whoever was free for the longest."""
        ranked = sorted((self._agents[agent_id].free_at, agent_id) for agent_id in QUEUES[queue])
        free = [(at, agent_id) for at, agent_id in ranked if at <= rung_at]
        busy = tuple(agent_id for at, agent_id in ranked if at > rung_at)
        return Decision(
            call_id=call,
            agent_id=ranked[0][1],
            queue=queue,
            at=rung_at,
            config_version="made-up",
            chosen_by=ChosenBy.CALL,
            strategy="longest_idle",
            queued_at=asks_at,
            order_at=asks_at,
            relaxed=0,
            requirements=(),
            candidates=tuple(Candidate(agent_id, (1, at - rung_at)) for at, agent_id in free),
            candidate_count=len(free),
            removed=(Removal(Rule.BUSY, "on_call", len(busy), busy),) if busy else (),
            competing=(),
            competing_count=0,
            call_choice="priority",
        ).to_dict()

    def _talks(self, call: str, queue: str, agent_id: str, at: int) -> list[e.DomainEvent]:
        dice = self._dice
        hold_ms = dice.choice((0, 0, 0, 8_000))
        ends_at = at + SOUND_MS + hold_ms + int(dice.lognormvariate(4.2, 0.7) * 1000)
        wrap_up_ms = 6_000 + dice.randrange(40_000)
        self._agents[agent_id].free_at = ends_at + wrap_up_ms
        events: list[e.DomainEvent] = [
            e.AgentConnected(at, call, agent_id, f"{call}.a", queue),
            self._presence(agent_id, "on_call", at, call),
            e.RecordingBegan(at, call, f"{call}.r", call, False),
        ]
        if hold_ms:
            events.append(e.CallHeld(at + 12_000, call, agent_id))
            events.append(e.CallRetrieved(at + 12_000 + hold_ms, call, agent_id))
        events.append(e.AgentReleased(ends_at, call, agent_id, queue, ends_at - at - hold_ms, hold_ms))
        events.append(self._presence(agent_id, "wrap_up", ends_at, call))
        if dice.random() < 0.5:
            events.append(e.SurveyOffered(ends_at, call, "hotline", "rate", queue, [agent_id]))
            if dice.random() < 0.6:
                score = dice.choices((5, 4, 3, 1), (70, 20, 6, 4))[0]
                events.append(
                    e.SurveyAnswered(ends_at + 6_000, call, "service", score, score > 3, counts=True)
                )
        return [
            *events,
            e.CallEnded(ends_at + 7_000, call, e.EndedBy.CALLER, "normal"),
            e.TicketLinked(ends_at + 7_100, call, f"T{call}", opened=True),
            e.WrapUpEnded(ends_at + wrap_up_ms, call, agent_id, queue, wrap_up_ms),
            self._presence(agent_id, "ready", ends_at + wrap_up_ms),
        ]


def sound_of(call: str, at: int) -> list[e.DomainEvent]:
    """What is told of the recording of a made-up call that was answered."""
    stored = e.RecordingStored(at, call, f"{call}.r", SOUND, "0" * 64, SOUND_MS, 8_000, (-21.0, -22.5))
    heard: list[e.DomainEvent] = [stored]
    for leg in ("caller", "agent"):
        segments = [_segment(began_ms, words) for side, began_ms, words in SAID if side == leg]
        text = "".join(word for side, _, words in SAID if side == leg for word in words)
        heard.append(
            e.TranscriptStored(at + 900, call, f"{call}.r", leg, "zh", "vosk", "made-up", text, segments)
        )
    return heard


def write_sound(path: Path) -> None:
    """Lay down the recording that all made-up calls share: a murmur wherever one of both speaks."""
    import numpy as np
    import soundfile

    rate = 8_000
    time = np.arange(rate * SOUND_MS // 1000) / rate
    sound = np.zeros((time.size, 2))
    for side, began_ms, words in SAID:
        channel, hz = (0, 190.0) if side == "caller" else (1, 140.0)
        for place in range(len(words)):
            began = (began_ms + place * _WORD_MS) * rate // 1000
            span = slice(began, began + _WORD_MS * rate // 1000 * 9 // 10)
            swell = np.sin(np.linspace(0, np.pi, time[span].size))
            sound[span, channel] = 0.3 * swell * np.sin(2 * np.pi * hz * time[span])
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, rate, subtype="PCM_16")


def _segment(began_ms: int, words: Sequence[str]) -> dict[str, Any]:
    spans = [(began_ms + place * _WORD_MS, began_ms + (place + 1) * _WORD_MS) for place in range(len(words))]
    return {
        "text": "".join(words),
        "words": [
            {"text": word, "start_ms": start, "end_ms": end, "confidence": 1.0}
            for word, (start, end) in zip(words, spans, strict=True)
        ],
        "start_ms": spans[0][0],
        "end_ms": spans[-1][1],
    }
