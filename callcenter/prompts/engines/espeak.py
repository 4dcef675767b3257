"""espeak-ng, called in-process through its C interface: a voice for any language, for placeholders only.

The library comes from the optional package `espeakng-loader` or from the machine (Debian: libespeak-ng1).
Protocol source: speak_lib.h of espeak-ng 1.51. The library keeps process-wide state: one instance at a time.
"""

import ctypes
import ctypes.util
import importlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callcenter.prompts.engines import SynthesisError
from callcenter.prompts.model import Voice

_AUDIO_OUTPUT_RETRIEVAL: Final = 1
_POSITION_CHARACTER: Final = 1
_CHARS_UTF8: Final = 1
_PARAMETER_RATE: Final = 1
_WORDS_PER_MINUTE: Final = 160

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def _library() -> tuple[ctypes.CDLL, bytes | None]:
    """The shared library and its data folder (None: the library knows its own)."""
    try:
        loader = importlib.import_module("espeakng_loader")
        return ctypes.CDLL(loader.get_library_path()), str(loader.get_data_path()).encode()
    except (ImportError, OSError, RuntimeError):
        found = ctypes.util.find_library("espeak-ng")
    if found is None:
        raise SynthesisError("espeak-ng is not installed; install the extra `tts` or Debian's libespeak-ng1")
    return ctypes.CDLL(found), None


class EspeakSynthesizer:
    """Raises SynthesisError when the library is not installed."""

    name = "espeak"

    def __init__(self) -> None:
        self._library, data = _library()
        self._rate_hz = int(self._library.espeak_Initialize(_AUDIO_OUTPUT_RETRIEVAL, 0, data, 0))
        if self._rate_hz <= 0:
            raise SynthesisError(
                "espeak-ng did not start: its data folder is missing; install espeak-ng-data"
            )
        self._chunks: list[NDArray[np.int16]] = []
        self._callback = _Callback(self._take)  # kept: the library holds only a bare pointer to it
        self._library.espeak_SetSynthCallback(self._callback)

    def synthesize(self, text: str, language: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        """Speak `text` with the espeak voice `voice.name`, usually at 22050 Hz."""
        if self._library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise SynthesisError(f"espeak-ng has no voice {voice.name!r} for language {language}")
        self._library.espeak_SetParameter(_PARAMETER_RATE, round(_WORDS_PER_MINUTE * voice.speed), 0)
        self._chunks.clear()
        said = text.encode() + b"\0"
        status = self._library.espeak_Synth(
            said, len(said), 0, _POSITION_CHARACTER, 0, _CHARS_UTF8, None, None
        )
        self._library.espeak_Synchronize()
        if status != 0 or not self._chunks:
            raise SynthesisError(f"espeak-ng said nothing for language {language} (status {status})")
        samples = np.concatenate(self._chunks) / np.float32(32768)
        return np.asarray(samples, dtype=np.float32), self._rate_hz

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: object) -> int:
        """Called by the library with each piece of audio; 0 tells it to go on."""
        if count > 0:
            self._chunks.append(np.ctypeslib.as_array(samples, shape=(count,)).astype(np.int16))
        return 0
