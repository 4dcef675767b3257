"""Which model hears a call."""

from __future__ import annotations

import pytest

from asr.routing import AvailableModel, NoRoute, Route, route

VOSK_KO = AvailableModel("vosk-ko", "vosk", ("ko",))
VOSK_ZH = AvailableModel("vosk-zh-small", "vosk", ("zh",))
VOSK_ZH_BIG = AvailableModel("vosk-zh-big", "vosk", ("zh",))
WHISPER = AvailableModel("whisper-base", "whisper", ("zh", "en"))


@pytest.mark.parametrize(
    ("language", "available", "expected"),
    [
        ("ko", [WHISPER, VOSK_KO], "vosk-ko"),
        ("zh", [WHISPER, VOSK_KO], "whisper-base"),
        ("zh-CN", [WHISPER, VOSK_ZH], "vosk-zh-small"),
        ("zh", [VOSK_ZH_BIG, VOSK_ZH], "vosk-zh-big"),
        ("en_US", [WHISPER], "whisper-base"),
    ],
)
def test_vosk_comes_first_and_whisper_fills_in(
    language: str, available: list[AvailableModel], expected: str
) -> None:
    """Vosk hears what it has a model for; Whisper hears the rest of what it knows."""
    chosen = route(language, available)
    assert isinstance(chosen, Route)
    assert chosen.model_id == expected


@pytest.mark.parametrize(
    ("available", "named"), [([], "none"), ([VOSK_KO, WHISPER], "vosk-ko, whisper-base")]
)
def test_language_without_a_model_says_what_is_installed(available: list[AvailableModel], named: str) -> None:
    """The reason names the language and the models there are."""
    chosen = route("fr", available)
    assert isinstance(chosen, NoRoute)
    assert "'fr'" in chosen.reason
    assert named in chosen.reason
