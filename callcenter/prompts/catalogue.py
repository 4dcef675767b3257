"""What speaks each text: for `python -m callcenter.prompts list`, and whoever else wants to show it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from callcenter.prompts import audio
from callcenter.prompts.model import TONE, PromptText, prompt_key, voices_for
from callcenter.prompts.recordings import RECORDED, RecordedPrompt, Recordings
from callcenter.prompts.shipped import SHIPPED_DIRECTORY, ShippedPrompt, read_manifest


class State(StrEnum):
    """What callers hear of a text, the best first; ``stale`` is audio of a text that nothing says now."""

    RECORDED = "recorded"
    SHIPPED = "shipped"
    RENDERED = "rendered"
    PLACEHOLDER = "poor"
    """Spoken by a voice that is only better than none."""
    MISSING = "missing"
    """Beeps, until something can speak it."""
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Line:
    """One text. Of stale audio in the cache only the name of its file is known."""

    state: State
    language: str
    text: str


def words(prompt: PromptText) -> PromptText:
    """The text as it is compared: without line folding."""
    return PromptText(" ".join(prompt.text.split()), prompt.language)


def catalogue(
    texts: Iterable[PromptText], prompts: Path, own: Path, shipped: Path = SHIPPED_DIRECTORY
) -> list[Line]:
    """Every text that callers can hear, then all stale audio: rendered in ``prompts``, recorded in ``own``.

    Looks only; renders and removes nothing. Raises audio.AudioError when a manifest is damaged.
    """
    said = list(dict.fromkeys(words(prompt) for prompt in texts))
    recordings = Recordings(own / RECORDED)
    manifest = read_manifest(shipped)
    lines = [
        Line(_state(prompt, recordings, manifest.keys(), prompts / "speech"), prompt.language, prompt.text)
        for prompt in said
    ]
    known = set(said)
    stale = [
        PromptText(entry.text, entry.language)
        for entry in _entries(recordings, manifest.values())
        if words(PromptText(entry.text, entry.language)) not in known
    ]
    lines += [Line(State.STALE, prompt.language, prompt.text) for prompt in dict.fromkeys(stale)]
    wanted = {
        prompt_key(prompt, voice) for prompt in (*said, *stale) for voice in voices_for(prompt.language)
    }
    cached = sorted(path.stem for path in (prompts / "speech").glob("*.wav16"))
    tone = prompt_key(PromptText("(no audio)", ""), TONE)
    return lines + [Line(State.STALE, "", f"speech/{key}") for key in cached if key not in {*wanted, tone}]


def _entries(
    recordings: Recordings, shipped: Iterable[ShippedPrompt]
) -> Iterator[RecordedPrompt | ShippedPrompt]:
    yield from recordings.entries()
    yield from shipped


def _state(prompt: PromptText, recordings: Recordings, shipped: Iterable[str], cache: Path) -> State:
    if audio.is_written(recordings.stem(prompt)):
        return State.RECORDED
    for voice in voices_for(prompt.language):
        key = prompt_key(prompt, voice)
        if voice == TONE:
            break
        if key in shipped:
            return State.SHIPPED
        if audio.is_written(cache / key):
            return State.PLACEHOLDER if voice.placeholder else State.RENDERED
    return State.MISSING
