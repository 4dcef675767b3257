"""A scenario of the demo: its settings, its stories, and the proof that each call was routed as it should."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.demo.evidence import Evidence
from callcenter.demo.report import Problem
from callcenter.demo.scene import Scene
from callcenter.demo.stories import Story, stories
from callcenter.domain.call import Call

USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a call shows: ``claim`` says it with the figures of this run, ``wrong`` why it is not so."""

    claim: str
    wrong: tuple[str, ...] = ()


Prove = Callable[[Sequence[Scene], Sequence[Call], Evidence], Iterator[Proof]]
"""One Proof for each scene, in their order; the calls are those of the scenes."""


def _nothing(_scenes: Sequence[Scene], _calls: Sequence[Call], _found: Evidence) -> Iterator[Proof]:
    yield from ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One variant of the demo.

    ``shows`` says in a few words what it is about. The first ``agents`` agents are at work. ``overlay`` is
    laid over the demo's settings; without one, made-up colleagues complete the settings' own agents.
    ``stories`` makes the stories of a run (``callcenter.demo.stories.caller_number``).
    """

    name: str
    shows: str
    agents: int
    stories: Callable[[int], tuple[Story, ...]]
    prove: Prove = _nothing
    overlay: Path | None = None

    def proofs(self, scenes: Sequence[Scene], found: Evidence) -> list[Proof]:
        """What the calls show; nothing when the centre does not know all of them, which the checks of each
        call tell."""
        calls = [call for scene in scenes if (call := found.call_of(scene.story)) is not None]
        return list(self.prove(scenes, calls, found)) if len(calls) == len(scenes) else []

    def problems(self, scenes: Sequence[Scene], found: Evidence) -> list[Problem]:
        """Every claim that is not so."""
        return [
            Problem(
                check=self.name,
                call=scene.story.number,
                call_id=call.call_id if (call := found.call_of(scene.story)) else None,
                told=told,
            )
            for scene, proof in zip(scenes, self.proofs(scenes, found), strict=False)
            for told in proof.wrong
        ]

    def shown(self, scenes: Sequence[Scene], found: Evidence) -> list[str]:
        """Every claim that is so, with its call."""
        return [
            f"call {scene.story.number}: {proof.claim}"
            for scene, proof in zip(scenes, self.proofs(scenes, found), strict=False)
            if not proof.wrong
        ]


def usual(calls: int, agents: int) -> Scenario:
    """The demo as it is when no scenario is asked for."""
    return Scenario(USUAL, "a hotline on an ordinary day", agents, lambda run: stories(calls, run))
