"""What a prompt is, which voice speaks it, and what became of the ones that were asked for. Pure."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr_flows.effects import BEEP, PromptText

__all__ = [
    "LANGUAGES",
    "PromptProblem",
    "PromptReport",
    "PromptText",
    "Voice",
    "prompt_key",
    "voices_for",
]

LANGUAGES: Final = ("zh", "en", "ko")


@dataclass(frozen=True, slots=True)
class Voice:
    """Everything besides the text that shapes the sound.

    `model_version` names the weights, so that new weights give new keys and the audio is rendered anew.
    `placeholder` marks a voice that is good enough to notice a missing prompt, never good enough to ship.
    """

    engine: str
    name: str
    model_version: str
    speed: float = 1.0
    placeholder: bool = False


KOKORO_MODEL: Final = "kokoro-v1.0.int8"
TONE: Final = Voice(engine="tone", name="beeps", model_version="1", placeholder=True)


def _voices(kokoro: str, espeak: str, speed: float = 1.0) -> tuple[Voice, ...]:
    return (
        Voice(engine="kokoro", name=kokoro, model_version=KOKORO_MODEL, speed=speed),
        Voice(engine="espeak", name=espeak, model_version="espeak-ng-1", placeholder=True),
        TONE,
    )


# Best first. A prompt is spoken by the first voice that has its audio, or whose engine is installed.
VOICES: Final[Mapping[str, tuple[Voice, ...]]] = {
    "zh": _voices("zf_xiaoxiao", "cmn"),
    "en": _voices("af_heart", "en-us"),
    "ko": _voices("jf_alpha", "ko"),
    BEEP.language: (Voice(engine="tone", name="beep", model_version="1"),),
}


def voices_for(language: str) -> tuple[Voice, ...]:
    """The voices of `language`, best first; an unknown language has only the tone, which needs no words."""
    return VOICES.get(language, (TONE,))


def prompt_key(prompt: PromptText, voice: Voice) -> str:
    """The name of the prompt's audio: 32 hex digits of the SHA-256 over text, language and voice.

    Texts that differ only in line folding or Unicode form (NFC) have one key. Half the digest (128 bits)
    keeps file names and logs readable and still never collides by chance.
    """
    text = " ".join(unicodedata.normalize("NFC", prompt.text).split())
    parts = (text, prompt.language, voice.engine, voice.name, f"{voice.speed:g}", voice.model_version)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class PromptProblem:
    """A prompt that callers hear otherwise than meant, in one line: what, where, and the cure."""

    prompt: PromptText
    what: str
    where: str
    cure: str

    def __str__(self) -> str:
        return (
            f"prompt {self.prompt.text!r} ({self.prompt.language}): {self.what} ({self.where}); {self.cure}"
        )


@dataclass(frozen=True, slots=True)
class PromptReport:
    """What `PromptStore.ensure` did. Every prompt asked for is in exactly one of the first five.

    `cached` had their files already, `shipped` were decoded from the shipped audio, `rendered` were
    synthesised by a full voice, `placeholders` have audio, but of a placeholder voice, and `missing` have
    none. `problems` says so line by line, for the operator.
    """

    cached: tuple[PromptText, ...] = ()
    shipped: tuple[PromptText, ...] = ()
    rendered: tuple[PromptText, ...] = ()
    placeholders: tuple[PromptText, ...] = ()
    missing: tuple[PromptText, ...] = ()
    problems: tuple[PromptProblem, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """True when every prompt is spoken by a full voice."""
        return not (self.placeholders or self.missing)

    @property
    def total(self) -> int:
        """How many different prompts were asked for."""
        groups = (self.cached, self.shipped, self.rendered, self.placeholders, self.missing)
        return sum(len(group) for group in groups)
