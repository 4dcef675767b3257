"""The audio that comes with the flows: small Ogg files and the manifest that says what each one is."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from callcenter.prompts import audio
from callcenter.prompts.engines import SpeechSynthesizer, open_engine
from callcenter.prompts.model import PromptText, Voice, prompt_key, voices_for

MANIFEST_NAME: Final = "manifest.json"
SHIPPED_DIRECTORY: Final = Path(__file__).resolve().parents[2] / "ivr_flows" / "audio"


@dataclass(frozen=True, slots=True)
class ShippedPrompt:
    """One line of the manifest. `key` names the file `<key>.ogg`; `sha256` is of that file."""

    key: str
    text: str
    language: str
    voice: str
    engine: str
    model_version: str
    speed: float
    duration_ms: int
    sha256: str


def read_manifest(directory: Path) -> dict[str, ShippedPrompt]:
    """The shipped prompts by key; empty when there is no manifest.

    Raises audio.AudioError when the manifest cannot be understood.
    """
    path = directory / MANIFEST_NAME
    if not path.is_file():
        return {}
    try:
        entries = [ShippedPrompt(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as error:
        raise audio.AudioError(f"{path} is not a prompt manifest: {error}") from error
    return {entry.key: entry for entry in entries}


def write_manifest(directory: Path, entries: Iterable[ShippedPrompt]) -> None:
    """Write the manifest sorted by language and text, one prompt a line, so that its diffs can be read."""
    ordered = sorted(entries, key=lambda entry: (entry.language, entry.text, entry.voice))
    lines = ",\n".join(json.dumps(asdict(entry), ensure_ascii=False) for entry in ordered)
    path = directory / MANIFEST_NAME
    part = path.with_suffix(".part")
    part.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    os.replace(part, path)


def render_shipped(
    texts: Iterable[PromptText], directory: Path = SHIPPED_DIRECTORY
) -> Iterator[ShippedPrompt]:
    """Render what is missing with the best voice of its language, yielding each new entry as it is written.

    Never ships a placeholder: raises engines.SynthesisError when the best voice's engine is not installed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    entries = read_manifest(directory)
    engines: dict[str, SpeechSynthesizer] = {}
    for prompt in dict.fromkeys(texts):
        voice = voices_for(prompt.language)[0]
        key = prompt_key(prompt, voice)
        if key in entries and (directory / f"{key}.ogg").is_file():
            continue
        if voice.engine not in engines:
            engines[voice.engine] = open_engine(voice.engine)
        entries[key] = _render_one(directory / f"{key}.ogg", prompt, voice, engines[voice.engine])
        write_manifest(directory, entries.values())
        yield entries[key]


def _render_one(path: Path, prompt: PromptText, voice: Voice, engine: SpeechSynthesizer) -> ShippedPrompt:
    samples = audio.finish_speech(*engine.synthesize(prompt.text, prompt.language, voice))
    audio.write_speech_ogg(path, samples)
    return ShippedPrompt(
        key=path.stem,
        text=prompt.text,
        language=prompt.language,
        voice=voice.name,
        engine=voice.engine,
        model_version=voice.model_version,
        speed=voice.speed,
        duration_ms=round(1000 * len(samples) / audio.WIDEBAND_HZ),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def prune_shipped(texts: Iterable[PromptText], directory: Path = SHIPPED_DIRECTORY) -> list[ShippedPrompt]:
    """Remove the audio of texts that nothing says any more; returns what was removed."""
    wanted = {prompt_key(prompt, voices_for(prompt.language)[0]) for prompt in texts}
    entries = read_manifest(directory)
    stale = [entry for key, entry in entries.items() if key not in wanted]
    write_manifest(directory, (entry for key, entry in entries.items() if key in wanted))
    for entry in stale:
        (directory / f"{entry.key}.ogg").unlink(missing_ok=True)
    return stale
