"""Every mistake of flows that are being written, and what callers would not like about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callcenter import assembly
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
from ivr_flows.loader import linked, load_each
from ivr_flows.model import Flow
from located_yaml import Mistake, Mistakes


@dataclass(frozen=True, slots=True)
class Checked:
    """``mistakes`` in the order of their files; ``flows`` are those sound in themselves, with their sub-flows
    when there is no mistake at all."""

    mistakes: tuple[Mistake, ...]
    flows: list[Flow]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be known of a flow; one that ``warns`` should be acted upon."""

    flow: Flow
    message: str
    warns: bool = True


def checked(
    settings: Settings, sources: Mapping[str, str | bytes], beside: Mapping[str, Flow], *, numbers: bool
) -> Checked:
    """The flows of these sources by file name, checked in themselves, against the settings, and with those
    ``beside`` them that may be their sub-flows. ``numbers``: so that these are all of the centre's, and its
    numbers must lead to them."""
    read_well, found = load_each(sources)
    flows = {flow.name: flow for flow in read_well}
    has_audio = _audio(settings, lambda voice: voice != TONE)
    found += assembly.mistakes_between(settings, read_well, has_audio)
    if not found:
        known = {**{name: flow for name, flow in beside.items() if name not in flows}, **flows}
        found += (mistake for mistake in subflow_mistakes(known) if mistake.file in sources)
        if not found:
            whole = linked(known)
            flows = {name: whole[name] for name in flows}
    if numbers:
        found += assembly.numbers_without_flow(settings, flows)
    return Checked(Mistakes(found).found, list(flows.values()))


def remarks(settings: Settings, flows: Sequence[Flow]) -> Iterator[Remark]:
    """How far it is to a human in each flow and language, with a warning where that is too far."""
    said = {prompt: () for flow in flows for prompt in prompts_of(flow)}
    places = Places.of(settings.centre)
    files = {line.prompt: line.file for line in catalogue(said, places.prompts, places.own_prompts)}

    def seconds(prompt: PromptText) -> float:
        file = files.get(words(prompt))
        return seconds_by_length(prompt) if file is None else seconds_of(file)

    inner = {name for flow in flows for name in flow.subflows}
    for flow in flows:
        if flow.name in inner and flow.content.human is None:
            continue  # the way to a human is that of the flow around
        for language in flow.content.languages:
            yield from _far(settings, flow, language, seconds)


def _far(
    settings: Settings, flow: Flow, language: str, seconds: Callable[[PromptText], float]
) -> Iterator[Remark]:
    name, limits = f"{flow.name} ({language})", settings.human_reach
    reach = human_reach(flow, seconds, language)
    if reach.usual is None or reach.worst is None:
        yield Remark(flow, f"{name}: no way leads to a human", warns=False)
        return
    for how, way in (("usually", reach.usual), ("at worst", reach.worst)):
        yield Remark(flow, f"{name}: to a human {how} {_told(way)}", warns=False)
    if reach.usual.seconds > limits.usual_sec or reach.usual.keys > limits.keys:
        told = f"{limits.usual_sec:g} s and {limits.keys} keys of human_reach"
        yield Remark(flow, f"{name}: usually farther than the {told}: shorten the menus")
    if reach.worst.seconds > limits.worst_sec:
        told = f"{limits.worst_sec:g} s of human_reach.worst_sec"
        yield Remark(flow, f"{name}: at worst farther than the {told}: fewer retries?")


def poorly_spoken(settings: Settings, flows: Iterable[Flow]) -> Iterator[Remark]:
    """How many texts of each flow have a placeholder voice at best."""
    well = _audio(settings, lambda voice: not voice.placeholder)
    some = _audio(settings, lambda voice: voice != TONE)
    for flow in flows:
        count = sum(some(prompt) and not well(prompt) for prompt in prompts_of(flow))
        if count:
            told = f"{count} texts are spoken by a placeholder voice; install the extra 'tts' for a good one"
            yield Remark(flow, f"{flow.name}: {told}")


def node_of(mistake: Mistake) -> str:
    """The node that the mistake is in; empty when it is in none."""
    match mistake.path:
        case ("nodes", str(name), *_):
            return name
        case _:
            return ""


def _told(way: Reach) -> str:
    return f"{way.seconds:.0f} s, {way.keys} {'key' if way.keys == 1 else 'keys'}: {' > '.join(way.nodes)}"


def _audio(settings: Settings, good_enough: Callable[[Voice], bool]) -> Callable[[PromptText], bool]:
    """Whether a text was recorded, or has, or will be given at the next start, the audio of such a voice."""
    shipped: Collection[str] = read_manifest(SHIPPED_DIRECTORY).keys()
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
