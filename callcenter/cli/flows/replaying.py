"""`callcenter flows replay`: past callers press the same keys again."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from callcenter.cli.failure import Failure
from callcenter.cli.flows.known import all_flows, one_flow
from callcenter.cli.journal import reading
from callcenter.cli.wall_clock import instant, midnight_before
from callcenter.flow_editing.rehearsing import around
from callcenter.places import Places
from callcenter.prompts.model import PromptText, prompt_key, voices_for
from callcenter.prompts.shipped import SHIPPED_DIRECTORY, read_manifest
from callcenter.replay.walking import Parted, parting, script_of, walk_again
from callcenter.replay.walks import Walk, Walks
from callcenter.settings import Settings
from ivr_flows.model import Flow
from ivr_flows.rehearsal import Rehearsal

DAY_MS = 24 * 3600 * 1000
EXAMPLES = 3
CHARACTER_MS = 220
"""How long speech takes for one Chinese sign, where nothing better is known."""
Turned = tuple[Walk, Rehearsal]


async def replay_callers(settings: Settings, begin: str | None, end: str | None, file: Path | None) -> None:
    """Print how many callers of the span would go another way now, where and whereto, with examples. The
    calls that arrived from ``begin`` (None: yesterday) up to before ``end`` (None: now) are meant; with a
    ``file`` only those of the flow in it. Raises Failure when there were none."""
    since = _yesterday(settings) if begin is None else instant(begin, "--from", settings)
    until = None if end is None else instant(end, "--to", settings)
    tried = None if file is None else one_flow(settings, str(file))
    flows = {tried.name: tried} if tried else all_flows(settings)
    walks = [
        walk
        for walk in (await _walks(settings, since, until)).done()
        if walk.arrived_at >= since and (until is None or walk.arrived_at < until)
    ]
    for name in sorted({walk.flow for walk in walks} - flows.keys()):
        if not tried:
            print(f"{name}: there is no such flow any more")
    known = [walk for walk in walks if walk.flow in flows]
    if not known:
        raise Failure("no caller went through these flows in that time -> choose another --from and --to")
    for name, flow in flows.items():
        own = [walk for walk in known if walk.flow == name]
        if own:
            _tell(flow, own, settings)


async def _walks(settings: Settings, since: int, until: int | None) -> Walks:
    """Calls that arrived in the span may have ended later: a day more is read."""
    walks = Walks()
    stored = since, (until or round(time.time() * 1000)) + DAY_MS
    async with reading(settings, Places.of(settings.centre), since, Walks.KINDS, stored) as (_, events):
        async for _, event in events:
            if until is not None and event.at >= until + DAY_MS:
                break
            walks.apply(event)
    return walks


def _yesterday(settings: Settings) -> int:
    return midnight_before(round(time.time() * 1000), settings) - DAY_MS


def _tell(flow: Flow, walks: list[Walk], settings: Settings) -> None:
    parted: dict[Parted, list[Turned]] = defaultdict(list)
    text_ms = lengths()
    surroundings = around(settings)
    elsewhere = untold = 0
    for walk in walks:
        number = surroundings.numbers.get(walk.did)
        calendars = {**surroundings.calendars, **(number.calendars if number else {})}
        again = walk_again(walk, flow, calendars, script_of(walk, flow, text_ms))
        where = parting(walk, again)
        untold += any(key.digit == "?" for key in walk.keys)
        if where is not None:
            parted[where].append((walk, again))
            elsewhere += walk.path[-1] != again.path[-1]
    count = sum(map(len, parted.values()))
    versions = sorted({walk.version for walk in walks})
    print(f"{flow.name}: {len(walks)} callers through {', '.join(versions)}; now version {flow.version}")
    print(
        f"  {len(walks) - count} would go the same way, {count} another, {elsewhere} of them to another end"
    )
    if untold:
        print(f"  {untold} keyed a number, which the journal does not tell: theirs is made up")
    if count and versions == [flow.version]:
        print(
            "  The flow has not changed: they differ by the settings, by a restart, or by a moment's timing."
        )
    for where, turned in sorted(parted.items(), key=lambda item: -len(item[1])):
        print(f"  {len(turned)} {_words(where)}")
        for walk, again in turned[:EXAMPLES]:
            print(f"    {walk.call_id}: ended at {walk.path[-1]} -> would end at {again.path[-1]}")


def _words(where: Parted) -> str:
    after = f"after '{where.node}'" if where.node else "at the start"
    then = f"to '{where.then}'" if where.then else "nowhere further"
    now = f"to '{where.now}'" if where.now else "nowhere further"
    return f"{after}: went {then}, would go {now}"


def lengths() -> Callable[[PromptText], int]:
    """How long each text takes: as its shipped audio does, else by its length."""
    shipped: Mapping[str, int] = {
        key: entry.duration_ms for key, entry in read_manifest(SHIPPED_DIRECTORY).items()
    }

    def text_ms(prompt: PromptText) -> int:
        key = prompt_key(prompt, voices_for(prompt.language)[0])
        return shipped.get(key) or max(1000, CHARACTER_MS * len(prompt.text))

    return text_ms
