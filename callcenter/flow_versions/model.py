"""What is published and what may be done next: the publishing log as a fold. Pure.

A version is an immutable set of flow files with a number. The log is the list of actions; which version is in
force and which is staged is derived from it, so that the two can never contradict each other.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from callcenter.domain.flow_stage import Guards

Files = Mapping[str, bytes]
"""The flow files by name, as they were written."""


class NotNow(Exception):
    """What was asked for cannot be done in this state; the text is a whole message with its cure."""


@dataclass(frozen=True, slots=True)
class Version:
    """One published set. ``at`` in ms since the Unix epoch, UTC; ``content`` is the hash of all files,
    ``files`` of each; ``flows`` are the flows' own hashes, which leave out comments and layout."""

    number: int
    at: int
    author: str
    note: str
    content: str
    flows: Mapping[str, str]
    files: Mapping[str, str]


class Deed(StrEnum):
    """What an action did."""

    PUBLISHED = "published"
    ROLLED_BACK = "rolled_back"
    STAGED = "staged"
    SHARE_SET = "share_set"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"
    GUARD = "withdrawn_by_guard"


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the publishing log. ``action`` numbers the entries from 1; ``number`` is the version that
    it is about; ``percent`` and ``guards`` are of a stage, ``note`` says why."""

    action: int
    at: int
    deed: Deed
    number: int
    author: str
    note: str = ""
    percent: int = 0
    guards: Guards | None = None
    command: bool = False
    """Done from the command line: the audit log hears of it from here."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            name: value
            for name, value in asdict(self).items()
            if value not in ("", None) and value is not False
        }

    @staticmethod
    def from_dict(state: Mapping[str, Any]) -> Action:
        """The action that ``to_dict`` wrote. Raises TypeError or ValueError for anything else."""
        guards = state.get("guards")
        return Action(
            **{**state, "deed": Deed(state["deed"]), "guards": Guards(**guards) if guards else None}
        )


@dataclass(frozen=True, slots=True)
class StagedVersion:
    """The version that a share of the callers takes; ``began`` is the action that began it, and its name."""

    number: int
    percent: int
    began: int
    guards: Guards


@dataclass(frozen=True, slots=True)
class State:
    """What the log comes to: the version in force (0: none was published), since which action, the one
    staged, and all that were ever in force. ``action`` is the last entry, ``highest`` the highest version."""

    action: int = 0
    number: int = 0
    since: int = 0
    staged: StagedVersion | None = None
    were_in_force: frozenset[int] = frozenset()
    highest: int = 0


def state_of(actions: Iterable[Action]) -> State:
    """The state after these actions, in their order."""
    state = State()
    for action in actions:
        state = _after(state, action)
    return state


def _after(state: State, action: Action) -> State:
    highest = max(state.highest, action.number)
    state = replace(state, action=action.action, highest=highest)
    match action.deed:
        case Deed.PUBLISHED | Deed.ROLLED_BACK | Deed.FINISHED:
            were = state.were_in_force | {action.number}
            return replace(state, number=action.number, since=action.action, staged=None, were_in_force=were)
        case Deed.STAGED:
            guards = action.guards or Guards()
            return replace(state, staged=StagedVersion(action.number, action.percent, action.action, guards))
        case Deed.SHARE_SET if state.staged is not None:
            return replace(state, staged=replace(state.staged, percent=action.percent))
        case _:
            return replace(state, staged=None)


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something, when (ms since the Unix epoch, UTC), and why; ``command``: by a command."""

    at: int
    author: str
    note: str = ""
    command: bool = False


def published(state: State, number: int, doing: Doing, percent: int | None, guards: Guards) -> Action:
    """The action that publishes this new version, for all (None) or for ``percent`` of new callers.

    Raises NotNow while another version is staged, or when there is nothing to compare with.
    """
    _must_not_be_staged(state)
    if percent is None:
        return _action(state, doing, Deed.PUBLISHED, number)
    _must_be_published(state)
    return replace(_action(state, doing, Deed.STAGED, number), percent=percent, guards=guards)


def rolled_back(state: State, number: int | None, doing: Doing) -> Action:
    """The action that puts an older version in force again, by default the one before (of those that ever
    were in force). It also ends a stage: in need nobody should have to do two things. Raises NotNow."""
    _must_be_published(state)
    if number is None:
        number = max((n for n in state.were_in_force if n < state.number), default=0)
        if not number:
            raise NotNow(f"no version before {state.number} was ever in force -> publish other flows instead")
    if not 1 <= number <= state.highest:
        raise NotNow(f"there is no version {number} -> `callcenter flows log` lists them")
    if number == state.number and state.staged is None:
        raise NotNow(f"version {number} is in force already -> nothing is to be done")
    return _action(state, doing, Deed.ROLLED_BACK, number)


def share_set(state: State, percent: int, doing: Doing) -> Action:
    """The action that lets another share of new callers take the staged version. Raises NotNow."""
    return replace(_action(state, doing, Deed.SHARE_SET, _staged(state).number), percent=percent)


def finished(state: State, doing: Doing) -> Action:
    """The action that puts the staged version in force for all. Raises NotNow."""
    return _action(state, doing, Deed.FINISHED, _staged(state).number)


def withdrawn(state: State, doing: Doing, *, by_guard: bool = False) -> Action:
    """The action that ends the stage; all new callers take the version in force. Raises NotNow."""
    return _action(state, doing, Deed.GUARD if by_guard else Deed.WITHDRAWN, _staged(state).number)


def _action(state: State, doing: Doing, deed: Deed, number: int) -> Action:
    return Action(state.action + 1, doing.at, deed, number, doing.author, doing.note, command=doing.command)


def _must_be_published(state: State) -> None:
    if not state.number:
        raise NotNow(
            "nothing was published yet -> `callcenter flows publish` puts the first version in force"
        )


def _must_not_be_staged(state: State) -> None:
    if state.staged is not None:
        told = f"version {state.staged.number} is staged for {state.staged.percent} % of new callers"
        raise NotNow(f"{told} -> end that first: `callcenter flows stage --finish` or `--withdraw`")


def _staged(state: State) -> StagedVersion:
    if state.staged is None:
        raise NotNow("no version is staged -> `callcenter flows publish --percent N` stages one")
    return state.staged


# --- contents ----------------------------------------------------------------------------------------------


def hash_of(source: bytes) -> str:
    """The hash of one file."""
    return hashlib.sha256(source).hexdigest()


def content_of(files: Files) -> str:
    """The hash of a whole set: names and bytes."""
    named = "".join(f"{name}\0{hash_of(source)}\n" for name, source in sorted(files.items()))
    return hash_of(named.encode())


def difference(before: Files, after: Files, labels: tuple[str, str]) -> Iterator[str]:
    """A unified diff of the two sets, line by line without line ends; nothing when they are equal. ``labels``
    are put before the files' names."""
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            from_, to = (
                f"{label}/{name}" if source is not None else "/dev/null"
                for label, source in zip(labels, (old, new), strict=True)
            )
            yield from difflib.unified_diff(_lines(old), _lines(new), from_, to, lineterm="")


def summary(before: Files, after: Files) -> str:
    """What changed, in a few words: ``hotline.yaml +3 -1, new: night.yaml``; empty when nothing did."""
    told = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is None or new is None:
            told.append(f"{'new' if old is None else 'removed'}: {name}")
            continue
        marks = [line[:1] for line in difflib.unified_diff(_lines(old), _lines(new), n=0, lineterm="")][2:]
        told.append(f"{name} +{marks.count('+')} -{marks.count('-')}")
    return ", ".join(told)


def _lines(source: bytes | None) -> list[str]:
    return (source or b"").decode("utf-8", errors="replace").splitlines()
