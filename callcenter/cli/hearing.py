"""Which languages of the centre nobody can hear, why, and what to do."""

from __future__ import annotations

from asr.model import primary_language
from asr.routing import NoRoute
from callcenter.models.catalogue import CATALOGUE
from callcenter.models.installed import list_models
from callcenter.models.model import ModelState
from callcenter.places import Places
from callcenter.settings import Settings
from callcenter.speech import choose


def why_unheard(settings: Settings, places: Places, language: str) -> str | None:
    """The reason why calls in this language get no transcript, with its cure; None when they get one."""
    chosen = choose(settings, places, language)
    if not isinstance(chosen, NoRoute):
        return None
    wanted = settings.speech.engines.get(language, "auto")
    if not settings.speech.enabled or wanted == "none":
        return chosen.reason
    wanted_models = [
        model
        for model in CATALOGUE
        if primary_language(language) in model.languages and wanted in ("auto", model.engine)
    ]
    if not wanted_models:
        return (
            f"{chosen.reason} -> no model of the catalogue does, with the engine {wanted!r} of the settings"
        )
    ids = " or ".join(model.model_id for model in wanted_models)
    for found in list_models(places.models):
        if found.model in wanted_models and found.state is ModelState.BROKEN:
            return f"{found.problems[0]} -> remove {found.directory}, then `callcenter models install {ids}`"
    return f"{chosen.reason} -> `callcenter models install ID`, with {ids}"
