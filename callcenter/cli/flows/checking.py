"""`callcenter flows check`: every mistake of every flow at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from callcenter import assembly
from callcenter.cli.flows.known import flows_directory, read, single_flows
from callcenter.places import Places
from callcenter.prompts.audio import is_written
from callcenter.prompts.catalogue import catalogue, seconds_of, words
from callcenter.prompts.engines import is_installed
from callcenter.prompts.model import TONE, PromptText, Voice, prompt_key, voices_for
from callcenter.prompts.recordings import RECORDED, Recordings
from callcenter.prompts.shipped import SHIPPED_DIRECTORY, read_manifest
from callcenter.settings import Settings
from ivr_flows.check import prompts_of
from ivr_flows.check.reach import Reach, human_reach, seconds_by_length
from ivr_flows.check.subflows import subflow_mistakes
from ivr_flows.loader import linked, load_flow
from ivr_flows.model import Flow
from located_yaml import Mistake, Mistakes


def check_flows(settings: Settings, files: Sequence[Path]) -> int:
    """Print all mistakes; the exit status. Without ``files`` the centre's flows are meant, and the numbers
    that lead to them are checked too."""
    paths = list(files) or sorted(flows_directory(settings).glob("*.yaml"))
    found, flows = _mistakes(settings, paths)
    if not files:
        found += assembly.numbers_without_flow(settings, [flow.name for flow in flows])
    for mistake in Mistakes(found).found:
        print(mistake)
    for line in _far_from_a_human(settings, flows) if not found else ():
        print(line)
    hollow = _poorly_spoken(settings, flows)
    for name, count in hollow.items():
        print(
            f"{name}: {count} texts are spoken by a placeholder voice; install the extra 'tts' for a good one"
        )
    sound = ", ".join(flow.name for flow in flows) if not found else ""
    print(f"{len(found)} mistakes in {len(paths)} files" if found else f"all is well: {sound or 'no flows'}")
    return 1 if found else 0


def _mistakes(settings: Settings, paths: Sequence[Path]) -> tuple[list[Mistake], list[Flow]]:
    """What is wrong, and the flows that are sound in themselves; with their sub-flows when nothing is."""
    found: list[Mistake] = []
    flows: dict[str, Flow] = {}
    read_well: list[Flow] = []
    for path in paths:
        try:
            flow = load_flow(read(path), str(path))
        except Mistakes as wrong:
            found += wrong.found
            continue
        if other := flows.get(flow.name):
            told = f"the flow '{flow.name}' is already in {other.source.file}"
            found.append(flow.source.mistake(("flow",), told))
        flows[flow.name] = flow
        read_well.append(flow)
    has_audio = _audio(settings, lambda voice: voice != TONE)
    found += assembly.mistakes_between(settings, read_well, has_audio)
    if found:
        return found, list(flows.values())
    beside = {name: flow for name, flow in _beside(paths).items() if name not in flows}
    between = [
        mistake
        for mistake in subflow_mistakes({**beside, **flows})
        if mistake.file in {str(path) for path in paths}
    ]
    known = list(flows.values()) if between else [linked({**beside, **flows})[name] for name in flows]
    return between, known


def _beside(paths: Sequence[Path]) -> dict[str, Flow]:
    """The flows in the files beside these, which may be their sub-flows."""
    return single_flows(sorted({file for one in paths for file in one.parent.glob("*.yaml")} - {*paths}))


def _poorly_spoken(settings: Settings, flows: Sequence[Flow]) -> dict[str, int]:
    """How many texts of each flow have a placeholder voice at best."""
    well = _audio(settings, lambda voice: not voice.placeholder)
    some = _audio(settings, lambda voice: voice != TONE)
    counts = {
        flow.name: sum(some(prompt) and not well(prompt) for prompt in prompts_of(flow)) for flow in flows
    }
    return {name: count for name, count in counts.items() if count}


def _far_from_a_human(settings: Settings, flows: Sequence[Flow]) -> Iterator[str]:
    """How far it is to a human in each flow and language, and a warning when that is too far."""
    said = {prompt: () for flow in flows for prompt in prompts_of(flow)}
    places = Places.of(settings.centre)
    files = {line.prompt: line.file for line in catalogue(said, places.prompts, places.own_prompts)}

    def seconds(prompt: PromptText) -> float:
        file = files.get(words(prompt))
        return seconds_by_length(prompt) if file is None else seconds_of(file)

    limits = settings.human_reach
    inner = {name for flow in flows for name in flow.subflows}
    for flow in flows:
        if flow.name in inner and flow.content.human is None:
            continue  # the way to a human is that of the flow around
        for language in flow.content.languages:
            reach = human_reach(flow, seconds, language)
            if reach.usual is None or reach.worst is None:
                yield f"{flow.name} ({language}): no way leads to a human"
                continue
            for how, way in (("usually", reach.usual), ("at worst", reach.worst)):
                yield f"{flow.name} ({language}): to a human {how} {_told(way)}"
            if reach.usual.seconds > limits.usual_sec or reach.usual.keys > limits.keys:
                told = f"{limits.usual_sec:g} s and {limits.keys} keys of human_reach"
                yield f"warning: {flow.name} ({language}): usually farther than the {told}: shorten the menus"
            if reach.worst.seconds > limits.worst_sec:
                told = f"{limits.worst_sec:g} s of human_reach.worst_sec"
                yield f"warning: {flow.name} ({language}): at worst farther than the {told}: fewer retries?"


def _told(way: Reach) -> str:
    return f"{way.seconds:.0f} s, {way.keys} {'key' if way.keys == 1 else 'keys'}: {' > '.join(way.nodes)}"


def _audio(settings: Settings, good_enough: Callable[[Voice], bool]) -> Callable[[PromptText], bool]:
    """Whether a text was recorded, or has, or will be given at the next start, the audio of such a voice."""
    shipped = read_manifest(SHIPPED_DIRECTORY).keys()
    places = Places.of(settings.centre)
    rendered, recordings = places.prompts / "speech", Recordings(places.own_prompts / RECORDED)

    def has_audio(prompt: PromptText) -> bool:
        return is_written(recordings.stem(prompt)) or any(
            (key := prompt_key(prompt, voice)) in shipped
            or (rendered / f"{key}.wav").is_file()
            or is_installed(voice.engine)
            for voice in voices_for(prompt.language)
            if good_enough(voice)
        )

    return has_audio
