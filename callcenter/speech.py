"""Which speech models this centre uses, and the worker processes that hold them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from asr.routing import AvailableModel, NoRoute, Route, route
from asr.workers import worker_command
from callcenter.flow_versions.service import flows_in_force
from callcenter.flow_versions.store import FlowStore
from callcenter.models.installed import installed_models
from callcenter.places import Places
from callcenter.settings import Settings

STREAMS_PER_PROCESSOR = 6
CLOSING_STREAMS = 2
"""A talk that makes room for a caller in a flow may still be closing when that caller's stream opens."""


@dataclass(frozen=True, slots=True)
class SpeechWorkerPlan:
    """One worker process: the model it holds, and how it is started."""

    model_id: str
    argv: tuple[str, ...]


def spoken_languages(settings: Settings, places: Places) -> tuple[str, ...]:
    """The languages in which the centre's numbers are answered, and those that callers can choose there."""
    numbers = (*settings.numbers.values(), settings.any_number)
    flows = flows_in_force(FlowStore(places.flow_versions), settings.centre.flows_dir)
    chosen = [
        language
        for number in numbers
        if number.flow in flows
        for language in flows[number.flow].content.languages
    ]
    return tuple(dict.fromkeys([*(number.language for number in numbers), *chosen]))


def choose(settings: Settings, places: Places, language: str) -> Route | NoRoute:
    """The model that hears calls in this language: what the settings ask for, of what is installed."""
    wanted = settings.speech.engines.get(language, "auto")
    if not settings.speech.enabled or wanted == "none":
        return NoRoute(f"recognition of {language} is switched off in the settings (speech)")
    return route(language, _usable(installed_models(places.models), wanted))


def live_streams(settings: Settings) -> int:
    """How many streams may be recognised at once."""
    wanted = settings.speech.live_streams
    return STREAMS_PER_PROCESSOR * (os.cpu_count() or 1) if wanted is None else wanted


def speech_workers(settings: Settings, places: Places) -> tuple[SpeechWorkerPlan, ...]:
    """One worker for each model that some language of the centre needs."""
    languages: dict[str, list[str]] = {}
    engines: dict[str, str] = {}
    for language in spoken_languages(settings, places):
        chosen = choose(settings, places, language)
        if isinstance(chosen, Route):
            languages.setdefault(chosen.model_id, []).append(chosen.language)
            engines[chosen.model_id] = chosen.engine
    return tuple(
        SpeechWorkerPlan(
            model_id,
            tuple(
                worker_command(
                    socket_path=places.speech_socket(model_id).resolve(),
                    model_dir=(places.models / model_id).resolve(),
                    model_id=model_id,
                    engine=engines[model_id],
                    languages=tuple(heard),
                    streams=live_streams(settings) + CLOSING_STREAMS,
                )
            ),
        )
        for model_id, heard in languages.items()
    )


def _usable(models: Iterable[AvailableModel], wanted: str) -> list[AvailableModel]:
    return [model for model in models if wanted in ("auto", model.engine)]
